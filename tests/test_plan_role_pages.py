"""The same table of roles and actions as in test_plan_roles, through the forms and the import of the pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dashboards.forms import deliverable as deliverable_forms
from dashboards.forms import goal as goal_forms
from delivery.models import Goal
from teams.models import Membership
from tests import builders
from tests.api.world import World
from tests.builders import TODAY
from tests.test_plan_roles import (
    CASES,
    END,
    HIDDEN,
    LATER,
    ROLES,
    SOON,
    START,
    deliverable_of,
    goal_of,
    rows,
    team_of,
    undone,
    world,
)

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.django_db
Form = tuple[str, dict[str, Any]]
"""Its address, and what it sends."""

PERIOD = {"period": "own", "first_day": START, "last_day": (TODAY + timedelta(days=29)).isoformat()}


def goal_form(world: World, action: str, whose: str) -> Form:
    team = world.other if whose == "other" else world.team
    if action == "add goal":
        level = whose if whose in ("group", "company") else "team"
        of = {"team": team.pk, "group": team.group_id, "confidential": "on" if whose == "confidential" else ""}
        new = {"title": "New", "level": level, "owner": world.people["lead"].pk, **of, **PERIOD}
        return "/goals/new/", new
    goal = Goal.objects.get(pk=goal_of(world, whose).pk)
    above = Goal.objects.create(title="Above", level="company", start=START, end=END).pk if whose != "company" else ""
    at, whole = f"/goals/{goal.pk}", goal_forms.values_of(goal, TODAY)
    more = {"kr-1-title": "More", "kr-1-start": "0", "kr-1-target": "1"}
    forms: dict[str, Form] = {
        "edit goal": (f"{at}/edit/", whole | {"title": "Changed"}),
        "move goal": (f"{at}/move/", {"parent": above, "seen": goal.version}),
        "drop goal": (f"{at}/drop/", {"why": "No longer wanted", "seen": goal.version}),
        "check in on goal": (f"/check-in/goal/{goal.pk}/", {"status": "on_track", "confidence": "80", "seen": "0"}),
        "add key result": (f"{at}/edit/", whole | more),
        "change key result": (f"{at}/edit/", whole | {"kr-0-target": "12"}),
        "set key result": (f"{at}/edit/", whole | {"kr-0-current": "3"}),
        "take key result away": (f"{at}/edit/", whole | {"kr-0-remove": "on"}),
    }
    if action == "move goal" and whose == "company":
        return forms["edit goal"]  # nothing stands above it
    return forms[action]


def deliverable_form(world: World, action: str, whose: str) -> Form:
    if action == "add deliverable":
        team = team_of(world, whose).pk
        return "/deliverables/new/", {"title": "New", "kind": "feature", "team": team, "start": START, "target": SOON}
    given = TODAY + timedelta(days=9)
    row = deliverable_of(world, whose, given if "promise" in action and action != "give promise" else None)
    latest = row.commitments.first()  # type: ignore[attr-defined]
    at, day = f"/deliverables/{row.pk}", TODAY.isoformat()
    ends = {"day": day, "why": "Said in the review", "seen": row.version}
    promise = {"target": SOON, "cause": "scope", "note": "It grew", "seen": latest.pk if latest else 0}
    forms: dict[str, Form] = {
        "edit deliverable": (f"{at}/edit/", deliverable_forms.values_of(row) | {"title": "Changed"}),
        "deliver deliverable": (f"{at}/end/", {"state": "delivered", **ends}),
        "drop deliverable": (f"{at}/end/", {"state": "dropped", **ends}),
        "give promise": (f"{at}/promise/", promise | {"cause": "", "note": ""}),
        "move promise": (f"{at}/promise/", promise),
        "correct promise": (f"/commitments/{latest.pk if latest else 0}/correct/", promise | {"target": LATER}),
        "check in on deliverable": (
            f"/check-in/deliverable/{row.pk}/", {"status": "at_risk", "confidence": "60", "seen": "0"},
        ),
    }  # fmt: skip
    return forms[action]


def file_of(world: World, action: str, whose: str) -> tuple[str, str]:
    """The kind, and a file of one line."""
    team = team_of(world, whose)
    inside = world.people["stranger" if whose == "other" else "member"]
    newcomer = builders.person("Newcomer").email
    group = f"{team.group.slug}"
    files = {
        "add team": ("teams", f"slug,name,group\nnew,New,{group}\n"),
        "change team": ("teams", f"slug,name,group\n{team.slug},Renamed,{group}\n"),
        "add membership": ("memberships", f"person,team,start\n{newcomer},{team.slug},{START}\n"),
        "change membership": ("memberships", membership(team, inside)),
        "add person": ("people", "email,name,role\nnew@example.test,New,engineer\n"),
        "change person": ("people", f"email,name\n{inside.email},Renamed\n"),
    }
    return files[action]


def membership(team: Any, person: Any) -> str:
    start = Membership.objects.get(team=team, person=person).start
    return f"person,team,start,role\n{person.email},{team.slug},{start},Reviewer\n"


def signed_in(world: World, role: str) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(world.people[role])
    return client


ON_PLANS = [one for one in CASES if any(word in one[0] for word in ("goal", "result", "deliver", "promise"))]
ON_PEOPLE = [one for one in CASES if one not in ON_PLANS]


@pytest.mark.parametrize(("action", "whose", "may"), ON_PLANS)
def test_the_forms_let_write_who_may(action: str, whose: str, may: set[str], world: World) -> None:
    for role in ROLES:
        with undone():
            _send(world, role, action, whose, role in may)


def _send(world: World, role: str, action: str, whose: str, may: bool) -> None:
    made = deliverable_form if "deliverable" in action or "promise" in action else goal_form
    address, sent = made(world, action, whose)
    client, before = signed_in(world, role), rows()
    answer = client.post(address, {name: value for name, value in sent.items() if value is not None})
    if may:
        assert answer.status_code == 302, re.findall(r'class="error[^>]*>.*?</p>', answer.content.decode(), re.DOTALL)
        assert "/accounts/login/" not in answer["Location"]
        assert rows() != before
        return
    assert rows() == before
    if role == "anonymous":
        assert "/accounts/login/" in answer["Location"]
    elif whose == "confidential" and action != "add goal" and role in HIDDEN:
        assert answer.status_code == 404
    else:
        assert answer.status_code == 403 or re.search("you run|Choose one of the list", answer.content.decode())


@pytest.mark.parametrize(("action", "whose", "may"), ON_PEOPLE)
def test_a_file_lets_write_who_may(action: str, whose: str, may: set[str], world: World) -> None:
    for role in ROLES:
        with undone():
            _import(world, role, action, whose, role in may)


def _import(world: World, role: str, action: str, whose: str, may: bool) -> None:
    kind, text = file_of(world, action, whose)
    client, before = signed_in(world, role), rows()
    answer = client.post("/import/", {"kind": kind, "file": SimpleUploadedFile("a.csv", text.encode())})
    assert rows() == before  # looking changes nothing
    html = answer.content.decode()
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', html) for name in ("key", "digest")}
    if may:
        sent = {name: one.group(1) for name, one in found.items() if one}
        assert client.post("/import/", {"do": "apply", **sent}).status_code == 302, html
        assert rows() != before
    else:
        assert not all(found.values()), html
