"""Actions through the API: who may add and change them, and what it says when two do at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from delivery.models import Action
from tests.api.world import NOW, World
from tests.builders import TODAY

DUE = (TODAY + timedelta(days=9)).isoformat()
MAY = {"director", "manager", "lead"}
ROLES = ["director", "manager", "lead", "engineer", "member", "executive", "admin"]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def action() -> Action:
    return Action.objects.get(title="Action 0")


def add(world: World, role: str, **fields: Any) -> Any:
    sent = {"deliverable": action().deliverable_id, "title": "Second reviewer", "due": DUE} | fields
    return world.client(role).post("/api/v1/actions/", sent, format="json")


def patch(world: World, role: str, etag: str | None = '"1"', **fields: Any) -> Any:
    headers = {} if etag is None else {"If-Match": etag}
    return world.client(role).patch(f"/api/v1/actions/{action().pk}/", fields, format="json", headers=headers)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_add_one(role: str, world: World) -> None:
    answer = add(world, role, expected=0.14, kind="review", owner=world.people["engineer"].pk)
    assert answer.status_code == (201 if role in MAY else 403)
    if role in MAY:
        assert (answer.json()["expected"], answer.json()["chosen"], answer["ETag"]) == (0.14, "2026-11-23", '"1"')
        assert Action.objects.get(title="Second reviewer").by == world.people[role]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_change_what(role: str, world: World) -> None:
    moved = patch(world, role, state="started", note="Begun.")
    assert moved.status_code == (200 if role in MAY or role == "engineer" else 403)
    edited = patch(world, role, etag=f'"{action().version}"', due=DUE)
    assert edited.status_code == (200 if role in MAY else 403)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"due": "2026-11-01"}, "due"),
        ({"title": " "}, "title"),
        ({"kind": "magic"}, "kind"),
        ({"deliverable": 10**9}, "deliverable"),
        ({"expected": 3}, "expected"),
    ],
)
def test_what_is_wrong_is_said_by_field(fields: dict[str, Any], wrong: str, world: World) -> None:
    answer = add(world, "director", **fields)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [wrong]


def test_an_owner_may_not_be_an_executive(world: World) -> None:
    answer = patch(world, "director", owner=world.people["executive"].pk)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["owner"])


def test_a_change_names_the_version_it_is_based_on(world: World) -> None:
    read = world.client("lead").get(f"/api/v1/actions/{action().pk}/")
    assert read["ETag"] == '"1"'
    first = patch(world, "lead", etag=read["ETag"], state="started")
    assert (first.status_code, first["ETag"]) == (200, '"2"')
    late = patch(world, "manager", etag=read["ETag"], state="dropped")
    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert patch(world, "manager", etag=None, state="dropped").status_code == 428
    assert patch(world, "manager", etag='"odd"', state="dropped").status_code == 412
    assert patch(world, "manager", etag="*", state="started").status_code == 200
    assert action().state == "started"


@pytest.mark.parametrize("method", ["put", "delete"])
def test_an_action_is_neither_replaced_nor_deleted(method: str, world: World) -> None:
    assert getattr(world.client("director"), method)(f"/api/v1/actions/{action().pk}/").status_code == 405


def test_overdue_ones_can_be_asked_for(world: World) -> None:
    Action.objects.filter(title="Action 0").update(chosen=TODAY - timedelta(days=9), due=TODAY - timedelta(days=1))
    assert world.names("engineer", "actions", "title", overdue="true") == ["Action 0"]
    assert world.names("engineer", "actions", "title", overdue="false") == ["Action 1"]
