"""The delivery log: what became of every message, for directors and administrators."""

from __future__ import annotations

import csv
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards.models import Delivery
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import WEEK, issue, message, subscribed
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
AGAIN = "Send again"


@pytest.fixture
def org(db: None) -> Organisation:
    return organisation()


def text(client: Client, path: str = "/digest/log/") -> str:
    return unescape(page(client, path))


@pytest.mark.parametrize("role", ["director", "manager", "lead", "engineer", "executive", "admin"])
def test_it_is_for_directors_and_administrators(client: Client, org: Organisation, role: str) -> None:
    message(subscribed(org.engineer), "failed", reason="There is no such mailbox.", code=550)
    signed_in(client, getattr(org, role))
    may = role in ("director", "admin")
    for path in ("/digest/log/", "/digest/log/?format=csv"):
        answer = client.get(path)
        assert answer.status_code == (200 if may else 403)
        assert ("no such mailbox" in answer.content.decode()) is may


def test_it_says_what_became_of_every_message(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    message(row, "sent", issue=issue(row))
    message(row, "failed", reason="There is no such mailbox.")
    message(row, "lost", reason="The answer never came.")
    message(row, "waiting", next_try=NOW + timedelta(minutes=5), reason="Try later.")
    message(row, "sent", bounced=NOW, reason="Sent back (5.1.1).")
    signed_in(client, org.admin)
    html = text(client)
    assert "1 message was sent in the last 7 days; " in html
    assert "1 failed, 1 sent back, 1 without an answer and 1 waiting." in html
    assert f'Digest <span class="nowrap">{WEEK}</span>' in html
    assert "Try later. Next try 23 Nov at 09:05 UTC." in html
    assert "Sent back</span>" in html
    assert ">5 messages<" in html
    assert html.count(AGAIN) == 2


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=failed", 1),
        ("state=sent&kind=test", 1),
        ("kind=alert", 3),
        ("state=lost", 0),
        ("state=moon", 4),
        ("kind=moon", 4),
        ("find=HADDAD", 4),
        ("find=%20Ada%20", 0),
        ("find=OLD%40example&state=sent", 1),
        ("find=%00", 4),
    ],
)
def test_it_is_narrowed(client: Client, org: Organisation, query: str, shown: int) -> None:
    row = subscribed(org.engineer)
    for state, kind in (("failed", "alert"), ("sent", "alert"), ("waiting", "alert")):
        message(row, state, kind=kind)
    message(row, "sent", kind="test", address="old@example.test")
    signed_in(client, org.director)
    html = text(client, f"/digest/log/?{query}")
    assert f">{shown} message{'' if shown == 1 else 's'}<" in html
    assert ("No message fits this choice." in html) is (shown == 0)
    assert ("“moon”; it is ignored." in html) is ("moon" in query)
    rows = list(csv.DictReader(StringIO(client.get(f"/digest/log/?{query}&format=csv").content.decode())))
    assert len(rows) == shown


def test_the_file_holds_nothing_that_a_spreadsheet_runs(client: Client, org: Organisation) -> None:
    row = subscribed(None, "board@example.test", name="=HYPERLINK(1)")
    message(row, "failed", reason="+cmd|calc", code=550, address="@sum@example.test")
    signed_in(client, org.director)
    answer = client.get("/digest/log/?format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "headway-digest-log-2026-11-23.csv" in answer["Content-Disposition"]
    (line,) = csv.DictReader(StringIO(answer.content.decode()))
    told = (line["reader"], line["address"], line["reason"], line["code"], line["state"])
    assert told == ("'=HYPERLINK(1)", "'@sum@example.test", "'+cmd|calc", "550", "failed")


def test_more_messages_make_no_more_queries(client: Client, org: Organisation) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, path)
        return len(asked)

    message(row := subscribed(org.engineer), issue=issue(row))
    signed_in(client, org.director)
    page(client, "/digest/log/")
    before = [queries(path) for path in ("/digest/log/", "/digest/log/?format=csv")]
    for who in (org.lead, org.manager, org.executive):
        message(row := subscribed(who), issue=issue(row))
        message(row, "failed")
    assert [queries(path) for path in ("/digest/log/", "/digest/log/?format=csv")] == before


@pytest.mark.parametrize("state", Delivery.State.values)
def test_only_what_failed_or_was_lost_is_sent_again(client: Client, org: Organisation, state: str) -> None:
    row = message(subscribed(org.engineer), state, reason="Why", code=450, attempts=3, ended=NOW)
    signed_in(client, org.admin)
    assert client.get(f"/digest/log/{row.pk}/again/").status_code == 405
    row.refresh_from_db()
    assert row.state == state
    html = client.post(f"/digest/log/{row.pk}/again/", follow=True).content.decode()
    row.refresh_from_db()
    may = state in ("failed", "lost")
    assert ("It is handed over once more." in html) is may
    assert ("Nothing to do" in html) is not may
    fresh = ("waiting", "", None, 0, None)
    left = (state, "Why", 450, 3, NOW)
    assert (row.state, row.reason, row.code, row.attempts, row.ended) == (fresh if may else left)


def test_a_request_to_confirm_is_not_sent_again_as_its_link_does_not_last(client: Client, org: Organisation) -> None:
    row = message(
        subscribed(None, "board@example.test", confirmed=None), "failed", kind="confirm", words={"text": "Old"}
    )
    signed_in(client, org.director)
    assert AGAIN not in text(client)
    client.post(f"/digest/log/{row.pk}/again/")
    row.refresh_from_db()
    assert row.state == "failed"


def test_it_is_told_a_page_at_a_time(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    Delivery.objects.bulk_create(
        Delivery(subscription=row, kind="test", channel="mail", state="sent", reason=f"No. {number}.")
        for number in range(101)
    )
    signed_in(client, org.director)
    first, second = text(client), text(client, "/digest/log/?state=sent&page=2")
    assert ">101 messages<" in first
    assert "Page 1 of 2" in first
    assert 'href="?page=2"' in first
    assert ("No. 100.<" in first, "No. 0.<" in first) == (True, False)
    assert ("No. 100.<" in second, "No. 0.<" in second) == (False, True)
    assert 'href="?state=sent&page=1"' in second
    for wrong in ("-1", "x", "3", "²"):
        assert "Page " in text(client, f"/digest/log/?page={wrong}")


@pytest.mark.parametrize(
    ("role", "status"), [("director", 302), ("admin", 302), ("engineer", 403), ("manager", 404), ("executive", 404)]
)
def test_who_may_send_again(client: Client, org: Organisation, role: str, status: int) -> None:
    row = message(subscribed(org.engineer), "failed")
    signed_in(client, getattr(org, role))
    assert client.post(f"/digest/log/{row.pk}/again/").status_code == status
    row.refresh_from_db()
    assert (row.state == "waiting") is (status == 302)
