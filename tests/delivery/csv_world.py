"""A small organisation with plans of every sort, to export and to import again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from delivery import csv_plans
from delivery.models import Commitment, Deliverable, Goal, KeyResult, Scope, TeamScope
from people.models import Person, Role
from teams.models import Group, Membership, Team
from tests import builders
from tests.builders import TODAY

ODD = "=1+1; “ü”, 'x' \"y\" שלום 🚀 <b>"
START, END = date(2026, 7, 1), date(2027, 1, 1)


def made(text: str = ODD) -> dict[str, Any]:
    """``text`` stands wherever a person may type freely."""
    director = builders.person(text, Role.DIRECTOR, email="dora@example.test")
    lead = builders.person("Lea", Role.LEAD, email="lea@example.test", timezone="Europe/Berlin")
    builders.person("Gone", email="gone@example.test", is_active=False)
    top = builders.group("Company", slug="company", director=director)
    ml = builders.group(text[:100], slug="ml", parent=top)
    team = builders.team(text[:100], slug="ml-platform", group=ml, lead=lead)
    other = builders.team("Search", slug="search", group=ml, archived=True, manager=director)
    TeamScope.objects.create(team=team, source=builders.source(name=text[:40]), scope="you/service")
    builders.member(team, lead, role=text[:50], share=Decimal("0.5"))
    builders.member(other, lead, share=Decimal("0.333"), end=TODAY)
    goals = _goals(text, ml, team, lead)
    return {
        "director": director,
        "lead": lead,
        "team": team,
        "other": other,
        **goals,
        **_deliverables(text, team, other),
    }


def _goals(text: str, ml: Group, team: Team, lead: Person) -> dict[str, Any]:
    top = Goal.objects.create(slug="top", title=text, level="company", start=START, end=END, dropped=TODAY)
    group = Goal.objects.create(slug="group", title="G", level="group", group=ml, start=START, end=END, why=text)
    goal = Goal.objects.create(
        slug="a-goal", title="T", level="team", team=team, parent=top, owner=lead, start=START, end=END,
        confidential=True, ambition="stretch",
    )  # fmt: skip
    KeyResult.objects.create(goal=goal, title=text, start=0, target=1, unit="yes_no")
    whole = KeyResult.objects.create(goal=top, title=text, start=0, target=200, fed_by="parts")
    KeyResult.objects.create(
        goal=goal, title="B", start=0.1, target=99.5, current=41.7, unit_word="min", position=1, counts_towards=whole
    )
    KeyResult.objects.create(goal=goal, title="M", start=3, target=1, fed_by="metric", metric="wip", current=2)
    return {"goal": goal, "group": group, "top": top}


def _deliverables(text: str, team: Team, other: Team) -> dict[str, Any]:
    source = builders.source(name="Jira")
    first = Deliverable.objects.create(
        slug="z-first", title=text, team=other, start=START, delivered=TODAY, done_when=text, size_low=3, size_high=8
    )
    second = Deliverable.objects.create(
        slug="a-second", title="Second", kind="experiment", team=team, start=START, stage="data", attempts_done=2,
        attempts_low=2, attempts_high=5, success_threshold=text[:80], priority=1,
    )  # fmt: skip
    second.depends_on.add(first)
    second.helping_teams.add(other)
    second.goals.set(Goal.objects.all())
    Scope.objects.create(deliverable=second, source=source, rule="label", value=text)
    Scope.objects.create(deliverable=second, source=source, rule="parent", value="ABC-1")
    Commitment.objects.create(deliverable=second, given=START, target=START + timedelta(days=90))
    return {"first": first, "second": second}


def wipe(kind: str) -> None:
    """The rows of one kind gone, the others left where they can stand alone."""
    if kind in ("goals", "teams", "people", "deliverables"):
        Deliverable.objects.all().delete()
    if kind in ("goals", "teams", "people"):
        Goal.objects.update(parent=None)
        Goal.objects.all().delete()
    if kind in ("teams", "people", "memberships"):
        Membership.objects.all().delete()
    if kind in ("teams", "people"):
        Team.objects.all().delete()
        Group.objects.update(parent=None)
        Group.objects.all().delete()
    if kind == "people":
        Person.objects.all().delete()


def imported(kind: str, text: str, user: Person | None = None) -> csv_plans.Plan:
    plan = csv_plans.plan(kind, text, user=user)
    assert not plan.faults
    return csv_plans.apply(plan)
