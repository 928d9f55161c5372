"""What is told at once: crossings, once each, together, not too often, and not at night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashboards.digest import alerts
from dashboards.models import Alert, Delivery, Subscription
from delivery.models import Deliverable
from tests import builders
from tests.dashboards.roles import Organisation
from tests.dashboards.rows import promised
from tests.digest.rows import subscribed

pytestmark = pytest.mark.django_db


def set_missing(row: Deliverable, missing: float) -> None:
    row.forecasts.update(chance=1 - missing)


def subjects() -> list[str]:
    return [str(one.words["subject"]) for one in Delivery.objects.order_by("pk") if one.words]


@pytest.fixture
def reader(people: Organisation) -> Subscription:
    return subscribed(people.director, alert_from=50)


def test_what_is_so_when_they_ask_is_not_news(
    people: Organisation, reader: Subscription, still_clock: datetime
) -> None:
    promised(people.team, "Late already", 0.8)
    assert alerts.look_out(still_clock) == 0
    assert Alert.objects.get().quiet
    assert alerts.look_out(still_clock + timedelta(days=1)) == 0


def test_a_crossing_is_told_once_and_again_only_after_it_was_over(
    people: Organisation, reader: Subscription, still_clock: datetime
) -> None:
    Subscription.objects.update(quiet_from=0, quiet_until=0)
    row = promised(people.team, "Event schema", 0.3)
    now = still_clock
    alerts.look_out(now)
    told = []
    for missing in (0.5, 0.55, 0.47, 0.52, 0.44, 0.51):  # 47 is not five points below: it hovers
        set_missing(row, missing)
        now += timedelta(hours=5)
        told.append(alerts.look_out(now))
    assert told == [1, 0, 0, 0, 0, 1]
    assert subjects()[0] == "Headway: Event schema crossed 50%"
    assert "50% to miss its date, even odds" in str(Delivery.objects.order_by("pk")[0].words)


def test_several_go_together_and_no_more_than_one_in_four_hours(
    people: Organisation, reader: Subscription, still_clock: datetime
) -> None:
    rows = [promised(people.team, f"Row {number}", 0.1) for number in range(3)]
    alerts.look_out(still_clock)
    for row in rows[:2]:
        set_missing(row, 0.7)
    assert alerts.look_out(still_clock + timedelta(minutes=10)) == 1
    set_missing(rows[2], 0.9)
    assert alerts.look_out(still_clock + timedelta(minutes=20)) == 0
    Delivery.objects.update(created=still_clock + timedelta(minutes=10))
    assert alerts.look_out(still_clock + timedelta(hours=4, minutes=11)) == 1
    assert subjects() == ["Headway: Row 0 crossed 50%, and 1 other", "Headway: Row 2 crossed 50%"]


def test_the_quiet_hours_hold_it_until_the_morning(
    people: Organisation, reader: Subscription, still_clock: datetime
) -> None:
    row = promised(people.team, "Event schema", 0.3)
    alerts.look_out(still_clock)
    set_missing(row, 0.7)
    assert alerts.look_out(still_clock.replace(hour=22)) == 0
    assert alerts.look_out(still_clock.replace(hour=7) + timedelta(days=1)) == 1


def test_what_is_over_before_it_could_be_told_is_not_told(
    people: Organisation, reader: Subscription, still_clock: datetime
) -> None:
    row = promised(people.team, "Event schema", 0.3)
    alerts.look_out(still_clock)
    set_missing(row, 0.7)
    alerts.look_out(still_clock.replace(hour=22))
    set_missing(row, 0.2)
    assert alerts.look_out(still_clock.replace(hour=8) + timedelta(days=1)) == 0
    assert Delivery.objects.count() == 0


def test_only_what_one_follows(people: Organisation, reader: Subscription, still_clock: datetime) -> None:
    reader.teams.add(people.team)
    other = promised(builders.team("Other"), "Elsewhere", 0.1)
    alerts.look_out(still_clock)
    set_missing(other, 0.9)
    assert alerts.look_out(still_clock + timedelta(hours=1)) == 0


def test_a_source_that_is_old_for_a_day_is_told(people: Organisation, still_clock: datetime) -> None:
    subscribed(people.admin, alert_stale=True)
    source = builders.source(name="Jira Cloud", scopes=["ABC"])
    part = source.slices.create(kind="issues", scope="ABC", last_success=still_clock)
    assert alerts.look_out(still_clock) == 0
    assert alerts.look_out(still_clock + timedelta(hours=23)) == 0
    assert alerts.look_out(still_clock + timedelta(hours=25)) == 1
    assert subjects() == ["Headway: Jira Cloud is not read for a day"]
    part.last_success = still_clock + timedelta(hours=26)
    part.save()
    alerts.look_out(still_clock + timedelta(hours=27))
    assert Alert.objects.get().cleared is not None


@pytest.mark.parametrize("fields", [{"stopped": True}, {"paused": True}])
def test_who_stopped_or_pauses_is_told_nothing(
    people: Organisation, reader: Subscription, still_clock: datetime, fields: dict[str, bool]
) -> None:
    row = promised(people.team, "Event schema", 0.3)
    alerts.look_out(still_clock)
    set_missing(row, 0.7)
    if "stopped" in fields:
        Subscription.objects.update(stopped=still_clock)
    else:
        Subscription.objects.update(paused_until=still_clock.date() + timedelta(days=7))
    assert alerts.look_out(still_clock + timedelta(hours=1)) == 0
