"""Stored forecasts: what was known on a day, one row a day, the past never rewritten."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from delivery.capacity import Capacity, Stay, load_capacity
from delivery.core.chance import Level, percentile_day, quantiles
from delivery.core.forecast import deliverable_days
from delivery.forecasts import FORECAST_VERSION, forecast_all, forecast_days, forecast_one, simulate
from delivery.models import Commitment, Deliverable, Forecast, ScopedItem, Source, WorkItem
from delivery.outlooks import load
from delivery.promises import promises
from people.models import Role
from teams.models import Holiday, Team, TimeOff
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 6)
DAY = timedelta(days=1)
SOON = TODAY + 20 * DAY


@pytest.fixture
def team() -> Team:
    made = builders.team("Ranking", pk=7001)  # what is drawn hangs on the ids
    source = builders.project(made)
    for week in range(12):
        builders.item(source, created=at(TODAY - (7 * week + 9) * DAY), finished=at(TODAY - (7 * week + 1) * DAY))
    return made


def source_of(team: Team) -> Source:
    return Source.objects.get(team_scopes__team=team)


def open_item(team: Team, days_ago: int = 10) -> WorkItem:
    return builders.item(source_of(team), created=at(TODAY - days_ago * DAY))


def test_a_forecast_is_the_cores_answer_to_the_facts_of_the_day(team: Team) -> None:
    """Within the noise of two samples of 10,000: a deliverable alone in its team is ``deliverable_days``."""
    promised = builders.deliverable(team, pk=7001, target=SOON, start=TODAY, items=(open_item(team),))
    assert forecast_all(day=TODAY, made=NOW) == 1

    row = Forecast.objects.get()
    ends = [np.datetime64(TODAY - (7 * week + 1) * DAY) for week in range(12)]
    made = [np.datetime64(TODAY - (7 * week + 9) * DAY) for week in range(12)]
    own = ([np.datetime64(TODAY - 10 * DAY)], [np.datetime64("NaT")])
    expected = deliverable_days(([*made, own[0][0]], [*ends, own[1][0]]), own, TODAY, seed=row.seed)
    assert row.chance == pytest.approx((np.sum(expected <= 20) + 0.5) / 10_001, abs=0.02)
    assert row.quantiles[4:90] == pytest.approx(quantiles(expected)[4:90], rel=0.12, abs=1)
    (simulated,) = simulate(load(TODAY).inputs, TODAY).days.values()
    assert row.chance == (np.sum(simulated <= 20) + 0.5) / 10_001
    assert row.p85 == TODAY + timedelta(days=percentile_day(simulated, 0.85) or 0)
    assert row.quantiles == quantiles(simulated)
    assert (row.items, row.items_done, row.history, row.target) == (1, 0, 12, SOON)
    assert (row.version, row.trials, row.hindcast, row.reason) == (FORECAST_VERSION, 10_000, False, "")
    assert (row.shift, row.scale, row.learnt_from) == (None, None, 0)
    (promise,) = promises(builders.person(role=Role.DIRECTOR), day=TODAY)
    assert promise.missing == pytest.approx(1 - (row.chance or 0))
    assert promise.level != Level.NONE
    assert promise.id == promised.pk


def test_quantiles_are_the_cores_percentile_days() -> None:
    days = np.random.default_rng(1).integers(0, 4000, 999).clip(max=3650).astype(float)
    expected = [percentile_day(days, n / 100) for n in range(1, 100)]
    assert quantiles(days) == expected
    assert expected[-1] is None


def test_too_little_history_is_a_row_with_its_reason() -> None:
    young = builders.team()
    builders.project(young)
    builders.deliverable(young, target=SOON, items=(open_item(young),))
    forecast_all(day=TODAY, made=NOW)
    row = Forecast.objects.get()
    assert (row.chance, row.p50, row.quantiles) == (None, None, [])
    assert "5 finished items" in row.reason


def test_a_deliverable_without_items_is_a_row_with_its_reason(team: Team) -> None:
    builders.deliverable(team, target=SOON)
    forecast_all(day=TODAY, made=NOW)
    assert "at least one work item" in Forecast.objects.get().reason


def test_the_same_facts_give_the_same_numbers_and_a_later_run_replaces_todays(team: Team) -> None:
    promised = builders.deliverable(team, target=SOON, items=(open_item(team),))
    forecast_all(day=TODAY, made=NOW)
    first = Forecast.objects.get()
    forecast_all(day=TODAY, made=NOW + timedelta(hours=6))
    again = Forecast.objects.get()
    assert (again.chance, again.pk, again.made) == (first.chance, first.pk, NOW + timedelta(hours=6))
    ScopedItem.objects.bulk_create(
        ScopedItem(deliverable=promised, item=open_item(team), since=at(TODAY)) for _ in range(9)
    )
    forecast_all(day=TODAY, made=NOW + timedelta(hours=12))
    assert (Forecast.objects.get().chance or 0) < (first.chance or 0)


def test_a_past_day_is_never_rewritten(team: Team) -> None:
    builders.deliverable(team, target=SOON, items=(open_item(team),))
    yesterday = TODAY - DAY
    forecast_all(day=yesterday, made=NOW - DAY)
    kept = Forecast.objects.get()
    with pytest.raises(ValueError, match="is over"):
        forecast_all(day=yesterday, made=NOW)
    builders.deliverable(team, target=SOON, items=(open_item(team),))
    assert forecast_all(day=yesterday, made=NOW, hindcast=True) == 1
    assert Forecast.objects.get(pk=kept.pk).made == kept.made
    assert Forecast.objects.get(hindcast=True).day == yesterday


def test_a_hindcast_knows_only_what_was_known(team: Team) -> None:
    then = TODAY - 7 * DAY
    source = source_of(team)
    done_since = builders.item(source, created=at(then - 9 * DAY), finished=at(then + 2 * DAY))
    dropped_since = builders.item(source, created=at(then), ended=at(then + DAY), stage="dropped")
    dropped_before = builders.item(source, created=at(then), ended=at(then - DAY), stage="dropped")
    found_since = builders.item(source, created=at(then + DAY))
    promised = builders.deliverable(team, target=SOON, items=(done_since, dropped_since, dropped_before, found_since))
    removed = open_item(team)
    ScopedItem.objects.create(deliverable=promised, item=removed, since=removed.created, until=at(then + DAY))
    Commitment.objects.create(deliverable=promised, given=then + DAY, target=SOON + 30 * DAY)

    forecast_days([then, TODAY], made=NOW)

    before, now = Forecast.objects.get(day=then), Forecast.objects.get(day=TODAY)
    assert (before.items, before.items_done, before.target) == (3, 0, SOON)
    assert (now.items, now.items_done, now.target) == (2, 1, SOON + 30 * DAY)
    assert before.history == 12 - 1  # one of the weekly items finished since
    assert (before.hindcast, now.hindcast) == (True, False)


def test_nobody_forecasts_what_nobody_had_written_down_yet(team: Team) -> None:
    promised = builders.deliverable(team, start=TODAY - 5 * DAY, items=(open_item(team),))
    Deliverable.objects.filter(pk=promised.pk).update(created=NOW)
    assert forecast_days([TODAY - 6 * DAY, TODAY - 5 * DAY], made=NOW) == 1


def test_ambition_is_the_chance_on_the_day_the_date_was_given_and_never_touched(team: Team) -> None:
    promised = builders.deliverable(team, items=(open_item(team),))
    given = Commitment.objects.create(deliverable=promised, given=TODAY, target=SOON)
    forecast_all(day=TODAY, made=NOW)
    given.refresh_from_db()
    assert given.chance == Forecast.objects.get().chance is not None
    first = given.chance
    open_one = ScopedItem(deliverable=promised, item=open_item(team), since=at(TODAY))
    open_one.save()
    forecast_all(day=TODAY, made=NOW + timedelta(hours=6))
    given.refresh_from_db()
    assert given.chance == first != Forecast.objects.get().chance


def test_a_date_given_before_any_forecast_keeps_no_chance(team: Team) -> None:
    builders.deliverable(team, target=SOON, items=(open_item(team),))
    forecast_all(day=TODAY, made=NOW)
    assert Commitment.objects.get().chance is None


def test_what_is_all_done_is_delivered_on_its_last_finish_and_forecast_no_more(team: Team) -> None:
    source = source_of(team)
    last = TODAY - 2 * DAY
    items = (builders.item(source, finished=at(last)), builders.item(source, ended=at(last), stage="dropped"))
    promised = builders.deliverable(team, target=SOON, items=items)
    assert forecast_all(day=TODAY, made=NOW) == 0
    promised.refresh_from_db()
    assert promised.delivered == last


def test_what_ended_today_is_not_delivered_yet(team: Team) -> None:
    promised = builders.deliverable(team, items=(builders.item(source_of(team), finished=at(TODAY, 1)),))
    forecast_all(day=TODAY, made=NOW)
    promised.refresh_from_db()
    assert promised.delivered is None


def test_dropping_everything_is_not_delivering(team: Team) -> None:
    dropped = builders.item(source_of(team), ended=at(TODAY - 9 * DAY), stage="dropped")
    promised = builders.deliverable(team, items=(dropped,))
    forecast_all(day=TODAY, made=NOW)
    promised.refresh_from_db()
    assert promised.delivered is None


@pytest.mark.parametrize(
    ("joined", "reopened", "delivered"),
    [(5, False, False), (40, False, True), (-20, True, False), (-20, False, True)],
    ids=["found soon after", "found long after", "reopened", "left open by hand"],
)
def test_work_that_comes_back_takes_the_mark_away(joined: int, reopened: bool, delivered: bool, team: Team) -> None:
    ended = TODAY - 45 * DAY
    source = source_of(team)
    promised = builders.deliverable(team, items=(builders.item(source, finished=at(ended)),), delivered=ended)
    back = open_item(team, 90)
    ScopedItem.objects.create(deliverable=promised, item=back, since=at(ended + joined * DAY))
    if reopened:
        source.stage_mappings.create(status_id="9", status="Done", stage="done")
        back.transitions.create(native_id="1", at=at(TODAY - DAY), from_id="9", to_id="3")
    forecast_all(day=TODAY, made=NOW)
    promised.refresh_from_db()
    assert (promised.delivered is not None) is delivered


def test_leave_leaving_and_holidays_reach_the_calendar() -> None:
    team = builders.team()
    people = [builders.member(team) for _ in range(3)]
    leaving = builders.member(team, end=TODAY + 30 * DAY)
    TimeOff.objects.create(person=people[0], start=TODAY + 2 * DAY, end=TODAY + 4 * DAY)
    TimeOff.objects.create(person=leaving, start=TODAY - 3 * DAY, end=TODAY - DAY)
    Holiday.objects.create(day=TODAY + DAY)
    capacity = capacity_of(team)
    assert capacity.holidays == {TODAY + DAY}
    assert capacity.steps(TODAY)[1:] == (
        (TODAY - 3 * DAY, 0.75),
        (TODAY - DAY, 1),
        (TODAY + 2 * DAY, 0.75),
        (TODAY + 4 * DAY, 1),
        (TODAY + 30 * DAY, 0.75),
    )
    known = capacity.calendar(TODAY - 2 * DAY, past=True).capacity_from
    assert known[1:] == ((TODAY - 3 * DAY, 0.75), (TODAY - DAY, 1))


def capacity_of(team: Team) -> Capacity:
    return load_capacity([team.pk])[team.pk]


def test_a_team_nobody_knows_has_its_normal_capacity() -> None:
    assert Capacity().steps(TODAY) == ()
    grown = Capacity(members=(Stay(1, TODAY - DAY, None), Stay(2, TODAY, None, 0.5)))
    assert [share for _, share in grown.steps(TODAY)] == [1.0]  # who joined is in the pace, not in the calendar


def test_forecast_one_writes_the_same_row(team: Team) -> None:
    promised = builders.deliverable(team, target=SOON, start=TODAY, items=(open_item(team),))
    one = forecast_one(promised, day=TODAY, made=NOW)
    assert one is not None
    forecast_all(day=TODAY, made=NOW)
    assert Forecast.objects.get().chance == one.chance
    Deliverable.objects.filter(pk=promised.pk).update(dropped=TODAY)
    assert forecast_one(Deliverable.objects.get(pk=promised.pk), day=TODAY, made=NOW) is None


def test_progress_is_told(team: Team) -> None:
    for _ in range(3):
        builders.deliverable(team, target=SOON, items=(open_item(team),))
    told: list[tuple[int, int]] = []
    days: list[date] = [TODAY - DAY, TODAY]
    forecast_days(days, made=NOW, progress=lambda done, total: told.append((done, total)))
    assert told == [(3, 6), (6, 6)]
    assert forecast_days([], made=NOW) == 0


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_does_not_grow(
    count: int, team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        builders.deliverable(team, target=SOON, items=(open_item(team),))
    with django_assert_num_queries(35):
        forecast_all(day=TODAY, made=NOW)
