"""The digest in a channel: a real HTTP server stands in for Slack and Microsoft Teams."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test.utils import override_settings

from dashboards.digest.handing import hand_over
from dashboards.models import Delivery
from delivery import secrets
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed, waiting

pytestmark = pytest.mark.django_db
S = Delivery.State


@dataclass
class Hook:
    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def hooked() -> Iterator[Hook]:
    told = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            code = told.answers.pop(0) if told.answers else 200
            if code == 0:
                self.connection.close()
                return
            self.send_response(code)
            self.end_headers()
            self.wfile.write(b"ok" if code == 200 else b"no_such_channel")

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


@pytest.mark.parametrize(
    ("code", "state"), [(404, S.FAILED), (410, S.FAILED), (429, S.WAITING), (503, S.WAITING), (0, S.LOST)]
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


def test_a_private_address_is_refused_unless_the_operator_allows_it(
    people: Organisation, hook: Hook, still_clock: datetime
) -> None:
    row = chat(people, hook)
    with override_settings(ALLOW_PRIVATE_SOURCES=False):
        assert hand_over([row.pk]) == {S.FAILED: 1}
    row.refresh_from_db()
    assert "private" in row.reason
    assert hook.bodies == []
