"""The conditional truth: a probability, in the same process, given the past and nothing of the real future."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from simulator import truth
from simulator.world import World

START = date(2025, 5, 1)
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def world() -> World:
    return World(start=START)


def open_slugs(world: World, day: date) -> list[str]:
    open_epics = [(i, e.seq) for i in range(len(world.teams)) for e in truth.state_at(world, i, day).open]
    slugs = {tuple(d.slug.split("-")[:2]): d.slug for d in world.plan(day).deliverables}
    return [slugs[world.teams[i].project.lower(), str(seq + 1)] for i, seq in open_epics]


def test_the_chance_rises_with_the_date_from_nought_to_one(world: World) -> None:
    for slug in open_slugs(world, DAY)[:3]:
        days = (0, 7, 21, 45, 90, 180, 720)
        chances = [truth.chance_by(world, slug, as_of=DAY, target=DAY + timedelta(days=d), futures=60) for d in days]
        assert chances == sorted(chances)
        assert chances[0] == 0.0
        assert chances[-1] > 0.9
        assert all(0 <= chance <= 1 for chance in chances)


def test_it_is_the_same_each_time_and_differs_by_seed(world: World) -> None:
    slug = open_slugs(world, DAY)[2]
    one, same, other = (truth.completion_days(world, slug, as_of=DAY, futures=40, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.shape == (40,)
    assert (one > 0).all()


def test_it_does_not_matter_how_far_the_world_was_lived(world: World) -> None:
    fresh = World(start=START)
    slug = open_slugs(world, DAY)[1]
    world.plan(DAY + timedelta(days=90))
    lived, unlived = (truth.completion_days(w, slug, as_of=DAY, futures=20) for w in (world, fresh))
    assert np.array_equal(lived, unlived)


def test_a_team_is_judged_in_joint_futures(world: World) -> None:
    team = 1
    days = truth.team_days(world, team, as_of=DAY, futures=30)
    for slug in (s for s in open_slugs(world, DAY) if s.startswith("mlp-")):
        own = truth.completion_days(world, slug, as_of=DAY, futures=30)
        assert np.array_equal(own, days[int(slug.split("-")[1]) - 1])


def test_what_is_done_is_certain_and_what_is_unknown_an_error(world: World) -> None:
    early = world.plan(date(2025, 5, 10)).deliverables[0]
    assert truth.chance_by(world, early.slug, as_of=date(2026, 10, 1), target=date(2026, 10, 1)) == 1.0
    for slug in ("nope-1-x", "rank-x-y", "rank-999-later"):
        with pytest.raises(KeyError):
            truth.completion_days(world, slug, as_of=DAY, futures=5)


def test_what_happened_agrees_with_the_chances(world: World) -> None:
    """Over many deliverables and dates: of those given p about p came true; the truth beats its own average."""
    said: list[float] = []
    came: list[bool] = []
    for day in (date(2025, 9, 1), date(2025, 12, 8), DAY, date(2026, 6, 1)):
        for team in range(len(world.teams)):
            shut = {p.seq: p.closed for p in world.history(team, date(2026, 11, 20).toordinal()).promises.values()}
            for seq, days in truth.team_days(world, team, as_of=day, futures=40).items():
                for ahead in (14, 35, 70):
                    said.append(float(np.mean(days <= ahead)))
                    came.append(0 < shut[seq] <= day.toordinal() + ahead)
    p, happened = np.array(said), np.array(came)
    assert len(p) > 350
    assert abs(p.mean() - happened.mean()) < 0.05
    assert np.mean((p - happened) ** 2) < 0.75 * happened.mean() * (1 - happened.mean())
    for low, high in ((0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.01)):
        inside = (p >= low) & (p < high)
        assert abs(p[inside].mean() - happened[inside].mean()) < 0.15
