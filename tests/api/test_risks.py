"""Risks through the API: reading, writing them down, changing them, and two who do so at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from delivery.models import Goal, Risk
from people.models import Role
from tests.api.world import NOW, World
from tests.builders import TODAY

MAY = ("director", "manager", "lead")
QUERIES = 1  # and what confidential goals may be seen


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def risk(world: World, clock: Any) -> Risk:
    """An open risk of the own team; the clock has gone on since it changed last."""
    found = Risk.objects.get()
    clock.shift(60)
    return found


def patch(world: World, role: str, risk: Risk, /, seen: str = "*", **fields: Any) -> Any:
    headers = {"If-Match": seen} if seen else {}
    return world.client(role).patch(f"/api/v1/risks/{risk.pk}/", fields, format="json", headers=headers)


def test_a_risk_tells_its_version(world: World, risk: Risk) -> None:
    answer = world.client("engineer").get(f"/api/v1/risks/{risk.pk}/")
    assert answer["ETag"] == f'"{risk.updated.isoformat()}"'
    assert (answer.json()["title"], answer.json()["probability"]) == ("Scope grew", None)


def test_filters_narrow_the_list(world: World, risk: Risk) -> None:
    for query, found in (
        ({"kind": "scope"}, 1),
        ({"kind": "flow"}, 0),
        ({"state": "new"}, 1),
        ({"state": "closed"}, 0),
        ({"team": "own"}, 1),
        ({"team": "other"}, 0),
        ({"deliverable": risk.deliverable_id}, 1),
        ({"closed": True}, 0),
        ({"opened_before": TODAY}, 0),
        ({"opened_from": TODAY}, 1),
    ):
        assert len(world.get("engineer", "risks", **query)["results"]) == found, query
    assert world.client("engineer").get("/api/v1/risks/", {"state": "pending"}).status_code == 400


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_risk_on_a_confidential_goal_shows_only_to_who_sees_the_goal(role: str, world: World, risk: Risk) -> None:
    goal = Goal.objects.get(title="Secret")
    secret = Risk.objects.create(goal=goal, kind="data", title="Of Secret", seen=TODAY, opened=TODAY)
    pending = Risk.objects.create(goal=goal, kind="data", title="Not yet", seen=TODAY, state="pending")
    assert ("Of Secret" in world.names(role, "risks", "title")) is (role in MAY)
    assert patch(world, role, secret, note="Seen").status_code == (200 if role in MAY else 404)
    assert patch(world, role, pending, note="Seen").status_code == 404


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_who_runs_the_team_writes_and_changes_its_risks(role: str, world: World, risk: Risk) -> None:
    new = {"kind": "dependency", "title": "The vendor is late", "team": "own", "impact": 0.5}
    added = world.client(role).post("/api/v1/risks/", new, format="json")
    changed = patch(world, role, risk, state="accepted")
    assert (added.status_code, changed.status_code) == ((201, 200) if role in MAY else (403, 403))
    risk.refresh_from_db()
    assert risk.state == ("accepted" if role in MAY else "new")
    if role in MAY:
        made = Risk.objects.get(title="The vendor is late")
        assert (made.by, made.team, made.rule, made.probability) == (world.people[role], world.team, "", None)
        assert added["ETag"] == f'"{made.updated.isoformat()}"'


def test_a_change_is_in_the_history_and_has_a_new_version(world: World, risk: Risk) -> None:
    before = f'"{risk.updated.isoformat()}"'
    answer = patch(
        world, "lead", risk, seen=before, state="mitigating", owner=world.people["member"].pk, note="Cut two items."
    )
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["owner"]["name"]) == ("mitigating", "Member")
    assert answer["ETag"] != before
    assert {event.what for event in risk.events.all()} == {"state", "owner", "note"}
    assert {event.by for event in risk.events.all()} == {world.people["lead"]}


def test_an_old_version_is_refused_until_it_is_read_again(world: World, risk: Risk) -> None:
    seen = f'"{risk.updated.isoformat()}"'
    first = patch(world, "manager", risk, seen=seen, state="mitigating")
    second = patch(world, "lead", risk, seen=seen, state="accepted")
    assert second.status_code == 412
    assert second["Content-Type"] == "application/problem+json"
    assert patch(world, "lead", risk, seen=first["ETag"], state="accepted").status_code == 200
    assert patch(world, "lead", risk, seen="*", state="new").status_code == 200


def test_a_change_says_what_it_is_based_on(world: World, risk: Risk) -> None:
    answer = patch(world, "lead", risk, seen="", state="mitigating")
    assert (answer.status_code, "If-Match" in answer.json()["detail"]) == (428, True)
    risk.refresh_from_db()
    assert risk.state == "new"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"state": "pending"}, "state"),
        ({"state": "closed"}, "note"),
        ({"roam": "ignored"}, "roam"),
        ({"probability": 2}, "probability"),
        ({"title": "Mine"}, "title"),
        ({"owner": 999_999}, "owner"),
        ({"review_on": str(TODAY - timedelta(days=1))}, "review_on"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(world: World, risk: Risk, fields: dict[str, Any], wrong: str) -> None:
    answer = patch(world, "lead", risk, **fields)
    assert answer.status_code == 400
    assert wrong in answer.json()["errors"]
    assert not risk.events.exists()


def test_an_owner_has_to_do_with_what_is_threatened(world: World, risk: Risk) -> None:
    assert "owner" in patch(world, "lead", risk, owner=world.people["stranger"].pk).json()["errors"]
    assert patch(world, "lead", risk, owner=world.people["manager"].pk).status_code == 200
    assert patch(world, "lead", risk, owner=None).json()["owner"] is None


def test_a_risk_closes_for_a_reason_and_stays_closed(world: World, risk: Risk) -> None:
    answer = patch(world, "lead", risk, state="closed", note="It was delivered.", roam="resolved")
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["closed"], answer.json()["roam"]) == (
        *("closed", "2026-11-23"),
        "resolved",
    )
    assert patch(world, "lead", risk, state="new").status_code == 400
    risk.refresh_from_db()
    assert risk.closed == TODAY


@pytest.mark.parametrize("about", [{}, {"team": "own", "deliverable": 1}, {"team": "nowhere"}, {"goal": 999_999}])
def test_a_new_risk_is_about_exactly_one_thing(world: World, about: dict[str, Any]) -> None:
    if "deliverable" in about:
        about = about | {"deliverable": Risk.objects.get().deliverable_id}
    new = {"kind": "other", "title": "Vague", **about}
    assert world.client("director").post("/api/v1/risks/", new, format="json").status_code == 400
    assert not Risk.objects.filter(title="Vague").exists()


def test_a_risk_written_by_hand_may_say_something_else(world: World, risk: Risk) -> None:
    Risk.objects.filter(pk=risk.pk).update(rule="")
    answer = patch(world, "lead", risk, title="The vendor is late", probability=0.4, detail="Since May.")
    assert answer.status_code == 200
    risk.refresh_from_db()
    assert (risk.title, risk.probability, risk.detail) == ("The vendor is late", 0.4, "Since May.")


@pytest.mark.parametrize("count", [1, 6])
def test_the_list_makes_a_fixed_number_of_queries(
    world: World, risk: Risk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        Risk.objects.create(
            team=world.team, kind="flow", title=str(number), owner=world.people["lead"], seen=TODAY, opened=TODAY
        )
    with django_assert_num_queries(QUERIES):
        world.get("director", "risks")
