"""Webhooks in a mess, over a road that fails: repeated, forged, out of order, some lost (J34, G25)."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from delivery import hooks, sync
from delivery.models import HookDelivery
from simulator import webhooks
from simulator.overlay import Overlay
from tests.delivery.changing import changed
from tests.delivery.served import Office
from tests.faults import office as offices
from tests.faults.worker import Worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_cache"),
]
SEED = 34


def test_webhooks_in_a_mess_end_with_the_rows_of_undisturbed_reading(
    worker: Worker, office: Office, live_server: Any
) -> None:
    rng = random.Random(SEED)
    source = offices.connect(office, "cloud")
    secret = hooks.make_secret(source)
    worker.do("read_now", source_id=source.pk)
    office.now += timedelta(minutes=5)
    edited = edit_some(office, rng)
    known = [changed(issue, f"change-{number}") for number, issue in enumerate(edited)]
    lost, told = known[0], known[1:]
    office.running.trouble("burst:every=5:length=1,cut:every=7,rate:every=6,dup:every=2")
    address = f"{live_server.url}{hooks.path_of(source)}"
    answers = [webhooks.send(one.signed(secret), address) for one in webhooks.unruly(told, rng)]
    assert set(answers) == {202}
    assert len(answers) > len(told)
    assert {webhooks.send(one.signed("not the secret"), address) for one in [*told[:3], lost]} == {401}
    assert HookDelivery.objects.count() == len(told)
    worker.do("hear", source_id=source.pk)
    titles = set(source.items.values_list("title", flat=True))
    assert {issue.title for issue in edited[1:]} <= titles
    assert edited[0].title not in titles
    office.running.trouble()
    worker.do("read_now", source_id=source.pk)  # polling brings what no webhook told
    fresh = offices.connect(office, "cloud", "Fresh")
    sync.sync_source(fresh, now=office.now)
    assert offices.differences(offices.rows(office, source), offices.rows(office, fresh)) == []


def edit_some(office: Office, rng: random.Random) -> list[Any]:
    """Seven issues as they are after somebody changed them."""
    world = office.running.world
    assert isinstance(world, Overlay)
    there = world.issues(office.projects[0], office.now)
    return [world.edit(issue.key, title=f"Mixed up {number}") for number, issue in enumerate(rng.sample(there, 7))]
