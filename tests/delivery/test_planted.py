"""What was planted in the pretend organisation is found: each story's own cause is the one that adds most to its chance of missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from delivery import forecasts
from delivery.core.drivers import Cause, Drivers, from_json
from delivery.models import CheckIn, Forecast
from simulator import truth
from simulator.records import Deliverable
from simulator.world import World, default_start
from tests.builders import TODAY, at
from tests.delivery import lived

SEED = 7
FUTURES = 60
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def organisation(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """All nine teams, read once for the module and forecast on the day their stories are about."""
    world = World(seed=SEED, start=default_start(TODAY, 1.0), anchor=TODAY)
    with django_db_blocker.unblock(), transaction.atomic():
        lived.read(world, TODAY)
        forecasts.forecast_all(day=TODAY, made=at(TODAY, 23))
        yield world
        transaction.set_rollback(True)


def planted(world: World, story: str) -> Deliverable:
    (found,) = [one for one in world.plan(TODAY).deliverables if one.story == story]
    return found


def forecast_of(one: Deliverable) -> Forecast:
    return Forecast.objects.get(deliverable__title=one.title, deliverable__team__slug=one.team, day=TODAY)


def drivers_of(one: Deliverable) -> Drivers:
    told = from_json(forecast_of(one).drivers)
    assert told is not None
    return told


def top(told: Drivers) -> Cause:
    return max(told.shares, key=lambda one: one.share).cause


@pytest.mark.parametrize(
    ("story", "cause"),
    [("grows", Cause.SCOPE), ("alone", Cause.ABSENCE), ("waits", Cause.WAITING), ("watermelon", Cause.SIZE)],
)
def test_the_cause_of_a_planted_story_is_its_top_driver(organisation: World, story: str, cause: Cause) -> None:
    told = drivers_of(planted(organisation, story))
    assert top(told) == cause, [(one.cause.value, round(one.share, 2)) for one in told.shares]


def test_the_watermelon_is_declared_green_and_forecast_red(organisation: World) -> None:
    row = forecast_of(planted(organisation, "watermelon"))
    said = CheckIn.objects.filter(deliverable=row.deliverable).latest("day")
    assert said.status == "on_track"
    assert (row.chance or 1) < 0.5


def test_the_absence_is_true_in_the_process_itself(organisation: World) -> None:
    """What really lies ahead: with her away the date is hardly ever made."""
    one = planted(organisation, "alone")
    days = truth.completion_days(organisation, one.slug, as_of=TODAY, futures=FUTURES)
    left = (one.commitments[-1].target - TODAY).days
    assert np.mean(days <= left) < 0.2


def test_what_waits_is_never_done_first_in_the_process_itself(organisation: World) -> None:
    waits, blocks = (planted(organisation, story) for story in ("waits", "blocks"))
    assert waits.depends_on == (blocks.slug,)
    team = [team.slug for team in organisation.teams].index(waits.team)
    days = truth.team_days(organisation, team, as_of=TODAY, futures=FUTURES)
    first, second = (int(one.slug.split("-")[1]) - 1 for one in (blocks, waits))
    assert (days[second] >= days[first]).all()
