"""Two who decide one proposal at the same moment: one decides, the other is told who did."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from delivery import scenarios
from delivery.core.levers import Lever, LeverKind
from delivery.models import Action, Scenario
from people.models import Person
from tests.builders import TODAY, at
from tests.delivery.scenarios_world import Late, late

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(TODAY, 9)


@pytest.fixture
def world(time_machine: time_machine.TimeMachineFixture) -> Late:
    time_machine.move_to(NOW, tick=False)
    return late(TODAY, NOW)


@pytest.mark.parametrize("against", [False, True], ids=["both accept", "one declines"])
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told_who_decided(world: Late, against: bool) -> None:
    levers = [Lever(LeverKind.REMOVE_SCOPE, deliverable=world.late.pk, items=8)]
    proposal = scenarios.Proposal(world.manager)
    made = scenarios.keep(world.late, levers, name="Less", by=world.engineer, day=TODAY, now=NOW, proposal=proposal)
    both = Barrier(2, timeout=30)

    def decide(by: Person) -> str:
        try:
            both.wait()
            if against and by == world.manager:
                scenarios.decline(made, by=by, now=NOW)
            else:
                scenarios.accept(made, by=by, day=TODAY, now=NOW)
        except scenarios.ScenarioError as error:
            return str(error)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(decide, (world.manager, world.director)))
    decided = Scenario.objects.get(pk=made.pk)
    assert decided.decided_by in (world.manager, world.director)
    assert sorted(map(bool, said)) == [False, True]
    assert "".join(said) == (
        f"{decided.decided_by.name} {decided.get_state_display().lower()} it on 23 November 2026. "
        "Nothing was changed now."
    )
    assert Action.objects.count() == (decided.state == Scenario.State.ACCEPTED)
