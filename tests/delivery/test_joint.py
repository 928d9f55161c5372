"""From rows to joint futures and back: what is kept of a day, what levers do to it, and what a goal rests on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from delivery import base_rate, outlooks, what_if
from delivery.core.chance import chance_by
from delivery.core.drivers import Cause, from_json
from delivery.core.levers import Lever, LeverKind
from delivery.forecasts import forecast_all, forecast_days, forecast_teams
from delivery.goal_chances import forecast_goals
from delivery.models import (
    Commitment,
    Deliverable,
    Forecast,
    Goal,
    GoalForecast,
    ScopedItem,
    TeamOutlook,
    WorkItem,
)
from people.models import Account, Person
from teams.models import Team, TimeOff
from tests import builders
from tests.builders import TODAY, at
from tests.delivery.promising import DAY, NOW, SOON, a_team, chance, open_items, promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return a_team()


def shares(of: Deliverable) -> dict[Cause, float]:
    told = from_json(Forecast.objects.get(deliverable=of, day=TODAY).drivers)
    assert told is not None
    assert told.missing == 1 - chance(of)
    assert told.usual + sum(one.share for one in told.shares) == pytest.approx(told.missing, abs=1e-9)
    return {one.cause: one.share for one in told.shares}


def test_what_waits_for_another_team_is_never_surer_than_it_and_the_wait_is_a_driver(team: Team) -> None:
    late = promised(a_team("Data"), items=30)
    waiting = promised(team, items=1)
    waiting.depends_on.add(late)
    forecast_all(day=TODAY, made=NOW)
    assert chance(waiting) <= chance(late)
    assert shares(waiting)[Cause.WAITING] > 0.2


def test_leave_of_who_holds_the_work_is_a_driver_of_its_own_work_most(team: Team) -> None:
    person = builders.member(team)
    account = Account.objects.create(kind="jira", origin="x", native_id="1", person=person)
    hers = builders.deliverable(
        team, target=SOON, items=open_items(team, 3, assignee=account, started=at(TODAY - 3 * DAY))
    )
    others = promised(team, items=3)
    TimeOff.objects.create(person=person, start=TODAY + DAY, end=SOON)
    forecast_all(day=TODAY, made=NOW)
    assert shares(hers)[Cause.ABSENCE] > 2 * shares(others).get(Cause.ABSENCE, 0.0) > 0
    facts = {one.cause: one.facts for one in from_json(Forecast.objects.get(deliverable=hers).drivers).shares}  # type: ignore[union-attr]
    assert facts[Cause.ABSENCE]["people"] == [person.pk]
    assert facts[Cause.ABSENCE]["alone"] == 0.6


def test_items_that_came_in_after_the_promise_are_a_driver(team: Team) -> None:
    grown = promised(team, items=2)
    ScopedItem.objects.bulk_create(
        ScopedItem(deliverable=grown, item=item, since=at(TODAY - 5 * DAY)) for item in open_items(team, 12, 5)
    )
    forecast_all(day=TODAY, made=NOW)
    assert max(shares(grown), key=lambda cause: shares(grown)[cause]) == Cause.SCOPE


def test_a_size_range_or_attempts_make_a_forecast_where_there_is_no_item_yet(team: Team) -> None:
    empty = builders.deliverable(team, target=SOON)
    sized = builders.deliverable(team, target=SOON, size_low=3, size_high=8)
    tried = builders.deliverable(team, target=SOON, kind="experiment", attempts_low=2, attempts_high=4, attempts_done=1)
    forecast_all(day=TODAY, made=NOW)
    assert "or a size" in Forecast.objects.get(deliverable=empty).reason
    assert 0 < chance(sized) < 1
    assert 0 < chance(tried) < 1


def test_an_order_of_work_puts_the_first_before_the_last(team: Team) -> None:
    first, last = promised(team, priority=1), promised(team, priority=2)
    forecast_all(day=TODAY, made=NOW)
    assert chance(first) > chance(last)


def test_one_team_made_again_gives_what_all_together_give_and_reaches_what_waits_for_it(team: Team) -> None:
    other = a_team("Data")
    needed = promised(team)
    waiting = promised(other, items=2)
    waiting.depends_on.add(needed)
    aside = promised(other, items=2)
    forecast_all(day=TODAY, made=NOW)
    before = {one.pk: chance(one) for one in (needed, waiting, aside)}
    forecast_teams([team.pk], day=TODAY, made=NOW)
    assert {one.pk: chance(one) for one in (needed, waiting, aside)} == before
    ScopedItem.objects.bulk_create(
        ScopedItem(deliverable=needed, item=item, since=at(TODAY - DAY)) for item in open_items(team, 25, 1)
    )
    later = NOW + timedelta(hours=1)
    assert forecast_teams([team.pk], day=TODAY, made=later) == 2
    assert chance(needed) < before[needed.pk]
    assert chance(waiting) < before[waiting.pk]
    assert Forecast.objects.get(deliverable=aside).made == NOW
    apart = {one.pk: chance(one) for one in (needed, waiting)}
    forecast_all(day=TODAY, made=later)
    assert {one.pk: chance(one) for one in (needed, waiting)} == apart


def test_outlooks_stand_for_three_days_and_those_of_archived_teams_not_at_all(team: Team) -> None:
    promised(team)
    forecast_all(day=TODAY, made=NOW)
    assert outlooks.load(TODAY + 2 * DAY).inputs.owners
    assert not outlooks.load(TODAY + 3 * DAY).inputs.owners
    Team.objects.update(archived=True)
    assert outlooks.load(TODAY).day is None


def test_a_past_day_keeps_no_outlook_and_no_drivers(team: Team) -> None:
    promised(team)
    forecast_days([TODAY - 7 * DAY, TODAY], made=NOW)
    assert list(TeamOutlook.objects.values_list("day", flat=True)) == [TODAY]
    assert Forecast.objects.get(day=TODAY - 7 * DAY).drivers == {}
    assert Forecast.objects.get(day=TODAY).drivers


def a_goal(**fields: object) -> Goal:
    values = {"title": "Grow", "level": "company", "start": TODAY - 30 * DAY, "end": SOON + DAY}
    return Goal.objects.create(**(values | fields))  # type: ignore[arg-type]


def test_a_goal_is_the_joint_chance_of_all_that_it_and_the_goals_below_it_rest_on(team: Team) -> None:
    company = a_goal()
    below = a_goal(title="Team's", level="team", team=team, parent=company)
    one, other = promised(team), promised(team, items=3)
    one.goals.add(company)
    other.goals.add(below)
    forecast_all(day=TODAY, made=NOW)
    row = GoalForecast.objects.get(goal=company)
    start = what_if.start(TODAY)
    assert start is not None
    both = start.futures.all_done([one.pk, other.pk])
    assert row.chance == chance_by(both, (SOON - TODAY).days)
    assert row.chance <= min(chance(one), chance(other))
    assert (row.deliverables, row.unknown) == (2, 0)
    assert GoalForecast.objects.get(goal=below).chance == chance(other)


def test_a_goal_without_anything_to_forecast_says_why(team: Team) -> None:
    nothing, unknown, done = (a_goal(title=title) for title in ("Nothing", "Unknown", "Done"))
    builders.deliverable(team, target=SOON).goals.add(unknown)
    builders.deliverable(team, target=SOON, delivered=TODAY - DAY).goals.add(done)
    promised(team)
    forecast_all(day=TODAY, made=NOW)
    for goal, says in ((nothing, "Nothing is promised"), (unknown, "None of what"), (done, "is delivered")):
        row = GoalForecast.objects.get(goal=goal)
        assert row.chance is None
        assert says in row.reason


def test_goals_that_are_over_or_to_come_have_no_chance(team: Team) -> None:
    a_goal(title="Over", end=TODAY)
    a_goal(title="To come", start=TODAY + DAY)
    promised(team)
    forecast_all(day=TODAY, made=NOW)
    start = what_if.start(TODAY)
    assert start is not None
    assert forecast_goals(start.futures, day=TODAY, made=NOW) == 0


def test_the_base_rate_counts_first_dates_and_is_held_against_elsewhere(team: Team) -> None:
    assert base_rate.base_rate(TODAY).missing == pytest.approx(base_rate.ELSEWHERE)
    over = TODAY - 30 * DAY
    for delivered in (over, over + DAY, None):
        builders.deliverable(team, target=over, start=over - 60 * DAY, delivered=delivered)
    builders.deliverable(team, target=over, start=over - 60 * DAY, dropped=over - DAY)  # before it was due
    moved = builders.deliverable(team, target=over, start=over - 60 * DAY)
    Commitment.objects.create(deliverable=moved, given=over - DAY, target=SOON)
    found = base_rate.base_rate(TODAY)
    assert found.n == 4
    assert found.missing == pytest.approx((3 + 10 * base_rate.ELSEWHERE) / 14)


def test_people_who_are_in_two_teams_are_told_to_the_simulation(team: Team) -> None:
    other = a_team("Data")
    both: Person = builders.member(team, share=0.6)
    builders.member(other, both, share=0.4)
    promised(team)
    promised(other)
    forecast_all(day=TODAY, made=NOW)
    ahead = outlooks.load(TODAY).inputs.ahead
    assert set(ahead.teams[team.pk].shared) == set(ahead.teams[other.pk].shared) == {both.pk}
    assert ahead.teams[team.pk].shared[both.pk] > ahead.teams[other.pk].shared[both.pk]


def test_a_clock_that_jumped_and_a_date_in_the_past_give_plain_answers(team: Team) -> None:
    over = builders.deliverable(team, target=TODAY - 5 * DAY, start=TODAY - 60 * DAY, items=open_items(team, 2))
    odd = builders.deliverable(team, target=SOON, items=open_items(team, 1, days_ago=-30))  # made in the future
    WorkItem.objects.filter(scoped_in__deliverable=over).update(started=F("created") - DAY)
    forecast_all(day=TODAY, made=NOW)
    assert chance(over) < 0.001
    assert "at least one work item" in Forecast.objects.get(deliverable=odd).reason


def test_a_team_without_members_or_with_one_finished_item_is_told_plainly() -> None:
    lonely = builders.team()
    source = builders.project(lonely, "ONE")
    builders.item(source, "ONE", finished=at(TODAY - DAY))
    one = builders.deliverable(lonely, target=SOON, items=(builders.item(source, "ONE"),))
    forecast_all(day=TODAY, made=NOW)
    assert "5 finished items of the team; there are 1" in Forecast.objects.get(deliverable=one).reason
    empty = a_team("Nobody", people=0)
    promised_one = promised(empty)
    forecast_all(day=TODAY, made=NOW)
    assert 0 < chance(promised_one) < 1
    with pytest.raises(what_if.Impossible, match="Nobody is in this team"):
        what_if.what_if(
            promised_one, [Lever(LeverKind.ADD_PEOPLE, team=empty.pk, people=1.0, day=TODAY + DAY)], day=TODAY
        )
