"""Scenarios and levers through the API."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from delivery import scenarios
from delivery.core.levers import Lever, LeverKind
from delivery.models import Scenario
from people.models import Person
from tests.builders import TODAY, at
from tests.delivery.scenarios_world import Late, late

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 9)
TRY = "/api/v1/scenarios/try/"


@pytest.fixture
def world(time_machine: time_machine.TimeMachineFixture) -> Late:
    time_machine.move_to(NOW, tick=False)
    return late(TODAY, NOW)


def as_(person: Person) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def tried(world: Late, *levers: Any) -> Any:
    return as_(world.engineer).post(TRY, {"deliverable": world.late.pk, "levers": levers}, format="json")


def test_what_is_tried_is_told_as_it_would_be_kept_and_is_not_kept(world: Late) -> None:
    lever = {"kind": "remove_scope", "deliverable": world.late.pk, "items": 8}
    answer = tried(world, lever)
    assert answer.status_code == 200, answer.content
    assert not Scenario.objects.exists()
    told = answer.json()
    kept = scenarios.keep(
        world.late,
        [Lever(LeverKind.REMOVE_SCOPE, deliverable=world.late.pk, items=8)],
        name="Less",
        by=world.director,
        day=TODAY,
        now=NOW,
    )
    assert (told["outcome"], told["levers"], told["day"]) == (kept.outcome, kept.levers, TODAY.isoformat())


@pytest.mark.parametrize(
    ("lever", "said"),
    [
        ({"kind": "remove_scope", "items": 400}, "Choose from 0 to 14 items to leave for later: so many are open."),
        ({"kind": "move_date", "day": "2020-01-01"}, "Choose a promised day from today on and within three years."),
        ({"kind": "remove_scope"}, "The lever remove_scope needs items."),
        ({"kind": "unblock", "colour": "red"}, "A lever knows no colour."),
        ({"kind": "magic"}, f"A lever has a kind: {', '.join(LeverKind)}."),
    ],
)
def test_a_lever_that_cannot_be_pulled_is_a_problem_with_a_sentence(
    lever: dict[str, Any], said: str, world: Late
) -> None:
    answer = tried(world, {"deliverable": world.late.pk, **lever})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]["levers"] == [said]


def test_without_levers_or_a_login_nothing_is_tried(world: Late) -> None:
    assert tried(world).status_code == 400
    assert APIClient().post(TRY, {}, format="json").status_code == 401


def test_scenarios_are_found_by_deliverable_team_and_state(world: Late) -> None:
    for name in ("First", "Second"):
        Scenario.objects.create(deliverable=world.late, name=name, levers=[], day=TODAY)
    Scenario.objects.create(deliverable=world.other, name="Other", levers=[], day=TODAY, state="withdrawn")
    client = as_(world.engineer)

    def names(**query: Any) -> list[str]:
        return sorted(row["name"] for row in client.get("/api/v1/scenarios/", query).json()["results"])

    assert names(deliverable=world.late.pk) == ["First", "Second"]
    assert names(team="ranking") == ["First", "Other", "Second"]
    assert names(team="elsewhere") == []
    assert names(state="withdrawn") == ["Other"]
