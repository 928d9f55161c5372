"""Whose digest is due: once a week by each reader's clock, whatever beats, pauses, and clocks that jump."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from dashboards.digest import due
from dashboards.models import Delivery, DigestIssue, Subscription
from people.models import Role
from tests import builders
from tests.dashboards.roles import Organisation
from tests.digest.rows import subscribed

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
S = Delivery.State


def weeks(row: Subscription) -> list[tuple[str, str]]:
    found = Delivery.objects.filter(subscription=row).order_by("issue__week")
    return list(found.values_list("issue__week", "state"))


def test_each_reader_gets_it_by_their_own_clock() -> None:
    """At 05:30 UTC on Monday it is past seven in Kolkata, not yet seven in Berlin, and still Sunday in New York."""
    rows = {
        zone: subscribed(builders.person(timezone=zone))
        for zone in ("Asia/Kolkata", "Europe/Berlin", "America/New_York")
    }
    monday = datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    due.take(monday)
    this_week = {zone: [week for week, state in weeks(row) if state == S.WAITING] for zone, row in rows.items()}
    assert this_week["Asia/Kolkata"] == ["2026-W48"]
    assert this_week["Europe/Berlin"] == this_week["America/New_York"] == ["2026-W47"]
    due.take(monday + timedelta(minutes=30))
    assert ("2026-W48", S.WAITING) in weeks(rows["Europe/Berlin"])


def test_however_often_it_is_asked_there_is_one_a_week() -> None:
    row = subscribed(builders.person())
    assert [due.take(MONDAY + timedelta(minutes=5 * beat)) for beat in range(4)] == [1, 0, 0, 0]
    assert due.take(MONDAY + timedelta(days=6)) == 0
    assert due.take(MONDAY + timedelta(days=7)) == 1
    assert weeks(row) == [("2026-W48", S.WAITING), ("2026-W49", S.WAITING)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("hour", [1, 2, 3])
def test_a_year_of_beats_over_both_changes_of_the_clock_is_one_a_week(zone: str, hour: int) -> None:
    """Sundays between one and three, when clocks change: every week of 2026 exactly once."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    row = subscribed(builders.person(timezone=zone), weekday=6, hour=hour, since=start)
    for step in range(53 * 14):
        due.take(start + timedelta(hours=12 * step))
    found = list(DigestIssue.objects.filter(subscription=row).order_by("week").values_list("week", flat=True))
    assert found == [f"2026-W{number:02d}" for number in range(1, 54)]
    assert set(Delivery.objects.values_list("state", flat=True)) == {S.WAITING}


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_write_everything_down_once() -> None:
    rows = [subscribed(builders.person(), chat="slack", webhook="sealed") for _ in range(30)]
    together = threading.Barrier(3)
    broken: list[BaseException] = []

    def beat() -> None:
        try:
            together.wait()
            due.take(MONDAY)
        except BaseException as error:  # noqa: BLE001 - told below
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=beat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    assert DigestIssue.objects.count() == len(rows)
    assert Delivery.objects.count() == 2 * len(rows)


def test_missed_weeks_are_sent_late_once_and_not_piled_up() -> None:
    row = subscribed(builders.person(), since=MONDAY - timedelta(days=60))
    due.take(MONDAY - timedelta(days=28))
    Delivery.objects.update(state=S.SENT)
    assert due.take(MONDAY + timedelta(days=2)) == 1  # on Wednesday, after three weeks without a beat
    assert weeks(row) == [
        ("2026-W44", S.SENT),
        ("2026-W45", S.SKIPPED),
        ("2026-W46", S.SKIPPED),
        ("2026-W47", S.SKIPPED),
        ("2026-W48", S.WAITING),
    ]
    assert {one.reason for one in Delivery.objects.filter(state=S.SKIPPED)} == {due.MISSED}


def test_nothing_is_due_from_before_somebody_subscribed() -> None:
    row = subscribed(builders.person(), since=MONDAY)
    assert due.take(MONDAY + timedelta(days=6)) == 0
    assert due.take(MONDAY + timedelta(days=7)) == 1
    assert weeks(row) == [("2026-W49", S.WAITING)]


def test_a_paused_week_is_skipped_and_says_until_when() -> None:
    row = subscribed(builders.person(), paused_until=date(2026, 11, 30))
    due.take(MONDAY)
    assert weeks(row) == [("2026-W48", S.SKIPPED)]
    assert Delivery.objects.get().reason == "Paused until 30 November 2026."
    due.take(MONDAY + timedelta(days=7))
    assert weeks(row)[-1] == ("2026-W49", S.WAITING)


@pytest.mark.parametrize(
    "fields",
    [{"stopped": MONDAY - timedelta(days=1)}, {"confirmed": None}],
    ids=["stopped", "not confirmed"],
)
def test_who_stopped_or_never_confirmed_is_not_asked(fields: dict[str, Any]) -> None:
    subscribed(**fields)
    assert due.take(MONDAY) == 0


def test_somebody_whose_account_is_off_gets_none() -> None:
    subscribed(builders.person(is_active=False))
    assert due.take(MONDAY) == 0


def test_without_a_channel_it_is_skipped_with_the_reason() -> None:
    subscribed(builders.person(), mail=False)
    due.take(MONDAY)
    assert list(Delivery.objects.values_list("state", "reason")) == [(S.SKIPPED, due.NO_WAY)]


def test_a_clock_that_jumps_ahead_and_back_sends_no_week_twice() -> None:
    row = subscribed(builders.person())
    due.take(MONDAY)
    due.take(MONDAY + timedelta(days=365))
    due.take(MONDAY + timedelta(hours=1))
    due.take(MONDAY + timedelta(days=7))
    due.take(MONDAY + timedelta(days=365, hours=1))
    due_weeks = [week for week, state in weeks(row) if state == S.WAITING]
    assert sorted(due_weeks) == ["2026-W48", "2026-W49", "2027-W47"]


def test_a_zone_that_the_system_no_longer_knows_holds_nobody_up() -> None:
    lost, fine = subscribed(builders.person(timezone="US/Gone")), subscribed(builders.person(timezone="Europe/Berlin"))
    assert due.take(MONDAY) == 2
    assert weeks(lost) == weeks(fine) == [("2026-W48", S.WAITING)]


def test_one_mailbox_gets_one(people: Organisation) -> None:
    outside = subscribed(email=people.lead.email)
    assert due.take(MONDAY) == 1
    person = subscribed(people.lead)
    assert due.take(MONDAY + timedelta(days=7)) == 1
    assert (len(weeks(person)), len(weeks(outside))) == (1, 1)
    Subscription.objects.filter(pk=person.pk).update(mail=False, chat="slack", webhook="sealed")
    assert {row.pk for row in due.live()} == {person.pk, outside.pk}
    people.lead.is_active = False
    people.lead.save()
    assert [row.pk for row in due.live()] == [outside.pk]


def test_another_weekday_in_the_same_week_is_the_same_digest() -> None:
    row = subscribed(builders.person(role=Role.LEAD))
    due.take(MONDAY)
    Subscription.objects.filter(pk=row.pk).update(weekday=4)
    assert due.take(MONDAY + timedelta(days=5)) == 0
    assert weeks(row) == [("2026-W48", S.WAITING)]


def test_a_zone_of_the_address_counts_where_there_is_no_login() -> None:
    row = subscribed(timezone="Asia/Kolkata")
    due.take(datetime(2026, 11, 23, 1, 30, tzinfo=UTC))
    assert ("2026-W48", S.WAITING) in weeks(row)
