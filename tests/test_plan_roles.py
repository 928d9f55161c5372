"""Every role × every way of writing plans × one's own team and others' (PRODUCT.md "Roles"), through the API (and test_plan_role_pages)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from rest_framework.test import APIClient

from delivery.models import CheckIn, Commitment, Deliverable, Goal, KeyResult
from people.models import Person
from teams.models import Membership, Team
from tests import builders
from tests.api.world import NOW, World, build
from tests.builders import TODAY

pytestmark = pytest.mark.django_db

ROLES = ("director", "manager", "lead", "engineer", "executive", "admin", "anonymous")
LEADS = {"director", "manager", "lead"}
DIRECTS = {"director"}
HIDDEN = {"engineer", "executive", "admin"}  # to whom the confidential goal is not there

GOALS = {"own": LEADS, "other": DIRECTS, "group": DIRECTS, "company": DIRECTS, "confidential": LEADS}
TEAMS = {"own": LEADS, "other": DIRECTS}

# Who may do what, by action and by whose thing it is.
MAY: dict[str, dict[str, set[str]]] = {
    "add goal": GOALS,
    "edit goal": GOALS,
    "move goal": GOALS,
    "drop goal": GOALS,
    "check in on goal": GOALS,
    "add key result": GOALS,
    "change key result": GOALS,
    "set key result": GOALS,
    "take key result away": GOALS,
    "add deliverable": TEAMS,
    "edit deliverable": TEAMS,
    "deliver deliverable": TEAMS,
    "drop deliverable": TEAMS,
    "give promise": TEAMS,
    "move promise": TEAMS,
    "correct promise": TEAMS,
    "check in on deliverable": TEAMS,
    "add team": {"any": {"director", "admin"}},
    "change team": {"own": {"director", "manager", "admin"}, "other": {"director", "admin"}},
    "add membership": {"own": {"director", "manager", "admin"}, "other": {"director", "admin"}},
    "change membership": {"own": {"director", "manager", "admin"}, "other": {"director", "admin"}},
    "add person": {"any": {"admin"}},
    "change person": {"own": {"admin"}, "other": {"admin"}},
}
CASES = [(action, whose, may) for action, by_whose in MAY.items() for whose, may in by_whose.items()]

START, END = (TODAY - timedelta(days=3)).isoformat(), (TODAY + timedelta(days=30)).isoformat()
SOON, LATER = (TODAY + timedelta(days=20)).isoformat(), (TODAY + timedelta(days=25)).isoformat()
NEW_GOAL = {"title": "New", "start": START, "end": END}


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(NOW, tick=False):
        yield build()


def goal_of(world: World, whose: str) -> Goal:
    fields: dict[str, dict[str, Any]] = {
        "own": {"level": "team", "team": world.team},
        "other": {"level": "team", "team": world.other},
        "group": {"level": "group", "group": world.team.group},
        "company": {"level": "company"},
        "confidential": {
            "level": "team", "team": world.team, "owner": world.people["lead"], "confidential": True,
        },
    }  # fmt: skip
    goal = Goal.objects.create(title=f"Of {whose}", start=START, end=END, **fields[whose])
    KeyResult.objects.create(goal=goal, title="K", start=0, target=9)
    return goal


def whose_goal(world: World, whose: str) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {
        "own": {"level": "team", "team": "own"},
        "other": {"level": "team", "team": "other"},
        "group": {"level": "group", "group": "ours"},
        "company": {"level": "company"},
        "confidential": {"level": "team", "team": "own", "confidential": True, "owner": world.people["lead"].pk},
    }
    return fields[whose]


def team_of(world: World, whose: str) -> Any:
    return world.other if whose == "other" else world.team


def deliverable_of(world: World, whose: str, target: Any = None) -> Deliverable:
    return builders.deliverable(team_of(world, whose), title=f"Of {whose}", target=target)


Asked = tuple[str, str, dict[str, Any]]
"""Method, path below /api/v1/, body."""


def on_goal(world: World, action: str, whose: str) -> Asked:
    if action == "add goal":
        return "post", "goals", NEW_GOAL | whose_goal(world, whose)
    goal = goal_of(world, whose)
    part = goal.key_results.get().pk  # type: ignore[attr-defined]
    above = Goal.objects.create(title="Above", level="company", start=START, end=END).pk if whose != "company" else None
    asked: dict[str, Asked] = {
        "edit goal": ("patch", f"goals/{goal.pk}", {"title": "Changed"}),
        "move goal": ("patch", f"goals/{goal.pk}", {"parent": above, "note": "Asked for"}),
        "drop goal": ("patch", f"goals/{goal.pk}", {"dropped": START, "note": "No longer wanted"}),
        "check in on goal": ("post", "check-ins", {"goal": goal.pk, "status": "on_track", "based_on": None}),
        "add key result": ("post", "key-results", {"goal": goal.pk, "title": "More", "start": 0, "target": 1}),
        "change key result": ("patch", f"key-results/{part}", {"target": 12}),
        "set key result": ("patch", f"key-results/{part}", {"current": 3}),
        "take key result away": ("delete", f"key-results/{part}", {}),
    }
    return asked[action]


def on_deliverable(world: World, action: str, whose: str) -> Asked:
    team = team_of(world, whose).slug
    if action == "add deliverable":
        return "post", "deliverables", {"title": "New", "team": team, "start": START, "target": SOON}
    given = TODAY + timedelta(days=9)
    row = deliverable_of(world, whose, given if "promise" in action and action != "give promise" else None)
    latest = Commitment.objects.filter(deliverable=row).first()
    promise = {"deliverable": row.pk, "target": SOON, "based_on": latest.pk if latest else None}
    said = {"cause": "scope", "note": "It grew"}
    asked: dict[str, Asked] = {
        "edit deliverable": ("patch", f"deliverables/{row.pk}", {"title": "Changed"}),
        "deliver deliverable": ("patch", f"deliverables/{row.pk}", {"delivered": START, "note": "Done"}),
        "drop deliverable": ("patch", f"deliverables/{row.pk}", {"dropped": START, "note": "Not wanted"}),
        "give promise": ("post", "commitments", promise),
        "move promise": ("post", "commitments", promise | said),
        "correct promise": ("post", f"commitments/{latest.pk if latest else 0}/correct", {"target": LATER} | said),
        "check in on deliverable": (
            "post", "check-ins", {"deliverable": row.pk, "status": "at_risk", "confidence": 60, "based_on": None},
        ),
    }  # fmt: skip
    return asked[action]


def on_team(world: World, action: str, whose: str) -> Asked:
    team = team_of(world, whose)
    inside = world.people["stranger" if whose == "other" else "member"]
    newcomer = builders.person("Newcomer").pk
    asked: dict[str, Asked] = {
        "add team": ("post", "teams", {"slug": "new", "name": "New", "group": "ours"}),
        "change team": ("patch", f"teams/{team.pk}", {"name": "Renamed"}),
        "add membership": ("post", "memberships", {"team": team.slug, "person": newcomer, "start": START}),
        "change membership": (
            "patch", f"memberships/{Membership.objects.get(team=team, person=inside).pk}", {"share": "0.5"},
        ),
        "add person": ("post", "people", {"email": "new@example.test", "name": "New"}),
        "change person": ("patch", f"people/{inside.pk}", {"name": "Renamed"}),
    }  # fmt: skip
    return asked[action]


def asked_of(world: World, action: str, whose: str) -> Asked:
    if "deliverable" in action or "promise" in action:
        return on_deliverable(world, action, whose)
    if "goal" in action or "key result" in action:
        return on_goal(world, action, whose)
    return on_team(world, action, whose)


def rows() -> list[Any]:
    """Everything that the actions write, to see that a refused one wrote nothing."""
    kept: tuple[Any, ...] = (Goal, KeyResult, Deliverable, Commitment, CheckIn, Membership, Team, Person)
    return [list(one.objects.order_by("pk").values()) for one in kept]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("action", "whose", "may"), CASES)
def test_the_api_lets_write_who_may(action: str, whose: str, may: set[str], world: World) -> None:
    for role in ROLES:
        with undone():
            _ask(world, role, action, whose, role in may)


def _ask(world: World, role: str, action: str, whose: str, may: bool) -> None:
    method, path, body = asked_of(world, action, whose)
    before = rows()
    client = APIClient() if role == "anonymous" else world.client(role)
    answer = getattr(client, method)(f"/api/v1/{path}/", body, format="json", headers={"If-Match": "*"})
    if may:
        assert answer.status_code in (200, 201, 204), (role, answer.content)
        assert rows() != before, role
    else:
        assert answer.status_code in refused(role, action, whose), (role, answer.content)
        assert rows() == before, role


def refused(role: str, action: str, whose: str) -> set[int]:
    """How: 401 without a login; as if it were not there where one may not see it; 403 otherwise."""
    if role == "anonymous":
        return {401}
    if whose == "confidential" and action != "add goal" and role in HIDDEN:
        return {400} if action in ("check in on goal", "add key result") else {404}
    if action == "change person" and not (whose == "own" and role in ("director", "manager")):
        return {404}
    return {403}
