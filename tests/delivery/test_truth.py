"""The forecast against the truth, which only a pretend organisation can tell.

Three teams and a year and a half, read through the connectors and the sync. The bounds are those that the
worlds of seeds 7 to 12 keep (docs/decisions/0009), so they hold the method and not one lucky seed. Of seeds 13 to 16,
tried later, all keep error and coverage, and 16 alone is as biased with the record as without it (-0.14).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from delivery import calibration, forecasts
from delivery.calibration import Record
from delivery.core.calibration import SHIPPED, Correction, pits
from delivery.core.scoring import coverage
from delivery.models import Forecast
from simulator import truth
from simulator.world import World, default_start
from tests.builders import TODAY, at
from tests.delivery import lived

SEED = 7
TEAMS, PEOPLE = 3, 22
FUTURES = 100
LOOK_BACK = [TODAY - timedelta(weeks=week) for week in range(16, 56, 4)]
"""Days long enough ago that nearly everything open then has ended since."""
Key = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Told:
    """Chances to make the date, by deliverable: the truth, the stored forecast, the same uncorrected."""

    true: np.ndarray
    said: np.ndarray
    shipped: np.ndarray


@pytest.fixture(scope="module")
def organisation(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Read once for the module, forecast today and on days of the past, and taken back at the end."""
    world = World(seed=SEED, people=PEOPLE, teams=TEAMS, start=default_start(TODAY, 1.5), anchor=TODAY)
    with django_db_blocker.unblock(), transaction.atomic():
        lived.read(world, TODAY)
        forecasts.forecast_days([*LOOK_BACK, TODAY], made=at(TODAY, 23))
        yield world
        transaction.set_rollback(True)


def true_chances(world: World) -> dict[Key, float]:
    """The chance to make the date promised on TODAY of every open deliverable."""
    plan = {tuple(one.slug.split("-")[:2]): one for one in world.plan(TODAY).deliverables}
    found = {}
    for team in range(TEAMS):
        for number, days in truth.team_days(world, team, as_of=TODAY, futures=FUTURES).items():
            one = plan[world.teams[team].project.lower(), str(number + 1)]
            left = (one.commitments[-1].target - TODAY).days
            found[one.team, one.title, one.start] = float(np.mean(days <= left))
    return found


def said() -> dict[Key, float]:
    rows = Forecast.objects.filter(day=TODAY, chance__isnull=False).select_related("deliverable__team")
    return {(row.deliverable.team.slug, row.deliverable.title, row.deliverable.start): row.chance or 0 for row in rows}


def unlearnt(self: Record, team: int, day: date) -> Correction:
    return SHIPPED


@pytest.fixture
def told(organisation: World, monkeypatch: pytest.MonkeyPatch) -> Told:
    true, corrected = true_chances(organisation), said()
    with monkeypatch.context() as patch:
        patch.setattr(calibration.Record, "correction", unlearnt)
        forecasts.forecast_all(day=TODAY, made=at(TODAY, 23))
        shipped = said()
    both = sorted(true.keys() & corrected.keys())
    assert len(both) >= 10
    return Told(*(np.array([chances[key] for key in both]) for chances in (true, corrected, shipped)))


@pytest.mark.django_db
def test_the_chances_come_near_the_truth_and_nearer_than_the_shipped_ones(told: Told) -> None:
    error, before = np.abs(told.said - told.true).mean(), np.abs(told.shipped - told.true).mean()
    assert error < 0.30  # measured 0.13 to 0.29
    assert error < 0.9 * before  # measured 0.41 to 0.82 of it
    bias, bias_before = np.mean(told.said - told.true), np.mean(told.shipped - told.true)
    assert abs(bias) < 0.22  # measured -0.20 to +0.07
    assert abs(bias) < 0.8 * abs(bias_before)  # measured 0.05 to 0.74 of it


@pytest.mark.django_db
def test_the_intervals_said_in_the_past_held(organisation: World) -> None:
    """One forecast of each deliverable, its first; one that is still open fell outside where it can do no more."""
    rows = Forecast.objects.filter(day__in=LOOK_BACK).exclude(quantiles=[]).select_related("deliverable")
    first = {row.deliverable_id: row for row in rows.order_by("-day")}.values()
    ends = [row.deliverable.delivered for row in first]
    took = np.array([((end or TODAY) - row.day).days for row, end in zip(first, ends, strict=True)], dtype=float)
    known = np.array([[np.inf if day is None else day for day in row.quantiles] for row in first])
    still_open = np.array([end is None for end in ends])
    held = coverage(np.where(still_open, 1.0, pits(known, took, np.zeros(len(took), dtype=bool))), 0.8)
    assert len(took) >= 25
    assert abs(held - 0.8) < 3 * np.sqrt(0.8 * 0.2 / len(took))
    assert all(row.learnt_from for row in first if row.day > TODAY - timedelta(weeks=52))
