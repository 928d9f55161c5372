"""The digest in a channel: a real HTTP server stands in for Slack and Microsoft Teams."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from django.test.utils import override_settings

from dashboards.digest import chat as chat_of_digest
from dashboards.digest.handing import hand_over
from dashboards.models import Delivery, Subscription
from delivery import secrets
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed, waiting

pytestmark = pytest.mark.django_db
S = Delivery.State
TRAP = "[Log in again](https://evil.example)"
QUOTED = r"\[Log in again\]\(https://evil.example\)"


@dataclass
class Hook:
    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    says: bytes = b"no_such_channel"
    waits: float = 0.0  # seconds before it answers


@contextmanager
def hooked() -> Iterator[Hook]:
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            code = told.answers.pop(0) if told.answers else 200
            time.sleep(told.waits)
            if code == 0:
                return
            self.send_response(code)
            self.end_headers()
            self.wfile.write(b"ok" if code == 200 else told.says)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}/services/T/B/secret"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with hooked() as told, override_settings(ALLOW_PRIVATE_SOURCES=True):
        yield told


def chat(people: Organisation, hook: Hook, kind: str = "slack") -> Delivery:
    row = waiting(subscribed(people.director, chat=kind, webhook=secrets.seal(hook.url)))
    Delivery.objects.filter(pk=row.pk).update(channel="chat")
    return row


def test_slack_gets_the_same_shortened(people: Organisation, hook: Hook, still_clock: datetime) -> None:
    for number in range(7):
        promised(people.team, f"<!channel> Late {number}", 0.9 - number / 100, before=0.1)
    row = chat(people, hook)
    assert hand_over([row.pk]) == {S.SENT: 1}
    [body] = hook.bodies
    told = json.dumps(body, ensure_ascii=False)
    assert body["text"].startswith("7 of 7 likely to miss")
    assert "‹!channel› Late 0" in told
    assert "<!channel>" not in told
    assert "and 2 others" in told
    assert all(len(block["text"]["text"]) <= 3000 for block in body["blocks"])


def test_teams_gets_a_card(people: Organisation, hook: Hook, still_clock: datetime) -> None:
    row = promised(people.team, "Late", 0.9, before=0.1)
    hand_over([chat(people, hook, "teams").pk])
    [attachment] = hook.bodies[0]["attachments"]
    card = attachment["content"]
    assert card["type"] == "AdaptiveCard"
    texts = [block["text"] for block in card["body"]]
    assert any(f"[Late](http://127.0.0.1:8000/deliverables/{row.pk}/)" in text for text in texts)


def test_a_title_is_no_link_in_teams(people: Organisation, hook: Hook, still_clock: datetime) -> None:
    promised(people.team, TRAP, 0.9, before=0.1)
    hand_over([chat(people, hook, "teams").pk])
    texts = [block["text"] for block in hook.bodies[0]["attachments"][0]["content"]["body"]]
    assert sum("evil.example" in text for text in texts) >= 3
    assert not any("](https://evil.example" in re.sub(r"\\.", "", text) for text in texts)
    assert any(f"[{QUOTED}](http://127.0.0.1:8000/deliverables/" in text for text in texts)


def test_an_alert_is_quoted_as_the_digest_is(people: Organisation, hook: Hook, still_clock: datetime) -> None:
    row = subscribed(people.director, chat="teams", webhook=secrets.seal(hook.url))
    words = {
        "subject": f"Headway: {TRAP}",
        "text": "",
        "lines": [{"title": TRAP, "url": "http://x.test/1/", "says": TRAP}],
    }
    made = Delivery.objects.create(subscription=row, kind="alert", channel="chat", words=words)
    assert hand_over([made.pk]) == {S.SENT: 1}
    texts = [block["text"] for block in hook.bodies[0]["attachments"][0]["content"]["body"]]
    assert texts == [f"Headway: {QUOTED}", f"• [{QUOTED}](http://x.test/1/): {QUOTED}"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (301, S.FAILED),
        (404, S.FAILED),
        (410, S.FAILED),
        (429, S.WAITING),
        (503, S.WAITING),
        (500, S.LOST),
        (502, S.LOST),
        (504, S.LOST),
        (0, S.LOST),
    ],
)
def test_what_the_chat_answers_decides(
    people: Organisation, hook: Hook, still_clock: datetime, code: int, state: str
) -> None:
    hook.answers = [code]
    row = chat(people, hook)
    assert hand_over([row.pk]) == {state: 1}
    row.refresh_from_db()
    assert row.reason
    assert "secret" not in row.reason
    assert row.code == (code or None)
    assert ("is not sent again by itself" in row.reason) is (state == S.LOST)


def closed_port() -> str:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{line.getsockname()[1]}/secret"


@pytest.mark.parametrize("url", [closed_port(), "http://no-such-chat.invalid/secret"], ids=["closed", "no name"])
def test_a_webhook_that_cannot_be_reached_is_tried_again(
    people: Organisation, hook: Hook, still_clock: datetime, url: str
) -> None:
    there, hook.url = hook.url, url
    row = chat(people, hook)
    assert hand_over([row.pk]) == {S.WAITING: 1}
    row.refresh_from_db()
    assert row.reason.startswith("The chat’s webhook cannot be reached: ")
    assert (row.attempts, row.next_try) == (1, still_clock + timedelta(minutes=5))
    Subscription.objects.update(webhook=secrets.seal(there))
    assert hand_over([row.pk], clock=lambda: still_clock + timedelta(minutes=5)) == {S.SENT: 1}
    assert len(hook.bodies) == 1


@pytest.mark.parametrize(("waits", "says"), [(0.0, "Server disconnected without"), (2.0, "timed out")])
def test_an_answer_that_never_comes_is_lost_and_says_so(
    people: Organisation,
    hook: Hook,
    still_clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
    waits: float,
    says: str,
) -> None:
    monkeypatch.setattr(chat_of_digest, "WAIT", httpx.Timeout(0.5))
    hook.answers, hook.waits = [0], waits
    row = chat(people, hook)
    assert hand_over([row.pk]) == {S.LOST: 1}
    row.refresh_from_db()
    assert row.reason.startswith("The chat’s answer was lost (")
    assert says in row.reason
    assert row.reason.endswith(" It may have arrived, and is not sent again by itself.")
    assert hand_over([row.pk]) == {}
    assert len(hook.bodies) == 1


def test_what_no_row_takes_is_left_out_of_what_the_chat_says(
    people: Organisation, hook: Hook, still_clock: datetime
) -> None:
    hook.answers, hook.says = [400], b"no\0such\r\n\x1b[31mchannel"
    row = chat(people, hook)
    assert hand_over([row.pk]) == {S.FAILED: 1}
    row.refresh_from_db()
    assert row.reason == "The chat answers: 400 nosuch [31mchannel"


def test_a_private_address_is_refused_unless_the_operator_allows_it(
    people: Organisation, hook: Hook, still_clock: datetime
) -> None:
    row = chat(people, hook)
    with override_settings(ALLOW_PRIVATE_SOURCES=False):
        assert hand_over([row.pk]) == {S.FAILED: 1}
    row.refresh_from_db()
    assert "private" in row.reason
    assert hook.bodies == []
