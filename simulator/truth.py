"""What really lies ahead of a deliverable: the team's own process lived on from a day, many times over.

The pretend organisation's pace, its stalls and the scope it has yet to find are known here, as they are to nobody
inside it: no forecast can be better than this on average.
"""

from __future__ import annotations

import random
from datetime import date

import numpy as np
from numpy.typing import NDArray

from simulator.company import clock, process
from simulator.company.history import stream
from simulator.company.roster import Roster
from simulator.company.state import Item, State
from simulator.world import World

HORIZON = 730  # days; what takes longer counts as never

Days = NDArray[np.float64]


def chance_by(
    world: World, deliverable_slug: str, *, as_of: date, target: date, futures: int = 400, seed: int = 0
) -> float:
    """The probability, in the process that draws this world, that the epic's last item is done by the end of
    ``target``, given everything up to the end of ``as_of``. Raises KeyError for a deliverable unknown that day."""
    days = completion_days(world, deliverable_slug, as_of=as_of, futures=futures, seed=seed)
    return float(np.mean(days <= (target - as_of).days))


def completion_days(world: World, deliverable_slug: str, *, as_of: date, futures: int = 400, seed: int = 0) -> Days:
    """Days from ``as_of`` until the epic's last item is done, one for each future; 0 when it is done already, inf when
    it is not within two years. Raises KeyError for a deliverable unknown that day."""
    team, epic = _place(world, deliverable_slug)
    return _team(world, team, as_of, futures, seed, epic)[epic]


def team_days(world: World, team: int, *, as_of: date, futures: int = 400, seed: int = 0) -> dict[int, Days]:
    """``completion_days`` of all the ``team``-th team's open epics, in the same futures, by the epic's number in the
    team (the slug's second word, less one)."""
    return _team(world, team, as_of, futures, seed, None)


def _place(world: World, slug: str) -> tuple[int, int]:
    """A slug begins with the project and the epic's place in it."""
    project, _, rest = slug.partition("-")
    number = rest.partition("-")[0]
    teams = {team.project.lower(): i for i, team in enumerate(world.teams)}
    if project not in teams or not number.isdigit():
        raise KeyError(slug)
    return teams[project], int(number) - 1


def state_at(world: World, team: int, day: date) -> State:
    """The team's process at the end of ``day``, lived again from the start."""
    state, roster = State(world.start.toordinal() - 1), Roster(world.staff, world.seed, team)
    while state.day < day.toordinal():
        rng = stream(world.seed, team, state.day + 1)
        process.step(state, world.ways[team], roster, world.anchor.toordinal(), rng)
    return state


def _team(world: World, team: int, as_of: date, futures: int, seed: int, only: int | None) -> dict[int, Days]:
    state, roster = state_at(world, team, as_of), Roster(world.staff, world.seed, team)
    if only is not None and only in state.shut:
        return {only: np.zeros(futures)}
    wanted = [epic.seq for epic in state.open] if only is None else [only]
    if only is not None and state.epic(only) is None:
        raise KeyError(only)
    found = {seq: np.full(futures, np.inf) for seq in wanted}
    for future in range(futures):
        for seq, day in _live(world, team, state, roster, set(wanted), f"{seed}:{future}"):
            found[seq][future] = day - state.day
    return found


def _live(world: World, team: int, state: State, roster: Roster, wanted: set[int], name: str) -> list[tuple[int, int]]:
    """One future: (epic, day it closed) for those wanted."""
    twin, rng, closed = state.copy(), stream(world.seed, team, state.day, name), list[tuple[int, int]]()
    _land_anew(twin, rng)
    while wanted and twin.day < state.day + HORIZON:
        for what, thing, _ in process.step(twin, world.ways[team], roster, world.anchor.toordinal(), rng):
            if what == "close" and thing.seq in wanted:
                wanted.discard(thing.seq)
                closed.append((thing.seq, twin.day))
    return closed


def _land_anew(state: State, rng: random.Random) -> None:
    """How long the reviews under way will take is not known that day either: draw it again, given that they still run."""
    items = [item for landing in state.landing.values() for item in landing]
    state.landing = {}
    for item in items:
        state.landing.setdefault(_until(item, state.day, rng), []).append(item)


def _until(item: Item, today: int, rng: random.Random) -> int:
    for _ in range(200):
        day = clock.workday_after(item.since, process.lag(rng))
        if day > today:
            return day
    return clock.workday_after(today, 1)
