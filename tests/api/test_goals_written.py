"""Goals and key results through the API: versions, errors in the words of the form, nothing half-saved, nothing leaked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from delivery import fed, goals, key_results
from delivery.models import Deliverable, Goal, KeyResult, KeyResultValue, PlanChange
from tests import builders
from tests.api.world import DAY, NOW, World
from tests.builders import TODAY

START, END = TODAY - 30 * DAY, TODAY + 60 * DAY
NEW = {"title": "New", "level": "team", "team": "own", "start": START.isoformat(), "end": END.isoformat()}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def the(title: str) -> Goal:
    return Goal.objects.get(title=title)


def send(world: World, role: str, method: str, path: str, body: Any, etag: str | None = "*") -> Any:
    headers = {} if etag is None else {"If-Match": etag}
    return getattr(world.client(role), method)(f"/api/v1/{path}/", body, format="json", headers=headers)


def test_a_goal_comes_with_its_key_results_or_not_at_all(world: World) -> None:
    good = {"title": "Events", "start": 41, "target": 100, "current": 50}
    before = Goal.objects.count()
    answer = send(world, "lead", "post", "goals", NEW | {"key_results": [good, {"title": "", "start": 1, "target": 1}]})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"kr-1-title", "kr-1-target"}
    assert (Goal.objects.count(), KeyResult.objects.filter(title="Events").exists()) == (before, False)
    made = send(world, "lead", "post", "goals", NEW | {"key_results": [good]})
    assert (made.status_code, made["ETag"], made.json()["slug"]) == (201, '"1"', "new")
    assert KeyResultValue.objects.get().by == world.people["lead"]
    assert PlanChange.objects.filter(goal=made.json()["id"], what="Written down", by=world.people["lead"]).exists()


def test_errors_are_those_of_the_form(world: World) -> None:
    fields = {"title": " ", "level": "galaxy", "end": (START - DAY).isoformat(), "ambition": "mild"}
    answer = send(world, "director", "post", "goals", NEW | fields)
    told = goals.GoalTold(" ", "galaxy", START, START - DAY, ambition="mild", team=world.team)
    said = goals.problems(told, around=goals.Around())
    assert answer.json()["errors"] == {name: [text] for name, text in said.items()}
    assert set(said) == {"title", "level", "end", "ambition"}


def test_of_two_clients_the_later_one_is_told_and_loses_nothing(world: World) -> None:
    path = f"goals/{the('Open').pk}"
    read = world.client("lead").get(f"/api/v1/{path}/")
    first = send(world, "lead", "patch", path, {"why": "Because"}, read["ETag"])
    assert (first.status_code, first["ETag"], first.json()["version"]) == (200, '"2"', 2)
    late = send(world, "manager", "patch", path, {"why": "Otherwise"}, read["ETag"])
    assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
    assert send(world, "manager", "patch", path, {"why": "Otherwise"}, None).status_code == 428
    assert the("Open").why == "Because"
    change = PlanChange.objects.get(goal=the("Open"), what="Why")
    assert (change.by, change.before, change.after) == (world.people["lead"], "", "Because")


def test_a_key_result_is_a_part_of_its_goal_and_shares_its_version(world: World) -> None:
    goal = the("Open")
    part = goal.key_results.get()  # type: ignore[attr-defined]
    path = f"key-results/{part.pk}"
    read = world.client("lead").get(f"/api/v1/{path}/")
    assert read["ETag"] == '"1"'
    moved = send(world, "lead", "patch", path, {"current": 0.5}, read["ETag"])
    assert (moved.status_code, moved["ETag"], moved.json()["current"]) == (200, '"2"', 0.5)
    assert moved.json()["current_on"] == TODAY.isoformat()
    assert KeyResultValue.objects.get(key_result=part).by == world.people["lead"]
    assert PlanChange.objects.get(goal=goal, what=part.title).after == "0.5"
    assert send(world, "lead", "delete", path, {}, read["ETag"]).status_code == 412
    wrong = send(world, "lead", "patch", path, {"target": 0})
    said = key_results.problems_of(key_results.KeyResultTold(part.title, 0, 0))
    assert wrong.json()["errors"] == {"target": [said["target"]]}
    assert send(world, "lead", "delete", path, {}, '"2"').status_code == 204
    assert not goal.key_results.exists()  # type: ignore[attr-defined]


def test_what_headway_measures_is_not_typed(world: World) -> None:
    part = the("Open").key_results.get()  # type: ignore[attr-defined]
    KeyResult.objects.filter(pk=part.pk).update(fed_by="deliverables")
    answer = send(world, "lead", "patch", f"key-results/{part.pk}", {"current": 1})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["current"])


def test_dropping_takes_a_reason_and_all_of_a_change_or_none(world: World) -> None:
    path, day = f"goals/{the('Open').pk}", TODAY.isoformat()
    answer = send(world, "lead", "patch", path, {"title": "Renamed", "dropped": day})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["note"])
    assert not Goal.objects.filter(title="Renamed").exists()
    done = send(world, "lead", "patch", path, {"title": "Renamed", "dropped": day, "note": "Not wanted"})
    assert (done.status_code, done.json()["dropped"], done["ETag"]) == (200, day, '"3"')
    assert PlanChange.objects.get(what="Dropped").note == "Not wanted"


def test_a_confidential_goal_is_as_if_it_were_not_there(world: World) -> None:
    secret = the("Secret")
    for pk in (secret.pk, 10**9):
        assert send(world, "engineer", "patch", f"goals/{pk}", {"title": "x"}).status_code == 404
        under = send(world, "engineer", "post", "goals", NEW | {"parent": pk})
        assert under.json()["errors"]["parent"] == [f'Invalid pk "{pk}" - object does not exist.']


def test_a_goal_that_the_writer_may_not_see_is_neither_named_nor_lost(world: World) -> None:
    Goal.objects.filter(title="Secret").update(owner=world.people["director"], level="company", team=None)
    child = the("Child")
    longer = {"end": (END + timedelta(days=30)).isoformat()}
    answer = send(world, "lead", "patch", f"goals/{child.pk}", longer)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["parent"])
    assert "Secret" not in answer.content.decode()
    assert send(world, "lead", "patch", f"goals/{child.pk}", {"parent": None, "why": "x"}).status_code == 200
    assert the("Child").parent == the("Secret")
    path = f"deliverables/{Deliverable.objects.get(title='Promise 0').pk}"
    assert send(world, "lead", "patch", path, {"goals": []}).status_code == 200
    assert the("Secret").deliverables.count() == 2  # type: ignore[attr-defined]
    names = [
        row["after"] for row in world.get("lead", "plan-changes", goal=child.pk)["results"] if row["what"] == "Serves"
    ]
    assert names == ["what is not shown to you"]
    assert "Secret" in [row["after"] for row in world.get("director", "plan-changes", goal=child.pk)["results"]]
    assert "Secret" not in world.names("lead", "plan-changes", "after")


def test_nobody_writes_a_goal_out_of_their_own_sight(world: World) -> None:
    answer = send(world, "lead", "post", "goals", NEW | {"confidential": True})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["owner"])
    assert not Goal.objects.filter(title="New").exists()


def test_what_is_fed_has_its_number_in_the_answer(world: World) -> None:
    served = {"title": "Served", "start": 0, "target": 10, "fed_by": "deliverables"}
    made = send(world, "lead", "post", "goals", NEW | {"key_results": [served]}).json()["id"]
    row = KeyResult.objects.get(goal=made)
    assert (row.current, row.current_on, row.unknown) == (None, TODAY, fed.NO_DELIVERABLE)
    builders.deliverable(world.team, delivered=TODAY).goals.add(made)
    moved = send(world, "lead", "patch", f"key-results/{row.pk}", {"target": 20})
    assert (moved.json()["current"], moved.json()["unknown"]) == (20, "")
    sent = {"goal": made, "title": "More", "start": 0, "target": 5, "fed_by": "deliverables"}
    assert send(world, "lead", "post", "key-results", sent).json()["current"] == 5
    KeyResult.objects.filter(goal=made).update(current=None)
    assert send(world, "lead", "patch", f"goals/{made}", {"why": "Because"}).status_code == 200
    assert set(KeyResult.objects.filter(goal=made).values_list("current", flat=True)) == {20, 5}


def test_a_number_that_no_database_holds_names_nobody(world: World) -> None:
    client = world.client("lead")
    text = (
        '{"title": "New", "level": "team", "team": "own", "start": "2026-11-01", "end": "2026-12-01", "owner": 1e999}'
    )
    answer = client.post("/api/v1/goals/", text, content_type="application/json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["owner"])


def test_a_goal_is_not_dropped_in_days_to_come(world: World) -> None:
    goal = the("Open")
    later = (TODAY + DAY).isoformat()
    answer = send(world, "director", "patch", f"goals/{goal.pk}", {"dropped": later, "note": "Soon"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["dropped"])
