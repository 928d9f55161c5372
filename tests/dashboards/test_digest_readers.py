"""The readers of the digest: a director subscribes people and addresses, changes and stops them."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards.digest import standing
from dashboards.digest.subscriptions import ASKED_SINCE
from dashboards.models import Delivery, Subscription
from dashboards.models.subscription import BY_LETTER, BY_READER
from people.models import Person
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import sent, subscribed
from tests.dashboards.risk_rows import page, signed_in
from tests.dashboards.roles import Organisation, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
READERS = "/digest/readers/"
OUTSIDE = {"name": "The board", "timezone": "Europe/Berlin"}


@pytest.fixture
def org(client: Client, db: None) -> Organisation:
    made = organisation()
    signed_in(client, made.director)
    return made


def told(client: Client, path: str = READERS, **fields: Any) -> str:
    return unescape(client.post(path, sent(**fields), follow=True).content.decode())


@pytest.mark.parametrize("role", ["manager", "lead", "engineer", "executive", "admin"])
def test_only_a_director_sees_and_changes_readers(client: Client, org: Organisation, role: str) -> None:
    row = subscribed(org.colleague)
    signed_in(client, getattr(org, role))
    for path in (READERS, f"{READERS}{row.pk}/"):
        assert client.get(path).status_code == 403
        assert client.post(path, sent(email="new@example.test", hour="3", seen=1, **OUTSIDE)).status_code == 403
    assert client.post(f"{READERS}{row.pk}/state/", {"do": "stop"}).status_code == 404
    row.refresh_from_db()
    assert (row.hour, row.stopped, Subscription.objects.count()) == (7, None, 1)
    signed_in(client, org.director)
    assert client.get(f"{READERS}{row.pk}/").status_code == 200
    assert client.get(f"{READERS}999999/").status_code == 404


def test_a_person_is_subscribed_by_their_address_alone(client: Client, org: Organisation) -> None:
    html = told(client, email=f" {org.executive.email.upper()} ", name="", timezone="", groups=[org.group.pk])
    assert "Tom Ek gets the digest from now on." in html
    row = Subscription.objects.get()
    assert (row.person, row.by, row.email, row.confirmed) == (org.executive, org.director, "", NOW)
    assert [*row.groups.all()] == [org.group]
    assert not Delivery.objects.exists()


def test_another_address_is_asked_first(client: Client, org: Organisation) -> None:
    html = told(client, email="Board@Example.test", **OUTSIDE)
    assert "board@example.test is asked by e-mail, and gets the digest once they say yes." in html
    assert "Asked 23 Nov, not confirmed" in html
    row, asked = Subscription.objects.get(), Delivery.objects.get()
    assert (row.person, row.email, row.confirmed, row.asked) == (None, "board@example.test", None, NOW)
    assert (asked.kind, asked.channel, asked.state, asked.subscription) == ("confirm", "mail", "waiting", row)
    assert asked.words is not None
    assert "Mara Lindqvist suggests" in asked.words["text"]
    assert "/digest/confirm/" in asked.words["text"]


def test_nobody_is_subscribed_twice(client: Client, org: Organisation) -> None:
    subscribed(org.executive)
    subscribed(None, "board@example.test")
    assert "Tom Ek gets the digest already." in told(client, email=org.executive.email, **OUTSIDE)
    html = told(client, email="BOARD@example.test", hour="21", **OUTSIDE)
    assert "This address is among the readers already." in html
    assert 'value="BOARD@example.test"' in html
    assert '<option value="21" selected>21:00' in html
    assert Subscription.objects.count() == 2


def test_whoever_got_it_as_an_address_gets_it_once_when_they_may_log_in(client: Client, org: Organisation) -> None:
    outside = subscribed(None, org.executive.email.upper())
    assert "Tom Ek gets the digest from now on." in told(client, email=org.executive.email)
    outside.refresh_from_db()
    assert (outside.stopped, outside.stopped_why) == (NOW, "Gets it with their login now.")
    assert Subscription.objects.get(stopped=None).person == org.executive


def test_who_may_not_log_in_any_more_gets_nothing(client: Client, org: Organisation) -> None:
    Person.objects.filter(pk=org.colleague.pk).update(is_active=False)
    assert "Hanna Kowal may not log in any more" in told(client, email=org.colleague.email, **OUTSIDE)
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"email": ""}, "Enter an e-mail address, such as ada@example.com."),
        ({"email": "board"}, "Enter an e-mail address, such as ada@example.com."),
        ({"email": "a@example.test\nBcc: b@example.test"}, "Enter an e-mail address, such as ada@example.com."),
        ({"name": ""}, "Ada Lovelace"),
        ({"timezone": "Mars/Olympus"}, "Europe/Berlin"),
        ({"alert_from": "0"}, "from 1 to 99"),
    ],
)
def test_wrong_values_stay_with_what_is_wrong(
    client: Client, org: Organisation, fields: dict[str, str], says: str
) -> None:
    html = told(client, **({"email": "board@example.test", **OUTSIDE, "hour": "21"} | fields))
    assert 'role="alert"' in html
    assert says in html
    assert '<option value="21" selected>21:00' in html
    assert not Subscription.objects.exists()


def test_all_that_is_wrong_is_said_at_once(client: Client, org: Organisation) -> None:
    html = told(client, email="board", name="", timezone="Mars/Olympus", weekday="9", mail=None, alert_from="200")
    for says in ("such as ada@example.com.", "Ada Lovelace", "Europe/Berlin", "from 1 to 99", "nowhere to send it"):
        assert says in html
    assert html.count('aria-invalid="true"') >= 5


def test_a_chat_that_does_not_exist_is_the_only_thing_wrong(client: Client, org: Organisation) -> None:
    html = told(client, email="board@example.test", **OUTSIDE, mail=None, chat="pigeon")
    assert "nowhere to send it" not in html
    assert "not one of the available choices" in html


def test_readers_are_found_and_told_a_page_at_a_time(client: Client, org: Organisation) -> None:
    subscribed(org.executive)
    Subscription.objects.bulk_create(
        Subscription(email=f"reader{number}@example.test", name=f"Reader {number}", since=NOW) for number in range(1000)
    )
    html = unescape(page(client, READERS))
    assert "<h1>1,001 readers</h1>" in html
    assert "Page 1 of 11" in html
    assert "Reader 98<" in html
    assert "Reader 99<" not in html
    assert "Reader 99<" in page(client, f"{READERS}?page=2")
    html = unescape(page(client, f"{READERS}?find=TOM+ek"))
    assert "1 reader with “" in html
    assert "Tom Ek" in html
    assert "Reader 1<" not in html
    assert "No reader’s name or address has it." in page(client, f"{READERS}?find=%3Cnobody%3E")


def test_a_reader_is_changed(client: Client, org: Organisation) -> None:
    row = subscribed(None, "board@example.test", name="The board", timezone="UTC")
    path = f"{READERS}{row.pk}/"
    assert 'value="The board"' in page(client, path)
    html = told(client, path, seen=1, hour="6", name="Our board", timezone="Europe/Paris")
    assert "The digest of Our board is kept as you said." in html
    row.refresh_from_db()
    assert (row.name, row.timezone, row.hour, row.confirmed) == ("Our board", "Europe/Paris", 6, row.confirmed)
    html = told(client, path, seen=1, hour="5", name="Nobody", timezone="UTC")
    assert "Somebody else changed this while you were at it." in html
    row.refresh_from_db()
    assert (row.name, row.hour) == ("Our board", 6)


def state(client: Client, row: Subscription, **fields: str) -> str:
    answer = client.post(f"{READERS}{row.pk}/state/", {"from": "readers", **fields}, follow=True)
    assert answer.redirect_chain == [(READERS, 302)]
    row.refresh_from_db()
    return unescape(answer.content.decode())


def test_a_director_stops_and_starts_somebody(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    assert "Stopped by Mara Lindqvist." in state(client, row, do="stop")
    assert row.stopped == NOW
    assert "It comes again." in state(client, row, do="start")
    assert row.stopped is None


@pytest.mark.parametrize("why", [BY_READER, BY_LETTER])
def test_what_its_reader_stopped_only_the_reader_starts(client: Client, org: Organisation, why: str) -> None:
    rows = [
        subscribed(org.engineer, stopped=NOW, stopped_why=why, hour=9),
        subscribed(None, "board@example.test", stopped=NOW, stopped_why=why, name="The board", timezone="UTC"),
    ]
    html = unescape(page(client, READERS))
    assert html.count("They stopped it themselves: only they can start it again.") == 2
    for row, do in ((rows[0], "start"), (rows[1], "ask")):
        assert "only they can start it again, on their own page" in state(client, row, do=do)
        path = f"{READERS}{row.pk}/"
        assert f"{why} Nothing is sent. Only they can start it again." in unescape(page(client, path))
        told(client, path, seen=row.version, hour="6", **OUTSIDE)
        row.refresh_from_db()
        assert (row.hour, row.stopped, row.stopped_why) == (6, NOW, why)
    assert "is among the readers, and stopped" in told(client, email=org.engineer.email, hour="8")
    rows[0].refresh_from_db()
    assert (rows[0].hour, rows[0].stopped) == (6, NOW)
    signed_in(client, org.engineer)
    client.post(f"{READERS}{rows[0].pk}/state/", {"do": "start"})
    rows[0].refresh_from_db()
    assert rows[0].stopped is None


def test_a_form_that_was_opened_before_the_address_said_yes_shows_no_clash(client: Client, org: Organisation) -> None:
    row = subscribed(None, "board@example.test", name="The board", timezone="UTC", confirmed=None)
    standing.confirm(row, now=NOW)
    assert "is kept as you said." in told(client, f"{READERS}{row.pk}/", seen=1, hour="6", **OUTSIDE)


def test_a_button_leads_back_to_the_page_it_is_on(client: Client, org: Organisation) -> None:
    row = subscribed(org.engineer)
    assert 'name="shown" value="find=noor&page=1"' in unescape(page(client, f"{READERS}?find=noor&page=1"))
    sent_to = client.post(f"{READERS}{row.pk}/state/", {"from": "readers", "do": "stop", "shown": "find=noor&page=1"})
    assert sent_to["Location"] == f"{READERS}?find=noor&page=1"


def test_who_stopped_their_own_starts_it_also_among_the_readers(client: Client, org: Organisation) -> None:
    subscribed(org.director, stopped=NOW, stopped_why=BY_READER)
    assert "only they can start it again" not in page(client, READERS)
    assert 'value="start"' in page(client, READERS)


def test_a_form_that_was_opened_before_it_was_stopped_shows_that(client: Client, org: Organisation) -> None:
    signed_in(client, org.engineer)
    row = subscribed(org.engineer)
    client.post(f"{READERS}{row.pk}/state/", {"do": "stop"})
    html = told(client, "/digest/subscription/", seen=1, hour="6")
    assert "Somebody else changed this while you were at it." in html
    row.refresh_from_db()
    assert (row.hour, row.stopped) == (7, NOW)
    told(client, "/digest/subscription/", seen=2, hour="6")
    row.refresh_from_db()
    assert (row.hour, row.stopped, row.since) == (6, None, NOW)


def test_an_address_is_not_started_for_it(client: Client, org: Organisation) -> None:
    row = subscribed(None, "board@example.test", stopped=NOW, stopped_why="Enough.")
    assert "An address without a login is asked again instead." in state(client, row, do="start")
    assert (row.stopped, row.stopped_why) == (NOW, "Enough.")


def test_an_address_is_asked_again_after_a_day(
    client: Client, org: Organisation, time_machine: time_machine.TimeMachineFixture
) -> None:
    told(client, email="board@example.test", **OUTSIDE)
    row = Subscription.objects.get()
    assert "was asked less than a day ago" in state(client, row, do="ask")
    assert Delivery.objects.count() == 1
    time_machine.move_to(NOW + timedelta(hours=25), tick=False)
    signed_in(client, org.director)
    assert "board@example.test is asked once more." in state(client, row, do="ask")
    found = Delivery.objects.order_by("pk").values_list("kind", "state", "reason")
    assert list(found) == [("confirm", "skipped", ASKED_SINCE), ("confirm", "waiting", "")]
    assert row.asked == NOW + timedelta(hours=25)


def test_more_readers_make_no_more_queries(client: Client, org: Organisation) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(client, READERS)
        return len(asked)

    subscribed(org.engineer).groups.add(org.group)
    page(client, READERS)
    before = queries()
    for who in (org.lead, org.manager, org.executive):
        row = subscribed(who)
        row.groups.add(org.group)
        row.teams.add(org.team)
    subscribed(None, "board@example.test")
    assert queries() == before
