"""Each role through the API: the same access as the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from delivery.models import Goal
from people.models import Person, Role
from tests.api.world import LISTS, NOW, World

ROLES = [role.value for role in Role]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("role", ROLES)
def test_everyone_logged_in_reads_what_pages_show_everyone(role: str, world: World) -> None:
    for path in LISTS:
        assert world.get(role, path)["results"], path


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("director", {"Director", "Manager", "Lead", "Engineer", "Member"}),
        ("manager", {"Manager", "Lead", "Engineer", "Member"}),
        ("lead", {"Lead"}),
        ("engineer", {"Engineer"}),
        ("executive", {"Executive"}),
        ("admin", {"Admin"}),
    ],
)
def test_people_are_ones_own_line(role: str, seen: set[str], world: World) -> None:
    assert set(world.names(role, "people", "name")) == seen
    for name, person in world.people.items():
        status = world.client(role).get(f"/api/v1/people/{person.pk}/").status_code
        assert (status == 200) is (name.title() in seen)


@pytest.mark.parametrize("role", ROLES)
def test_confidential_goals_show_nowhere_to_others(role: str, world: World) -> None:
    may = role in ("director", "manager", "lead")
    assert ("Secret" in world.names(role, "goals", "title")) is may
    assert ("Of Secret" in world.names(role, "key-results", "title")) is may
    assert len([goal for goal in world.names(role, "check-ins", "goal") if goal]) == (2 if may else 1)
    assert len(world.get(role, "deliverables")["results"][-1]["goals"]) == (2 if may else 1)
    parents = {row["title"]: row["parent"] for row in world.get(role, "goals")["results"]}
    assert (parents["Child"] is not None) is may


@pytest.mark.parametrize("role", ROLES)
def test_a_filter_by_a_confidential_goal_finds_nothing_for_others(role: str, world: World) -> None:
    may = role in ("director", "manager", "lead")
    secret, known = (Goal.objects.get(title=title).pk for title in ("Secret", "Open"))
    for path, filters, hidden, open_ones in (
        ("goals", "parent", 1, 0),
        ("deliverables", "goal", 2, 2),
        ("key-results", "goal", 1, 1),
        ("check-ins", "goal", 1, 1),
    ):
        assert len(world.get(role, path, **{filters: secret})["results"]) == (hidden if may else 0), path
        assert len(world.get(role, path, **{filters: known})["results"]) == open_ones, path


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_see_how_sources_are_connected(role: str, world: World) -> None:
    admin = role == "admin"
    by_name = {row["name"]: row for row in world.get(role, "sources")["results"]}
    github = by_name["GitHub"]
    assert (github["failing"], by_name[world.jira.name]["failing"]) == (True, False)
    assert github["fresh_to"] == "2026-11-23T06:00:00Z"
    assert (github["url"] is not None) is admin
    assert (github["errors"] == ["items of ABC: The token has expired."]) is admin
    assert "token" not in github
    run = world.get(role, "sync-runs", source="GitHub")["results"][0]
    assert run["state"] == "failed"
    assert (run["error"], run["read"], run["scope"]) == (("The token has expired.", 7, "ABC") if admin else (None,) * 3)


def test_the_root_leads_to_every_list(world: World) -> None:
    answer = world.client("engineer").get("/api/v1/")
    assert answer.status_code == 200
    assert answer.json() == {path: f"http://testserver/api/v1/{path}/" for path in (*LISTS, "accuracy", "slips")}
    assert world.client("director").post("/api/v1/").status_code == 405
    assert APIClient().get("/api/v1/").status_code == 401


def test_without_a_login_there_is_nothing(world: World) -> None:
    for path in (*LISTS, "nothing"):
        answer = APIClient().get(f"/api/v1/{path}/")
        assert answer.status_code == (404 if path == "nothing" else 401)
    for path in ("/api/schema/", "/api/docs/"):
        assert APIClient().get(path).status_code == 401


def test_a_token_opens_the_api_until_its_person_is_switched_off(world: World) -> None:
    person = world.people["engineer"]
    client = APIClient(headers={"Authorization": f"Token {Token.objects.create(user=person).key}"})
    assert client.get("/api/v1/teams/").status_code == 200
    Person.objects.filter(pk=person.pk).update(is_active=False)
    answer = client.get("/api/v1/teams/")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


POSTED = {
    *("actions", "bets", "risks", "goals", "key-results", "deliverables", "commitments", "check-ins"),
    *("teams", "memberships", "people"),
}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_list_takes_only_what_can_be_added_to_it(method: str, world: World) -> None:
    for path in LISTS:
        if path in POSTED and method == "post":  # tests/test_plan_roles.py
            continue
        answer = getattr(world.client("director"), method)(f"/api/v1/{path}/")
        assert answer.status_code == 405
        assert answer.json()["title"] == "Method Not Allowed"
