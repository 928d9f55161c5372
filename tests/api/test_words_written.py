"""Deliverables, promises, check-ins and teams through the API: what it takes, refuses and says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from delivery.check_ins import REASON
from delivery.commitments import CAUSE, SENTENCE
from delivery.models import CheckIn, Commitment, Deliverable, Goal
from people.models import Person
from tests.api.test_goals_written import send
from tests.api.world import DAY, NOW, World
from tests.builders import TODAY

SOON, LATER = ((TODAY + days * DAY).isoformat() for days in (30, 40))


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def promise(number: int) -> Deliverable:
    return Deliverable.objects.get(title=f"Promise {number}")


def test_a_deliverable_comes_with_scope_and_promise_or_not_at_all(world: World) -> None:
    scope = [{"source": world.jira.name, "rule": "parent", "value": "ABC-0"}]
    sent: dict[str, Any] = {"title": "New", "team": "own", "start": SOON, "scopes": scope}
    early = send(world, "lead", "post", "deliverables", sent | {"target": TODAY.isoformat()})
    assert (early.status_code, list(early.json()["errors"])) == (400, ["target"])
    assert not Deliverable.objects.filter(title="New").exists()
    made = send(world, "lead", "post", "deliverables", sent | {"target": LATER, "priority": 1})
    row = made.json()
    assert (made.status_code, made["ETag"], row["target"], row["slug"]) == (201, '"1"', LATER, "new")
    assert (row["scopes"], row["priority"]) == (scope, 1)
    path = f"deliverables/{row['id']}"
    day = TODAY.isoformat()
    done = send(world, "lead", "patch", path, {"scopes": [], "start": day, "delivered": day, "note": "Early"}, '"1"')
    assert (done.status_code, done.json()["scopes"], done.json()["delivered"]) == (200, [], TODAY.isoformat())
    assert send(world, "lead", "patch", path, {"title": "x"}, '"1"').status_code == 412


def test_a_promise_moves_by_another_one_that_is_based_on_the_latest(world: World) -> None:
    row = promise(0)
    first = Commitment.objects.get(deliverable=row)
    sent = {"deliverable": row.pk, "target": SOON, "based_on": first.pk}
    bare = send(world, "lead", "post", "commitments", sent)
    assert bare.json()["errors"] == {"cause": [CAUSE], "note": [SENTENCE]}
    moved = send(world, "lead", "post", "commitments", sent | {"cause": "scope", "note": "It grew"})
    assert (moved.status_code, moved.json()["by"]["name"]) == (201, "Lead")
    late = send(world, "manager", "post", "commitments", sent | {"target": LATER, "cause": "data", "note": "Late"})
    assert late.status_code == 412
    path = f"commitments/{moved.json()['id']}"
    fixed = send(world, "lead", "post", f"{path}/correct", {"target": LATER, "cause": "scope", "note": "Mistyped"})
    assert (fixed.status_code, fixed.json()["corrects"]) == (201, moved.json()["id"])
    assert fixed.json()["corrected_on"] == TODAY.isoformat()
    again = send(world, "lead", "post", f"{path}/correct", {"target": SOON, "cause": "scope", "note": "Again"})
    assert again.status_code == 412
    edit = send(world, "director", "patch", path, {"target": SOON})
    assert edit.status_code == 405
    assert "another commitment" in edit.json()["detail"]


def test_a_check_in_is_held_against_the_forecast_that_the_pages_show(world: World) -> None:
    row = promise(1)  # a chance of 0.3
    latest = CheckIn.objects.get(deliverable=row)
    sent = {"deliverable": row.pk, "status": "on_track", "confidence": 80, "based_on": latest.pk}
    assert send(world, "lead", "post", "check-ins", sent).json()["errors"] == {"reason": [REASON]}
    given = send(world, "lead", "post", "check-ins", sent | {"reason": "A second reviewer starts"})
    said = given.json()
    assert (given.status_code, said["chance"], said["level"]) == (201, pytest.approx(0.3), "likely")
    assert said["reason"] == "A second reviewer starts"
    assert send(world, "manager", "post", "check-ins", sent | {"reason": "x"}).status_code == 412
    both = send(world, "lead", "post", "check-ins", sent | {"goal": Goal.objects.get(title="Open").pk})
    assert both.status_code == 400


def test_a_check_in_says_what_key_results_stand_at(world: World) -> None:
    goal = Goal.objects.get(title="Open")
    part, latest = goal.key_results.get(), CheckIn.objects.get(goal=goal)  # type: ignore[attr-defined]
    sent = {"goal": goal.pk, "status": "on_track", "based_on": latest.pk}
    for values, field in (({"x": 1}, "values"), ({str(part.pk): 1e300}, f"kr-{part.pk}")):
        answer = send(world, "lead", "post", "check-ins", sent | {"values": values})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert send(world, "lead", "post", "check-ins", sent | {"values": {str(part.pk): 0.5}}).status_code == 201
    part.refresh_from_db()
    assert (part.current, part.current_on) == (0.5, TODAY)


def test_a_team_says_its_version_by_its_content(world: World) -> None:
    path = f"teams/{world.team.pk}"
    read = world.client("manager").get(f"/api/v1/{path}/")
    assert send(world, "manager", "patch", path, {"name": "Named"}, read["ETag"]).status_code == 200
    assert send(world, "admin", "patch", path, {"name": "Other"}, read["ETag"]).status_code == 412
    assert send(world, "admin", "patch", path, {"name": "Other"}, None).status_code == 428
    wrong = send(world, "admin", "patch", path, {"timezone": "Moon"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["timezone"])


def test_the_last_administrator_stays(world: World) -> None:
    answer = send(world, "admin", "patch", f"people/{world.people['admin'].pk}", {"role": "lead"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["role"])
    made = send(world, "admin", "post", "people", {"email": "New@example.test", "name": "New", "role": "lead"})
    assert made.status_code == 201
    row = Person.objects.get(pk=made.json()["id"])
    assert (row.email, row.has_usable_password()) == ("new@example.test", False)
