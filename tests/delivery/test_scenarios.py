"""What-ifs that are kept, proposed, decided once, and applied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from delivery import scenarios
from delivery.core.levers import Lever, LeverKind
from delivery.models import Action, Commitment, Deliverable, Scenario
from delivery.open_levers import open_levers, target_of
from people.models import Person
from teams.models import OpenRole
from tests.builders import TODAY, at
from tests.delivery.scenarios_world import DUE, Late, late

pytestmark = pytest.mark.django_db
NOW = at(TODAY, 9)


@pytest.fixture
def world(time_machine: time_machine.TimeMachineFixture) -> Late:
    time_machine.move_to(NOW, tick=False)
    return late(TODAY, NOW)


def kept(world: Late, *levers: Lever, **more: Any) -> Scenario:
    proposal = scenarios.Proposal(world.manager, "We agreed on it.")
    values: dict[str, Any] = {
        "name": "Less, later",
        "by": world.director,
        "day": TODAY,
        "now": NOW,
        "proposal": proposal,
    }
    return scenarios.keep(world.late, levers, **(values | more))


def accepted(world: Late, found: Scenario, **more: Any) -> list[str]:
    return scenarios.accept(found, by=world.manager, day=TODAY, now=NOW, **more)


def moved(world: Late, weeks: int = 6) -> Lever:
    day = TODAY + timedelta(days=DUE, weeks=weeks)
    return Lever(LeverKind.MOVE_DATE, deliverable=world.late.pk, day=day)


def less(world: Late, items: int = 6) -> Lever:
    return Lever(LeverKind.REMOVE_SCOPE, deliverable=world.late.pk, items=items)


def test_a_proposal_keeps_what_it_would_do_and_its_forecast(world: Late) -> None:
    found = kept(world, less(world))
    assert found.state == "proposed"
    assert found.proposed_to == world.manager
    assert found.forecast is not None
    assert found.forecast.day == TODAY
    effect = found.outcome["subject"]
    assert effect["then"]["missing"] < effect["now"]["missing"]


def test_moving_the_date_adds_a_commitment_with_its_cause(world: Late) -> None:
    found = kept(world, moved(world))
    with pytest.raises(scenarios.ScenarioError, match="choose a cause"):
        accepted(world, found)
    assert accepted(world, found, cause="scope", note="The audit came.") == ["The promised day is now 23 July 2027."]
    last = Commitment.objects.filter(deliverable=world.late).latest("id")
    assert (last.target, last.cause, last.note, last.by) == (
        moved(world).day,
        "scope",
        "The audit came.",
        world.manager,
    )
    assert last.chance is not None


def test_what_people_must_do_becomes_an_action_with_its_effect_frozen(world: Late) -> None:
    found = kept(world, less(world), moved(world))
    said = accepted(world, found, cause="scope")
    action = Action.objects.get()
    assert "“Move 6 items to a later release” is an action of Ines Duarte, due 7 December 2026." in said
    assert action.kind == "remove_scope"
    assert action.scenario == found
    assert action.expected is not None
    assert action.expected > 0
    assert [(one.what, one.by) for one in action.events.all()] == [("added", world.manager)]
    assert Commitment.objects.filter(deliverable=world.late).latest("id").chance is None


def test_an_owner_who_left_is_given_nothing_to_do(world: Late) -> None:
    found = kept(world, less(world))
    Person.objects.filter(pk=world.manager.pk).update(is_active=False)  # who owns the deliverable
    scenarios.accept(found, by=world.director, day=TODAY, now=NOW)
    assert Action.objects.get().owner == world.director


def test_put_first_shifts_the_others_of_the_team(world: Late) -> None:
    Deliverable.objects.filter(pk=world.other.pk).update(priority=1)
    accepted(world, kept(world, Lever(LeverKind.PUT_FIRST, deliverable=world.late.pk)))
    found = dict(Deliverable.objects.values_list("pk", "priority"))
    assert found == {world.late.pk: 1, world.other.pk: 2, world.needed.pk: None}


def test_a_dependency_is_dropped(world: Late) -> None:
    drop = Lever(LeverKind.DROP_DEPENDENCY, deliverable=world.late.pk, needs=world.needed.pk)
    assert accepted(world, kept(world, drop)) == ["It waits for Event schema v3 no more."]
    assert not world.late.depends_on.exists()


def test_an_open_role_gets_its_day(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)
    world = late(TODAY, NOW, role="Senior engineer")
    (role,) = open_levers(world.late, day=TODAY).roles
    hire = Lever(LeverKind.HIRE, role=role.id, day=TODAY + timedelta(days=7))
    assert accepted(world, kept(world, hire)) == ["Senior engineer is expected on 30 November 2026."]
    assert OpenRole.objects.get().start == hire.day


def test_a_second_decision_is_told_who_decided_when(world: Late) -> None:
    found = kept(world, less(world))
    scenarios.decline(found, by=world.manager, now=NOW, note="Not now.")
    with pytest.raises(scenarios.ScenarioError, match="Ines Duarte declined it on 23 November 2026"):
        accepted(world, found)
    assert not Action.objects.exists()


@pytest.mark.parametrize("change", ["delivered", "dropped", "date"])
def test_a_plan_that_has_changed_since_is_not_applied(world: Late, change: str) -> None:
    found = kept(world, less(world))
    if change == "date":
        Commitment.objects.create(deliverable=world.late, given=TODAY, target=TODAY + timedelta(days=50))
    else:
        Deliverable.objects.filter(pk=world.late.pk).update(**{change: TODAY})
    with pytest.raises(scenarios.ScenarioError, match="(was delivered|was dropped|promised day is) "):
        accepted(world, found)
    assert Scenario.objects.get().state == "proposed"
    assert not Action.objects.exists()


def test_what_is_withdrawn_cannot_be_decided(world: Late) -> None:
    found = kept(world, less(world))
    scenarios.withdraw(found)
    with pytest.raises(scenarios.ScenarioError, match="withdrawn"):
        accepted(world, found)


def test_levers_that_cannot_be_pulled_are_refused_in_words(world: Late) -> None:
    with pytest.raises(scenarios.ScenarioError, match="from 0 to 14 items"):
        kept(world, less(world, 400))
    with pytest.raises(scenarios.ScenarioError, match="Nothing is changed yet"):
        kept(world)
    with pytest.raises(scenarios.ScenarioError, match="another deliverable"):
        kept(world, Lever(LeverKind.PUT_FIRST, deliverable=world.other.pk))
    assert target_of(world.late, day=TODAY) == TODAY + timedelta(days=DUE)


def test_a_scenario_of_an_earlier_day_is_run_again_before_it_is_proposed(world: Late) -> None:
    found = kept(world, less(world), proposal=None)
    with pytest.raises(scenarios.ScenarioError, match="Run it again today"):
        scenarios.propose(found, scenarios.Proposal(world.manager), day=TODAY + timedelta(days=1), now=NOW)
