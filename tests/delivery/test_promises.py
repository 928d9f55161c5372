"""Promises: one function for every list, judged by the stored forecast, in a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from delivery.core.chance import Level
from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, ScopedItem
from delivery.promises import burn_up, forecast_history, past_weeks, promises, tally
from people.models import Person, Role
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
SOON = TODAY + timedelta(days=20)


@pytest.fixture
def director() -> Person:
    return builders.person(role=Role.DIRECTOR)


def forecast(of: Deliverable, chance: float | None, day: date = TODAY, **fields: object) -> Forecast:
    values = {"p50": day + timedelta(days=9), "quantiles": [float(n) for n in range(1, 100)], "target": SOON}
    if chance is None:
        values = {"reason": "There is not enough history.", "target": SOON}
    return Forecast.objects.create(deliverable=of, day=day, made=at(day), chance=chance, version=1, **(values | fields))


def test_a_promise_says_what_the_forecast_and_the_owner_say(director: Person) -> None:
    team = builders.team("Ranking", lead=director)
    promised = builders.deliverable(team, target=SOON, owner=director, title="Ship ranking")
    forecast(promised, 0.4)
    forecast(promised, 0.9, TODAY - timedelta(days=8))
    CheckIn.objects.create(deliverable=promised, day=TODAY, status="on_track", confidence=80)

    (found,) = promises(director, day=TODAY)

    assert (found.title, found.team, found.target, found.days_left) == ("Ship ranking", "Ranking", SOON, 20)
    assert (found.level, found.level_before) == (Level.LIKELY, Level.ON_TRACK)
    assert found.missing == pytest.approx(0.6)
    assert found.missing_before == pytest.approx(0.1)
    assert (found.declared, found.confidence) == ("on_track", 80)
    assert found.disagreement == pytest.approx(0.4)
    assert found.quantiles[0] == 1


def test_it_knows_what_was_begun_and_when_an_item_was_last_finished(director: Person) -> None:
    tokyo = builders.team(timezone="Asia/Tokyo")
    jira = builders.project(tokyo)
    done = builders.item(jira, finished=at(TODAY - timedelta(days=9), 20), stage="done")  # the next morning in Tokyo
    begun = builders.item(jira, started=at(TODAY - timedelta(days=3)))
    dropped = builders.item(jira, started=at(TODAY - timedelta(days=3)), stage="dropped", ended=at(TODAY, 1))
    waiting = builders.item(jira, stage="todo")
    made = builders.deliverable(tokyo, items=(done, begun, dropped, waiting))
    builders.deliverable(tokyo, title="Empty")
    found = {one.id: one for one in promises(director, day=TODAY)}
    assert (found[made.pk].items, found[made.pk].items_begun) == (3, 2)
    assert found[made.pk].last_finish == TODAY - timedelta(days=8)
    assert found[made.pk].weeks_still == 1
    (empty,) = (one for one in found.values() if one.title == "Empty")
    assert (empty.items_begun, empty.last_finish, empty.weeks_still) == (0, None, 0)


def test_without_a_fresh_forecast_it_says_so(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    forecast(promised, 0.9, TODAY - timedelta(days=3))
    (found,) = promises(director, day=TODAY)
    assert (found.missing, found.level, found.level_before) == (None, Level.NONE, None)
    assert "no forecast" in found.reason


def test_a_two_day_old_forecast_stands_and_counts_its_days_from_today(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    forecast(promised, 0.9, TODAY - timedelta(days=2))
    (found,) = promises(director, day=TODAY)
    assert found.level == Level.ON_TRACK
    assert found.quantiles[:4] == (0, 0, 1, 2)


def test_a_forecast_that_could_not_be_made_tells_why(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    forecast(promised, None)
    (found,) = promises(director, day=TODAY)
    assert (found.level, found.reason) == (Level.NONE, "There is not enough history.")


def test_a_date_that_moved_is_judged_by_the_same_distribution(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    forecast(promised, 0.2)
    Commitment.objects.create(deliverable=promised, given=TODAY, target=TODAY + timedelta(days=90), cause="scope")
    (found,) = promises(director, day=TODAY)
    assert (found.moves, found.first_target, found.target) == (1, SOON, TODAY + timedelta(days=90))
    assert found.missing == pytest.approx(1 - 90.5 / 100)


def test_commitments_of_later_days_are_not_known_yet(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    Commitment.objects.create(deliverable=promised, given=TODAY, target=SOON + timedelta(days=5))
    (found,) = promises(director, day=TODAY - timedelta(days=1))
    assert (found.target, found.moves) == (SOON, 0)


def test_items_are_counted_as_they_stand_on_the_day(director: Person) -> None:
    team = builders.team()
    source = builders.project(team)
    done = builders.item(source, finished=at(TODAY - timedelta(days=2)))
    later = builders.item(source, finished=at(TODAY))
    dropped = builders.item(source, ended=at(TODAY - timedelta(days=9)), stage="dropped")
    waiting = builders.item(source, blocked_by=[later.key])
    stuck = builders.item(source, flagged=True)
    builders.item(source, key="GONE-1", ended=at(TODAY))
    stalled = builders.item(source, blocked_by=[stuck.key, "GONE-1"])
    promised = builders.deliverable(team, target=SOON, items=(done, later, dropped, waiting, stuck))
    ScopedItem.objects.create(deliverable=promised, item=stalled, since=at(TODAY - timedelta(days=3)))
    removed = builders.item(source)
    ScopedItem.objects.create(
        deliverable=promised, item=removed, since=removed.created, until=at(TODAY - timedelta(days=30))
    )

    (now,) = promises(director, day=TODAY)
    (yesterday,) = promises(director, day=TODAY - timedelta(days=1))

    assert (now.items, now.items_done, now.blocked) == (5, 2, 2)  # flagged, and behind the flagged one
    assert (now.at_commitment, now.grown) == (6, 1)
    assert (yesterday.items, yesterday.items_done) == (5, 1)


def test_only_goals_one_may_see_are_named(director: Person) -> None:
    owner = builders.person(role=Role.MANAGER)
    goal = Goal.objects.create(title="Quiet", level="company", start=TODAY, end=SOON, confidential=True, owner=owner)
    promised = builders.deliverable(builders.team(), target=SOON)
    promised.goals.add(goal)
    assert [one.goal for one in promises(director, day=TODAY)] == ["Quiet"]
    assert [one.goal for one in promises(owner, day=TODAY)] == ["Quiet"]
    assert [one.goal for one in promises(builders.person(), day=TODAY)] == [""]


def test_the_most_likely_to_be_missed_comes_first_and_delivered_ones_are_out(director: Person) -> None:
    team, other = builders.team(), builders.team("Other")
    safe, late, unknown = (builders.deliverable(team, target=SOON, title=name) for name in ("Safe", "Late", "Unknown"))
    builders.deliverable(team, target=SOON, title="Done", delivered=TODAY)
    builders.deliverable(team, target=SOON, title="Dropped", dropped=TODAY)
    helped = builders.deliverable(other, target=SOON, title="Helped")
    helped.helping_teams.add(team)
    forecast(safe, 0.95)
    forecast(late, 0.1)

    found = promises(director, day=TODAY, team=team)
    assert [one.title for one in found] == ["Late", "Safe", "Helped", "Unknown"]
    assert "Done" in [one.title for one in promises(director, day=TODAY, include_delivered=True)]
    assert [one.title for one in promises(director, day=TODAY, ids=[unknown.pk])] == ["Unknown"]
    assert promises(director, day=TODAY, ids=[]) == []


def test_it_names_what_it_waits_for_until_that_is_delivered(director: Person) -> None:
    team = builders.team()
    first, second, third = (builders.deliverable(team, title=name) for name in ("First", "Second", "Third"))
    second.depends_on.add(first, third)
    by_title = {one.title: one for one in promises(director, day=TODAY)}
    assert by_title["Second"].waits_for == ("First", "Third")
    assert by_title["First"].waited_for_by == ("Second",)
    Deliverable.objects.filter(pk=third.pk).update(delivered=TODAY)
    by_title = {one.title: one for one in promises(director, day=TODAY)}
    assert by_title["Second"].waits_for == ("First",)


def test_the_tally_counts_levels_now_and_a_week_ago(director: Person) -> None:
    team = builders.team()
    worse, steady, new = (builders.deliverable(team, target=SOON) for _ in range(3))
    week_ago = TODAY - timedelta(days=7)
    for deliverable, before, now in ((worse, 0.9, 0.3), (steady, 0.4, 0.4), (new, None, 0.7)):
        forecast(deliverable, now)
        if before:
            forecast(deliverable, before, week_ago)
    found = tally(promises(director, day=TODAY), day=TODAY, past=past_weeks(director, day=TODAY))
    assert found.now == {Level.ON_TRACK: 0, Level.AT_RISK: 1, Level.LIKELY: 2, Level.NONE: 0}
    assert found.before == {Level.ON_TRACK: 1, Level.AT_RISK: 0, Level.LIKELY: 1, Level.NONE: 1}
    assert found.new_likely == {worse.pk}
    assert found.weeks == ((week_ago, 1), (TODAY, 2))


def test_what_happens_this_week_leaves_the_numbers_of_last_week_alone(director: Person) -> None:
    team, week_ago = builders.team(), TODAY - timedelta(days=7)
    delivered, dropped, moved, still = (builders.deliverable(team, target=SOON) for _ in range(4))
    for one in (delivered, dropped, moved, still):
        forecast(one, 0.2)
        forecast(one, 0.2, week_ago)
    Deliverable.objects.filter(pk=delivered.pk).update(delivered=TODAY)
    Deliverable.objects.filter(pk=dropped.pk).update(dropped=TODAY)
    Commitment.objects.create(deliverable=moved, given=TODAY, target=TODAY + timedelta(days=90))
    past = past_weeks(director, day=TODAY, weeks=3)
    found = tally(promises(director, day=TODAY), day=TODAY, past=past)
    assert (found.now[Level.LIKELY], found.before[Level.LIKELY]) == (1, 4)
    assert found.weeks == ((week_ago, 4), (TODAY, 1))


def test_a_week_counts_what_was_open_then_by_the_latest_fresh_forecast(director: Person) -> None:
    team, week = builders.team(), timedelta(weeks=1)
    one, two = (builders.deliverable(team, target=SOON) for _ in range(2))
    over = builders.deliverable(team, target=SOON, delivered=TODAY - 2 * week)
    forecast(over, 0.1, TODAY - 2 * week)  # delivered that day
    forecast(one, 0.2, TODAY - 2 * week)
    forecast(two, 0.9, TODAY - 2 * week)
    forecast(two, 0.3, TODAY - 2 * week - timedelta(days=2))  # older than that of the day itself
    forecast(one, 0.3, TODAY - 4 * week - timedelta(days=2))
    forecast(one, 0.3, TODAY - 5 * week - timedelta(days=4))  # too old for its week
    nothing = dict.fromkeys(Level, 0)
    assert past_weeks(director, day=TODAY, weeks=6) == [
        (TODAY - 4 * week, nothing | {Level.LIKELY: 1, Level.NONE: 2}),
        (TODAY - 2 * week, nothing | {Level.LIKELY: 1, Level.ON_TRACK: 1}),
    ]
    assert tally([], day=TODAY).weeks == ()


def test_the_history_has_one_forecast_a_week(director: Person) -> None:
    promised = builders.deliverable(builders.team(), target=SOON)
    for back in range(15):
        forecast(promised, 0.5, TODAY - timedelta(days=back))
    days = [one.day for one in forecast_history(promised, day=TODAY)]
    assert days == [TODAY - timedelta(days=14), TODAY - timedelta(days=7), TODAY]


def test_burn_up_is_rebuilt_from_when_items_came_left_and_ended() -> None:
    team = builders.team()
    source = builders.project(team)
    start = TODAY - timedelta(days=4)
    done = builders.item(source, created=at(start), finished=at(start + timedelta(days=2)))
    dropped = builders.item(source, created=at(start), ended=at(start + timedelta(days=3)), stage="dropped")
    promised = builders.deliverable(team, items=(done, dropped))
    late = builders.item(source, created=at(start), finished=at(start))
    ScopedItem.objects.create(
        deliverable=promised, item=late, since=at(start + timedelta(days=1)), until=at(start + timedelta(days=4))
    )
    frame = burn_up(promised, day=TODAY)
    assert list(frame["day"]) == [start + timedelta(days=n) for n in range(5)]
    assert list(frame["scope"]) == [2, 3, 3, 2, 1]
    assert list(frame["done"]) == [0, 1, 2, 2, 1]
    assert burn_up(builders.deliverable(team), day=TODAY).empty


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(
    count: int, director: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    team = builders.team()
    source = builders.project(team)
    for _ in range(count):
        forecast(builders.deliverable(team, target=SOON, items=(builders.item(source),), owner=director), 0.5)
    with django_assert_num_queries(8):
        assert len(promises(director, day=TODAY)) == count
