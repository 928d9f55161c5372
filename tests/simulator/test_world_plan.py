"""What the demo's managers typed in: people, goals, dates, check-ins, and the stories the demo is there to tell."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from simulator import truth
from simulator.records import Deliverable, Issue, Plan
from simulator.world import World

START = date(2025, 5, 1)
ANCHOR = date(2026, 11, 1)
CAUSES = {
    "scope", "dependency", "data", "staffing", "incidents", "estimate", "decision", "vendor", "priority", "quality",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(start=START)


@pytest.fixture(scope="module", params=[0, 25], ids=["at the anchor", "weeks later"])
def plan(world: World, request: pytest.FixtureRequest) -> Plan:
    """A world begins on the first of a month: what it tells must hold on any day of that month."""
    day: int = request.param
    return world.plan(ANCHOR + timedelta(days=day))


def epic(world: World, deliverable: Deliverable, day: date) -> Issue:
    now = datetime.combine(day, time(23, 59), ZoneInfo("America/New_York"))
    found = world.issue(deliverable.epic, now)
    assert found is not None
    return found


def items(world: World, deliverable: Deliverable, day: date) -> list[Issue]:
    now = datetime.combine(day, time(23, 59), ZoneInfo("America/New_York"))
    project = deliverable.epic.split("-")[0]
    return [issue for issue in world.issues(project, now) if issue.parent == deliverable.epic]


def told(plan: Plan, story: str) -> list[Deliverable]:
    return [deliverable for deliverable in plan.deliverables if deliverable.story == story]


def chance(world: World, deliverable: Deliverable, day: date) -> float:
    target = deliverable.commitments[-1].target
    return truth.chance_by(world, deliverable.slug, as_of=day, target=target, futures=50)


def open_ones(world: World, plan: Plan) -> list[Deliverable]:
    return [d for d in plan.deliverables if epic(world, d, plan.day).status.category != "done"]


def test_the_demo_logins_are_people_of_the_plan(plan: Plan) -> None:
    by_mail = {person.email: person for person in plan.people}
    roles = ("director", "manager", "engineer", "executive", "admin")
    assert [by_mail[f"{role}@example.test"].role for role in roles] == list(roles)
    assert len(by_mail) == len(plan.people) == 60
    assert not any(person.is_bot for person in plan.people)
    memberships = {m.person: m.team for m in plan.memberships if m.end is None}
    manager, engineer = by_mail["manager@example.test"], by_mail["engineer@example.test"]
    assert memberships[manager.id] == memberships[engineer.id] == plan.teams[0].slug
    assert plan.teams[0].manager == manager.id


def test_people_come_move_and_share_their_time(plan: Plan) -> None:
    teams_of = Counter(m.person for m in plan.memberships)
    assert sum(1 for count in teams_of.values() if count > 1) >= 2
    assert {0.6, 0.4} <= {m.share for m in plan.memberships}
    assert all(m.end is None or m.start < m.end for m in plan.memberships)
    assert {m.team for m in plan.memberships} == {team.slug for team in plan.teams}


def test_everyone_takes_leave_and_the_year_has_holidays(plan: Plan) -> None:
    assert {off.person for off in plan.time_off} == {person.id for person in plan.people}
    assert all(off.start < off.end for off in plan.time_off)
    assert {date(2025, 12, 25), date(2026, 1, 1), date(2026, 4, 3)} <= set(plan.holidays)


def test_goals_make_a_tree_and_deliverables_serve_them(plan: Plan) -> None:
    by_slug = {goal.slug: goal for goal in plan.goals}
    assert len(by_slug) == len(plan.goals)
    above = {"team": "group", "group": "company"}
    for goal in plan.goals:
        assert (goal.parent is None) == (goal.level == "company")
        if goal.parent:
            assert by_slug[goal.parent].level == above[goal.level]
        assert goal.start < goal.end
        assert goal.key_results
    for deliverable in plan.deliverables:
        assert deliverable.goal is not None
        assert by_slug[deliverable.goal].team == deliverable.team


def test_deliverables_are_distinct_and_dated(world: World, plan: Plan) -> None:
    assert (
        len({d.slug for d in plan.deliverables}) == len({d.title for d in plan.deliverables}) == len(plan.deliverables)
    )
    for deliverable in plan.deliverables:
        first, *moves = deliverable.commitments
        assert first.cause == ""
        assert {move.cause for move in moves} <= CAUSES
        assert [c.given for c in deliverable.commitments] == sorted(c.given for c in deliverable.commitments)
        assert all(c.given < c.target and c.given <= plan.day for c in deliverable.commitments)
        assert all(c.day <= plan.day and 0 <= c.confidence <= 100 for c in deliverable.check_ins)
        assert epic(world, deliverable, plan.day).due == deliverable.commitments[-1].target


def test_about_six_in_ten_past_dates_were_met(world: World, plan: Plan) -> None:
    ends = [(d, epic(world, d, plan.day)) for d in plan.deliverables]
    past = [(d, e) for d, e in ends if e.status.category == "done"]
    met = [e.changes[-1].at.date() <= d.commitments[0].target for d, e in past]
    assert len(past) > 120
    assert 0.5 < sum(met) / len(met) < 0.7


def test_the_present_is_mixed(world: World, plan: Plan) -> None:
    chances = [chance(world, d, plan.day) for d in open_ones(world, plan) if d.story != "no_scope"]
    assert 34 <= len(chances) <= 46
    likely_missed = sum(1 for c in chances if c < 0.4) / len(chances)
    at_risk = sum(1 for c in chances if 0.4 <= c < 0.75) / len(chances)
    assert 0.1 <= likely_missed <= 0.27
    assert 0.15 <= at_risk <= 0.42


def test_one_quietly_grows(world: World, plan: Plan) -> None:
    (deliverable,) = told(plan, "grows")
    committed = datetime.combine(deliverable.start, time(23), ZoneInfo("UTC"))
    found = items(world, deliverable, plan.day)
    before = [item for item in found if item.created <= committed]
    assert len(found) >= 1.8 * len(before)
    assert {check.status for check in deliverable.check_ins} == {"on_track"}
    assert deliverable in open_ones(world, plan)


def test_the_watermelon_is_green_outside(world: World, plan: Plan) -> None:
    (deliverable,) = told(plan, "watermelon")
    assert len(deliverable.check_ins) >= 6
    assert all(c.status == "on_track" and c.confidence > 80 for c in deliverable.check_ins)
    assert deliverable.commitments[-1].target > plan.day
    assert chance(world, deliverable, plan.day) < 0.1


def test_one_starts_late(world: World, plan: Plan) -> None:
    (deliverable,) = told(plan, "late_start")
    assert {item.status.category for item in items(world, deliverable, plan.day)} == {"new"}
    assert (plan.day - deliverable.start).days > 30


def test_two_have_no_scope_yet(world: World, plan: Plan) -> None:
    assert [items(world, deliverable, plan.day) for deliverable in told(plan, "no_scope")] == [[], []]


def test_two_came_early(world: World, plan: Plan) -> None:
    for deliverable in told(plan, "early"):
        done = epic(world, deliverable, plan.day)
        assert done.status.category == "done"
        assert done.updated.date() < deliverable.commitments[0].target - timedelta(days=20)


def test_one_moved_twice(world: World, plan: Plan) -> None:
    (deliverable,) = told(plan, "slips")
    assert [c.cause for c in deliverable.commitments] == ["", "dependency", "scope"]
    assert deliverable in open_ones(world, plan)


def test_one_waits_for_another(world: World, plan: Plan) -> None:
    (deliverable,) = told(plan, "waits")
    (other,) = told(plan, "blocks")
    assert deliverable.depends_on == (other.slug,)
    assert epic(world, deliverable, plan.day).blocked_by == (other.epic,)
    if epic(world, other, plan.day).status.category != "done":
        assert {item.status.category for item in items(world, deliverable, plan.day)} <= {"new", "done"}


def test_one_team_has_more_coming_in_than_going_out(world: World, plan: Plan) -> None:
    assert {d.team for d in told(plan, "overloaded")} == {world.teams[2].slug}
    now = datetime.combine(plan.day, time(12), ZoneInfo("UTC"))
    waiting = [sum(i.status.category == "new" for i in world.issues(team.project, now)) for team in world.teams]
    assert max(waiting) == waiting[2] > 1.4 * sorted(waiting)[-2]


def test_two_roles_are_open_and_start_two_to_ten_weeks_ahead(world: World, plan: Plan) -> None:
    groups = {team.slug: team.group for team in plan.teams}
    assert len(plan.open_roles) == 2
    assert "machine-learning" in {groups[role.team] for role in plan.open_roles}
    assert all(14 <= (role.start - plan.day).days <= 70 for role in plan.open_roles)
    assert world.plan(plan.day - timedelta(days=90)).open_roles == ()


def test_what_has_no_scope_yet_has_a_size_and_nothing_else_has(plan: Plan) -> None:
    sized = [one for one in plan.deliverables if one.size]
    assert {one.story for one in sized} == {"no_scope"}
    assert len(sized) == len(told(plan, "no_scope"))
    assert all(0 < one.size[0] < one.size[1] for one in sized if one.size)
