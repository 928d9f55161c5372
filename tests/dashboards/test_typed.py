"""What was typed when the login had run out: every long form of plans comes back filled in after signing in."""

from __future__ import annotations

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver

from dashboards import typed
from delivery import scenarios
from delivery.core.levers import Lever, LeverKind
from delivery.models import Action, Scenario
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.delivery.scenarios_world import Late, late

pytestmark = pytest.mark.django_db
SAID = "Two weeks are what the vendor needs."


@pytest.fixture
def world(time_machine: time_machine.TimeMachineFixture) -> Late:
    time_machine.move_to(NOW, tick=False)
    cache.clear()
    return late(TODAY, NOW)


@pytest.fixture
def paths(world: Late) -> dict[str, str]:
    """Where each form is sent, by its name."""
    levers = [Lever(LeverKind.REMOVE_SCOPE, deliverable=world.late.pk, items=8)]
    made = scenarios.keep(
        world.late,
        levers,
        name="Less",
        by=world.director,
        day=TODAY,
        now=NOW,
        proposal=scenarios.Proposal(world.manager),
    )
    action = Action.objects.create(
        deliverable=world.late, title="Ask the vendor", owner=world.manager, chosen=TODAY, due=TODAY
    )
    return {
        "keep": f"/deliverables/{world.late.pk}/scenarios/keep/",
        "accept": f"/scenarios/{made.pk}/accept/",
        "decline": f"/scenarios/{made.pk}/decline/",
        "action": f"/actions/{action.pk}/",
        "state": f"/actions/{action.pk}/state/",
    }


@pytest.mark.parametrize("form", ["keep", "accept", "decline", "action", "state"])
def test_a_note_typed_as_the_login_ran_out_is_there_after_signing_in(
    form: str, world: Late, paths: dict[str, str]
) -> None:
    client, path = Client(), paths[form]
    sent = client.post(path, {"note": SAID, "query": "later=8", "state": "started", "seen": "1"})
    assert sent["Location"] == f"/accounts/login/?next={path}"
    client.force_login(world.manager)
    back = client.get(path)
    assert back.status_code == 200
    assert SAID in back.content.decode()
    assert Scenario.objects.get().state == Scenario.State.PROPOSED
    assert SAID not in client.get(path).content.decode()


def test_asking_to_propose_or_withdraw_leads_to_the_scenario(world: Late, paths: dict[str, str]) -> None:
    client = Client()
    client.force_login(world.director)
    for verb in ("propose", "withdraw"):
        answer = client.get(paths["accept"].replace("accept", verb))
        assert answer.status_code == 200
        assert "Less" in answer.content.decode()
    assert Scenario.objects.get().state == Scenario.State.PROPOSED


def test_every_address_below_a_form_that_is_kept_is_named_by_the_rule() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name.partition("_")[0] + "_" for name in names if name.startswith(typed.FORMS)} >= {
        *("source_", "action_", "scenario_", "risk_", "bet_"),
    }


def test_forms_of_two_pages_wait_each_for_its_own(world: Late, paths: dict[str, str]) -> None:
    client = Client()
    for form in ("keep", "action"):
        client.post(paths[form], {"note": f"Of {form} {'🚀' * 6000}", "query": "later=8", "seen": "1"})
    kept = client.session["typed"]
    client.force_login(world.director)
    session = client.session
    session["typed"] = kept
    session.save()
    for form in ("action", "keep"):
        assert f"Of {form}" in client.get(paths[form], follow=True).content.decode()
