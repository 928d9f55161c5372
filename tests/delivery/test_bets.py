"""Bets as people write them: what is refused and why, who sees them, and what a verdict leaves as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from delivery import access, bets
from delivery.bets import BetTold, VerdictTold
from delivery.models import Bet, Goal
from delivery.refused import Conflict, Wrong
from people.models import Person
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def org() -> Organisation:
    return organisation()


def told(team: Team, **fields: Any) -> BetTold:
    values: dict[str, Any] = {
        "title": "One topic per event type",
        "hypothesis": "Consumers read less that they do not need.",
        "success_signal": "Lag at peak under 10 s",
        "kill_criterion": "Two load tests above 30 s",
        "cost_cap": 10,
        "started": TODAY - 30 * DAY,
        "decide_by": TODAY + 9 * DAY,
    }
    return BetTold(**values | {"team": team} | fields)


def decided(bet: Bet, by: Person, verdict: str = "disproved", seen: int | None = None, **fields: Any) -> Bet:
    values: dict[str, Any] = {"lesson": "Metadata grows too fast.", "cost": 8, "day": TODAY}
    said = VerdictTold(verdict, **values | fields)
    return bets.decide_bet(bet, said, by=by, today=TODAY, seen=bet.version if seen is None else seen)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("title", "  ", "Name the bet in a line"),
        ("title", "x" * 201, "Keep it to 200 letters; these are 201"),
        ("hypothesis", "", "Say what you believe"),
        ("hypothesis", "x" * 5001, "Keep it to 5,000 letters"),
        ("success_signal", " ", "what you will see if it is right"),
        ("kill_criterion", "", "what ends it early"),
        ("cost_cap", 0, "from 1 to 9,999"),
        ("cost_cap", 10_000, "from 1 to 9,999"),
        ("cost_so_far", -1, "from 0 to 9,999"),
        ("decide_by", TODAY - 31 * DAY, "It starts on 24 October 2026"),
        ("started", TODAY.replace(year=1999), "between 2000 and 2199"),
        ("lesson", "x" * 5001, "Keep it to 5,000 letters"),
    ],
)
def test_what_cannot_be_kept_says_what_to_do(org: Organisation, field: str, value: Any, says: str) -> None:
    with pytest.raises(Wrong) as refused:
        bets.add_bet(told(org.team, **{field: value}))
    assert set(refused.value.errors) == {field}
    assert says in refused.value.errors[field]
    assert not Bet.objects.exists()


def test_what_nobody_counted_is_unknown_and_a_day_is_long_enough(org: Organisation) -> None:
    made = bets.add_bet(told(org.team, title=" Trim me ", decide_by=TODAY - 30 * DAY))
    made.refresh_from_db()
    assert (made.title, made.cost_so_far, made.verdict, made.decided_on, made.version) == ("Trim me", None, "", None, 1)


def test_an_owner_is_somebody_who_works_here_or_owns_it_already(org: Organisation) -> None:
    assert "owner" in bets.problems(told(org.team, owner=org.executive))
    made = bets.add_bet(told(org.team, owner=org.engineer))
    Person.objects.filter(pk=org.engineer.pk).update(is_active=False)
    assert bets.problems(bets.as_told(made), before=made) == {}
    assert "owner" in bets.problems(told(org.team, owner=Person.objects.get(pk=org.engineer.pk)))


def test_who_is_second_is_told_how_it_stands_now(org: Organisation) -> None:
    made = bets.add_bet(told(org.team))
    first = bets.change_bet(made, told(org.team, title="Families of topics"), seen=1)
    assert (first.title, first.version) == ("Families of topics", 2)
    for change in (
        lambda: bets.change_bet(made, told(org.team, title="Mine"), seen=1),
        lambda: decided(made, org.lead, seen=1),
    ):
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.row.title == "Families of topics"
    assert (Bet.objects.get().version, Bet.objects.get().verdict) == (2, "")
    same = bets.change_bet(made, told(org.team, title="Families of topics "), seen=2)
    assert same.version == 2


def test_a_verdict_is_kept_with_who_and_when(org: Organisation) -> None:
    made = decided(bets.add_bet(told(org.team)), org.lead, day=TODAY - DAY, reuse="Anyone with many topics")
    made.refresh_from_db()
    assert (made.verdict, made.decided_on, made.decided_by, made.cost_so_far, made.version) == (
        "disproved", TODAY - DAY, org.lead, 8, 2,
    )  # fmt: skip
    assert made.reuse == "Anyone with many topics"
    again = decided(made, org.manager, "overran", lesson="", cost=14)
    assert (again.verdict, again.decided_by, again.reuse) == ("overran", org.manager, "Anyone with many topics")


@pytest.mark.parametrize(
    ("verdict", "fields", "wrong"),
    [
        ("disproved", {"lesson": " "}, {"lesson"}),
        ("validated", {"lesson": ""}, {"lesson"}),
        ("disproved", {"cost": 11}, {"verdict"}),
        ("overran", {"cost": 10_000}, {"cost"}),
        ("overran", {"cost": 10}, {"verdict"}),
        ("perhaps", {}, {"verdict"}),
        ("", {}, {"verdict"}),
        ("dropped", {"day": TODAY + DAY}, {"day"}),
        ("dropped", {"day": TODAY - 31 * DAY}, {"day"}),
    ],
)
def test_a_verdict_that_does_not_hold_is_refused(
    org: Organisation, verdict: str, fields: dict[str, Any], wrong: set[str]
) -> None:
    made = bets.add_bet(told(org.team))
    with pytest.raises(Wrong) as refused:
        decided(made, org.lead, verdict, **fields)
    assert set(refused.value.errors) == wrong
    assert Bet.objects.get().verdict == ""


@pytest.mark.parametrize(
    ("verdict", "fields"),
    [
        ("disproved", {"cost": 10}),
        ("disproved", {"cost": None}),
        ("validated", {"cost": 25}),
        ("dropped", {"lesson": ""}),
    ],
)
def test_what_holds_is_taken(org: Organisation, verdict: str, fields: dict[str, Any]) -> None:
    assert decided(bets.add_bet(told(org.team)), org.lead, verdict, **fields).verdict == verdict


@pytest.mark.parametrize("field", bets.WAGERED)
def test_what_was_wagered_stays_as_it_was_once_it_is_decided(org: Organisation, field: str) -> None:
    made = decided(bets.add_bet(told(org.team)), org.lead)
    other: dict[str, Any] = {
        "team": builders.team("Other"), "cost_cap": 99, "started": TODAY - 29 * DAY, "decide_by": TODAY + 10 * DAY,
    }  # fmt: skip
    with pytest.raises(Wrong) as refused:
        bets.change_bet(made, bets.as_told(made, **{field: other.get(field, "Moved")}), seen=made.version)
    assert set(refused.value.errors) == {field}
    assert "It was decided on 23 November 2026" in refused.value.errors[field]


def test_the_rest_of_a_decided_bet_may_be_written_on_but_its_verdict_stays_true(org: Organisation) -> None:
    made = decided(bets.add_bet(told(org.team)), org.lead)
    kept = bets.change_bet(made, bets.as_told(made, title="Renamed", reuse="All", cost_so_far=9), seen=made.version)
    assert (kept.title, kept.reuse, kept.cost_so_far) == ("Renamed", "All", 9)
    for field, value in (("lesson", ""), ("cost_so_far", 11)):
        wrong = bets.problems(bets.as_told(kept, **{field: value}), before=kept)
        assert set(wrong) == {field}


@pytest.mark.parametrize(
    "broken",
    [
        {"verdict": "validated", "lesson": "Yes"},
        {"decided_on": TODAY},
        {"verdict": "disproved", "decided_on": TODAY},
        {"verdict": "validated", "decided_on": TODAY},
        {"verdict": "disproved", "decided_on": TODAY, "lesson": "No", "cost_so_far": 11},
        {"verdict": "dropped", "decided_on": TODAY - 31 * DAY},
        {"decide_by": TODAY - 31 * DAY},
        {"cost_cap": 0},
    ],
)
def test_the_database_holds_what_a_bet_is(org: Organisation, broken: dict[str, Any]) -> None:
    made = bets.add_bet(told(org.team))
    with pytest.raises(IntegrityError, match="bet_"), transaction.atomic():
        Bet.objects.filter(pk=made.pk).update(**broken)
    Bet.objects.filter(pk=made.pk).update(verdict="disproved", decided_on=TODAY, lesson="No", cost_so_far=10)


def test_what_was_decided_in_a_span_comes_newest_first(org: Organisation) -> None:
    for days in (0, 3, 7, 8):
        decided(bets.add_bet(told(org.team, title=f"{days} ago")), org.lead, day=TODAY - days * DAY)
    bets.add_bet(told(org.team, title="Open"))
    found = bets.decided_between(org.engineer, TODAY - 7 * DAY, TODAY)
    assert [one.title for one in found] == ["0 ago", "3 ago"]
    assert found[0].team.name == "Streaming & Events"


def goal_of(org: Organisation, **fields: Any) -> Goal:
    period = {"start": TODAY, "end": TODAY + 90 * DAY}
    return Goal.objects.create(title="Secret", level="team", team=org.team, owner=org.lead, **period, **fields)


def test_a_bet_on_a_confidential_goal_is_for_who_may_see_the_goal(org: Organisation) -> None:
    goal = goal_of(org, confidential=True)
    made = decided(bets.add_bet(told(org.team, goal=goal)), org.lead)
    stranger = builders.person(role="manager")
    builders.team("Stranger’s", manager=stranger)
    for one in (*org.everybody(), stranger):
        sees = one in (org.director, org.manager, org.lead)
        assert access.visible_bets(one).filter(pk=made.pk).exists() is sees
        assert bets.decided_between(one, TODAY - DAY, TODAY).exists() is sees
        assert access.can_edit_bet(one, made) is sees


def test_who_may_change_a_bet(org: Organisation) -> None:
    ours, theirs = (bets.add_bet(told(team)) for team in (org.team, builders.team("Other")))
    for one in org.everybody():
        assert access.can_edit_bet(one, ours) is (one in (org.director, org.manager, org.lead))
        assert access.can_edit_bet(one, theirs) is (one == org.director)
        assert access.can_add_bet(one, theirs.team_id) is (one == org.director)
        assert access.visible_bets(one).count() == 2


def test_a_bet_outlives_its_goal_and_holds_its_team(org: Organisation) -> None:
    goal = goal_of(org)
    made = bets.add_bet(told(org.team, goal=goal))
    goal.delete()
    made.refresh_from_db()
    assert made.goal is None
