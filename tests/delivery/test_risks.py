"""The register: one row a cause, kept by rules and by people, with its history."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from delivery import access, risk_rules, risks
from delivery.forecasts import forecast_all
from delivery.models import CheckIn, Commitment, Deliverable, Goal, Risk, RiskEvent, RiskRule, ScopedItem, WorkItem
from delivery.risk_evidence import load_risk_evidence
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at
from tests.delivery.promising import DAY, SOON, a_team, open_items, promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return a_team()


def keep(day: date = TODAY, **fields: Any) -> risks.Kept:
    return risks.keep_risks(day=day, now=at(day, 7), **fields)


def keep_days(first: int, last: int) -> None:
    """Forecast and run the rules on each day from TODAY + first to TODAY + last."""
    for number in range(first, last + 1):
        day = TODAY + number * DAY
        forecast_all(day=day, made=at(day, 6))
        keep(day)


def open_of(rule: str) -> list[Risk]:
    return list(Risk.objects.filter(rule=rule).exclude(state__in=("closed", "pending")))


def in_danger(team: Team, **fields: Any) -> Deliverable:
    one = promised(team, target=TODAY + 25 * DAY, items=25, **fields)
    CheckIn.objects.create(deliverable=one, day=TODAY, status="on_track", confidence=95)
    return one


def test_a_risk_opens_once_it_has_been_there_for_long_enough_and_once_only(team: Team) -> None:
    one = in_danger(team)
    keep_days(0, 1)
    assert open_of("likely_to_miss") == []
    assert Risk.objects.get(rule="likely_to_miss").state == "pending"
    keep_days(2, 2)
    (risk,) = open_of("likely_to_miss")
    assert (risk.deliverable, risk.state, risk.opened, risk.kind) == (one, "new", TODAY + 2 * DAY, "schedule")
    assert risk.probability == pytest.approx(1 - (one.forecasts.get(day=TODAY + 2 * DAY).chance or 0))
    assert risk.impact == 0.3
    assert risk.evidence[0]["says"].startswith("The chance of missing is")
    assert {share["cause"] for share in risk.drivers} >= {"size"}
    assert [event.what for event in risk.events.all()] == ["opened"]
    before = (Risk.objects.count(), RiskEvent.objects.count())
    keep(TODAY + 2 * DAY)
    assert (Risk.objects.count(), RiskEvent.objects.count()) == before
    keep_days(3, 4)
    assert open_of("likely_to_miss") == [risk]


def test_it_closes_when_it_has_been_better_for_long_enough_and_comes_back_as_another(team: Team) -> None:
    one = in_danger(team)
    keep_days(0, 2)
    Commitment.objects.create(deliverable=one, given=TODAY + 3 * DAY, target=SOON + 3000 * DAY)
    keep_days(3, 4)
    assert open_of("likely_to_miss")
    keep_days(5, 5)
    (risk,) = Risk.objects.filter(rule="likely_to_miss")
    assert (risk.state, risk.closed) == ("closed", TODAY + 5 * DAY)
    assert risk.events.latest("pk").note == risks.BETTER
    Commitment.objects.create(deliverable=one, given=TODAY + 6 * DAY, target=TODAY + 20 * DAY)
    keep_days(6, 8)
    (again,) = open_of("likely_to_miss")
    assert again.pk != risk.pk
    assert "It was open before, until" in again.events.get(what="opened").note


def test_without_a_forecast_nothing_closes(team: Team) -> None:
    in_danger(team)
    keep_days(0, 2)
    for number in range(3, 12):
        keep(TODAY + number * DAY)  # nothing was forecast any more
    assert open_of("likely_to_miss")


def test_what_has_ended_and_what_is_switched_off_close_with_their_reason(team: Team) -> None:
    one, other = in_danger(team), in_danger(team)
    keep_days(0, 2)
    Deliverable.objects.filter(pk=one.pk).update(dropped=TODAY + 3 * DAY)
    keep(TODAY + 3 * DAY)
    assert not Risk.objects.filter(deliverable=one).exclude(state="closed").exists()
    assert RiskEvent.objects.filter(risk__deliverable=one, what="closed").first().note == risks.OVER  # type: ignore[union-attr]
    RiskRule.objects.create(rule="likely_to_miss", enabled=False, enter=50, leave=40, days=2)
    keep(TODAY + 3 * DAY)
    (risk,) = Risk.objects.filter(deliverable=other, rule="likely_to_miss")
    assert (risk.state, risk.events.latest("pk").note) == ("closed", risks.OFF)


def test_declared_green_against_a_red_forecast_is_a_disagreement(team: Team) -> None:
    one = in_danger(team)
    keep_days(0, 3)
    (risk,) = open_of("declared_green")
    assert (risk.deliverable, risk.kind) == (one, "disagreement")


def test_what_is_waited_for_is_one_cause_and_goes_with_it(team: Team) -> None:
    late, waiting = in_danger(a_team("Data")), promised(team, target=TODAY + 20 * DAY, items=1)
    waiting.depends_on.add(late)
    keep_days(0, 2)
    (risk,) = open_of("waiting")
    assert (risk.deliverable, risk.cause, risk.title) == (waiting, str(late.pk), f"Waits for {late.title}")
    waiting.depends_on.clear()
    keep_days(3, 3)
    assert open_of("waiting") == []


def test_a_part_run_touches_only_its_teams(team: Team) -> None:
    other = a_team("Data")
    in_danger(team)
    in_danger(other)
    keep_days(0, 1)
    day = TODAY + 2 * DAY
    forecast_all(day=day, made=at(day, 6))
    keep(day, teams=[team.pk])
    assert {risk.deliverable.team for risk in open_of("likely_to_miss") if risk.deliverable} == {team}


def test_impact_grows_with_what_rests_on_it(team: Team) -> None:
    one = in_danger(team)
    goal = Goal.objects.create(
        title="Grow", level="company", start=TODAY - DAY, end=SOON + 90 * DAY, ambition="committed"
    )
    one.goals.add(goal)
    promised(team).depends_on.add(one)
    keep_days(0, 2)
    assert [risk.impact for risk in open_of("likely_to_miss") if risk.deliverable == one] == [0.8]


def test_people_change_a_risk_and_every_change_is_told(team: Team) -> None:
    in_danger(team)
    keep_days(0, 2)
    (risk,) = open_of("likely_to_miss")
    owner = builders.person("Ines Duarte", Role.MANAGER)
    changed = risks.change_risk(
        risk,
        by=owner,
        at=at(TODAY + 3 * DAY),
        seen=risk.updated,
        note="We look at it on Monday.",
        state="mitigating",
        roam="owned",
        owner=owner,
        review_on=SOON,
    )
    told = [(event.what, event.before, event.after) for event in changed.events.order_by("pk")][1:]
    assert told == [
        ("state", "New", "Mitigating"),
        ("state", "", "Owned"),
        ("owner", "", "Ines Duarte"),
        ("review", "", str(SOON)),
        ("note", "", ""),
    ]
    keep_days(3, 3)
    changed.refresh_from_db()
    assert (changed.state, changed.owner) == ("mitigating", owner)
    with pytest.raises(risks.Conflict) as conflict:
        risks.change_risk(risk, by=owner, at=at(SOON), seen=risk.updated, state="accepted")
    assert conflict.value.risk.state == "mitigating"
    changed.refresh_from_db()
    closed = risks.close_risk(changed, by=owner, at=at(SOON), seen=changed.updated, reason="We moved the date.")
    assert (closed.state, closed.closed) == ("closed", SOON)
    assert closed.events.filter(note="We moved the date.").exists()


def test_a_risk_by_hand_is_left_alone_by_the_rules(team: Team) -> None:
    one = promised(team)
    by = builders.person(role=Role.DIRECTOR)
    risk = risks.add_risk(
        by=by, at=at(TODAY), kind="other", title="The vendor may stop", deliverable=one, probability=0.3
    )
    keep_days(0, 2)
    risk.refresh_from_db()
    assert (risk.state, risk.probability, risk.rule) == ("new", 0.3, "")
    assert [(event.what, event.by, event.after) for event in risk.events.all()] == [("opened", by, "30%")]


def test_thresholds_are_data_with_a_preview_and_a_conflict(team: Team) -> None:
    admin = builders.person(role=Role.ADMIN)
    in_danger(team)
    mild = promised(team, target=SOON + 60 * DAY)
    keep_days(0, 2)
    evidence = load_risk_evidence(TODAY + 2 * DAY, at(TODAY + 2 * DAY))
    limits = risk_rules.settings()["likely_to_miss"].limits
    low = risk_rules.preview("likely_to_miss", enabled=True, limits=type(limits)(1, 1, 2), evidence=evidence)
    assert [opening.deliverable for opening in low.opens] == [mild.pk]
    assert (len(low.closes), low.stays) == (0, 1)
    off = risk_rules.preview("likely_to_miss", enabled=False, limits=limits, evidence=evidence)
    assert (off.opens, len(off.closes)) == ((), 1)
    saved = risk_rules.change("likely_to_miss", enabled=True, enter=1, leave=1, days=0, by=admin, seen=None)
    with pytest.raises(risk_rules.Changed) as changed:
        risk_rules.change("likely_to_miss", enabled=False, enter=9, leave=9, days=0, by=admin, seen=None)
    assert changed.value.setting.enter == 1
    with pytest.raises(ValueError, match="must close at a value better"):
        risk_rules.change("likely_to_miss", enabled=True, enter=9, leave=20, days=0, by=admin, seen=saved.changed)
    keep(TODAY + 2 * DAY)
    assert len(open_of("likely_to_miss")) == 2


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_does_not_grow_with_the_deliverables(
    count: int, team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        in_danger(team)
    forecast_all(day=TODAY, made=at(TODAY, 6))
    keep(TODAY)
    with django_assert_num_queries(33):
        keep(TODAY)


def test_stuck_items_are_a_risk(team: Team) -> None:
    one = promised(team, items=4)
    WorkItem.objects.filter(scoped_in__deliverable=one).update(flagged=True)
    keep_days(0, 3)
    (risk,) = open_of("stuck_items")
    assert risk.title == "4 of 4 open items are stuck"
    ScopedItem.objects.filter(deliverable=one).delete()
    one_more = open_items(team, 1)
    ScopedItem.objects.create(deliverable=one, item=one_more[0], since=one_more[0].created)
    keep_days(4, 7)
    assert open_of("stuck_items") == []


def roles(team: Team) -> dict[str, Person]:
    manager, lead = builders.person(role=Role.MANAGER), builders.person(role=Role.LEAD)
    Team.objects.filter(pk=team.pk).update(manager=manager, lead=lead)
    others = {role: builders.person(role=role) for role in ("director", "engineer", "executive", "admin")}
    stranger = builders.person(role=Role.MANAGER)
    return {**others, "manager": manager, "lead": lead, "stranger": stranger}


def test_who_sees_and_who_changes_a_risk(team: Team) -> None:
    one = in_danger(team)
    keep_days(0, 2)
    (risk,) = open_of("likely_to_miss")
    hidden = Goal.objects.create(title="Secret", level="company", start=TODAY, end=SOON, confidential=True)
    secret = Risk.objects.create(kind="other", goal=hidden, title="Secret", seen=TODAY)
    pending = Risk.objects.create(kind="flow", rule="x", deliverable=one, title="Soon", seen=TODAY, state="pending")
    for role, person in roles(team).items():
        seen = set(access.visible_risks(person))
        assert risk in seen, role
        assert pending not in seen, role
        assert (secret in seen) == (role == "director"), role
        may = role in ("director", "manager", "lead")
        assert access.can_edit_risk(person, risk) == may, role
        assert access.can_add_risk(person, deliverable=one) == may, role
        assert access.can_manage_risk_rules(person) == (role == "admin"), role
