"""``manage.py digest`` and ``manage.py bounce``."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command

from dashboards.models import Delivery, DigestIssue, Subscription
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed, waiting
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("digest", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_it_says_how_the_week_stands(people: Organisation, still_clock: datetime) -> None:
    waiting(subscribed(people.director), state="failed", reason="No such mailbox")
    subscribed(people.manager)
    code, out, _ = run("--json")
    assert code == 0
    assert json.loads(out) == {
        "week": "2026-W48",
        "readers": [
            {"reader": people.director.email, "state": "E-mail failed (No such mailbox)"},
            {"reader": people.manager.email, "state": "not due yet"},
        ],
    }


def test_a_preview_prints_and_keeps_nothing(people: Organisation, still_clock: datetime) -> None:
    promised(people.team, "Event schema v3", 0.8)
    subscribed(people.director)
    code, out, _ = run("--preview", "--to", people.director.email)
    assert code == 0
    assert "1. Event schema v3" in out
    assert not DigestIssue.objects.exists()


def test_sending_sends_what_is_due_once(people: Organisation, mail: MailServer, still_clock: datetime) -> None:
    subscribed(people.director)
    subscribed(people.manager, weekday=4)
    assert json.loads(run("--send", "--json")[1])["sent"] == 2  # the manager's is last Friday's
    assert len(mail.to(people.director.email)) == 1
    assert run("--send", "--to", people.director.email)[1] == "2026-W48: 0 due, nothing to send.\n"
    assert len(mail.to(people.director.email)) == 1
    before = len(mail.to(people.manager.email))
    run("--send", "--to", people.manager.email)
    assert len(mail.to(people.manager.email)) == before + 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--week", "47"), 2, "Write a week as 2026-W47"),
        (("--week", "2030-W01"), 2, "still to come"),
        (("--preview",), 2, "Say whose digest"),
        (("--preview", "--send"), 2, "Choose one"),
        (("--to", "nobody@example.test"), 1, "is subscribed"),
        (("--send", "--week", "2026-W40"), 2, "Only this week’s"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    people: Organisation, still_clock: datetime, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended, _, err = run(*arguments)
    assert ended == code
    assert says in err


REPORT = """From: mailer-daemon@example.test
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.test

Final-Recipient: rfc822; ines@example.test
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such user

--b
Content-Type: text/rfc822-headers

Message-ID: {identity}
Subject: 7 of 42 likely to miss

--b--
"""


def bounce(monkeypatch: pytest.MonkeyPatch, **told: str) -> str:
    text = REPORT.format(**{"action": "failed", "status": "5.1.1", **told})

    class Stdin:
        buffer = io.BytesIO(text.encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    out: Any = io.StringIO()
    call_command("bounce", stdout=out, stderr=out)
    return str(out.getvalue())


def test_a_report_ends_in_the_log_and_two_in_a_row_stop_it(
    people: Organisation, still_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = subscribed(people.director)
    for week in ("2026-W47", "2026-W48"):
        one = waiting(row, week, state="sent", message_id=f"<digest.1.{week}@x>", handed=still_clock)
        assert "Sent back: 5.1.1 550 5.1.1 No such user" in bounce(monkeypatch, identity=one.message_id)
    row.refresh_from_db()
    assert row.stopped is not None
    assert row.stopped_why == "Its mail server sent 2 in a row back."
    assert Delivery.objects.filter(bounced__isnull=False).count() == 2


def test_a_delay_stops_nothing(people: Organisation, still_clock: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    one = waiting(subscribed(people.director), state="sent", message_id="<digest.1@x>")
    bounce(monkeypatch, identity="<digest.1@x>", action="delayed", status="4.4.1")
    one.refresh_from_db()
    assert one.bounced is None
    assert Subscription.objects.get().stopped is None
