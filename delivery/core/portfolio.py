"""All deliverables of all teams in the same simulated futures (FORECAST.md 3.2 and 3.3).

Inside one trial: the deliverables of a team share its luck and its throughput, in the order of their priority where
one was given; people who work for several teams bring their luck to each; whoever is away, comes or goes slows or
speeds what rests on them; and nothing is done before what it waits for. For one deliverable alone this is
``forecast.deliverable_days``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core import mapping, nominal
from delivery.core.ahead import TeamAhead, WorkAhead
from delivery.core.bank import Bank, Cells, Draw, open_bank
from delivery.core.deliverable import Values
from delivery.core.draws import Floats

TRIALS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class One:
    """One deliverable before anything is waited for: its cells of nominal days, and where each leads."""

    cells: npt.NDArray[np.int16]
    corrected: Values  # log days by cell, as the record corrects them
    weeks: Floats  # normal weeks that its pace takes, held up by the team's other work
    days: Floats  # of the calendar


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """Days from ``today`` until each deliverable is done, by its id; shape (trials,), inf where it never is."""

    today: date
    trials: int
    days: Mapping[int, Floats]
    ones: Mapping[int, One]

    def all_done(self, ids: Sequence[int]) -> Floats:
        """Days until all of them are done, in the same futures: the joint answer for a goal."""
        found = self.days[ids[0]]
        for one in ids[1:]:
            found = np.maximum(found, self.days[one])
        return found


def simulate(
    teams: Mapping[int, TeamAhead],
    works: Sequence[WorkAhead],
    *,
    today: date,
    seed: int,
    trials: int = TRIALS,
) -> Futures:
    """Simulate ``works`` together; what they wait for counts as far as it is among them.

    The same seed draws the same numbers for the same teams and deliverables, whatever else is simulated. Raises
    KeyError where a work's team is not given.
    """
    bank = open_bank(seed, trials)
    by_team: dict[int, list[WorkAhead]] = {}
    for work in works:
        by_team.setdefault(work.team, []).append(work)
    ones: dict[int, One] = {}
    room = _room(works, trials)
    for number, mine in by_team.items():
        ones |= _team(teams[number], mine, bank, today, room)
    return Futures(today, trials, _after_what_they_need(works, ones), ones)


def simulate_again(
    base: Futures, teams: Mapping[int, TeamAhead], works: Sequence[WorkAhead], *, touched: Collection[int], seed: int
) -> Futures:
    """The same futures with something changed in the ``touched`` teams, or in what waits for what.

    ``works`` are all of them, as changed; of teams that are not touched nothing else may differ from ``base``.
    """
    mine = [work for work in works if work.team in touched]
    new = simulate(teams, mine, today=base.today, seed=seed, trials=base.trials)
    ones = {**base.ones, **new.ones}
    return Futures(base.today, base.trials, _after_what_they_need(works, ones), ones)


@dataclass(frozen=True, slots=True, eq=False)
class _Room:
    """Memory for all that is kept, in one piece: many small ones take the system longer to hand out than to fill."""

    rows: Mapping[int, int]  # by id of the deliverable
    cells: npt.NDArray[np.int16]
    weeks: Floats
    days: Floats

    def keep(self, id: int, cells: Cells, corrected: Values, weeks: Floats, days: Floats) -> One:
        """``days`` by cell, all else as in One."""
        row = self.rows[id]
        self.cells[row], self.weeks[row] = cells, weeks
        days.take(cells, mode="clip", out=self.days[row])
        return One(self.cells[row], corrected, self.weeks[row], self.days[row])


def _room(works: Sequence[WorkAhead], trials: int) -> _Room:
    shape = len(works), trials
    cells, weeks, days = np.empty(shape, np.int16), np.empty(shape, np.float32), np.empty(shape, np.float32)
    return _Room({work.id: row for row, work in enumerate(works)}, cells, weeks, days)


def _team(team: TeamAhead, works: Sequence[WorkAhead], bank: Bank, today: date, room: _Room) -> dict[int, One]:
    usual = nominal.usual(team, bank, today)
    tables = nominal.last_open(works, team.leads)
    drawn = [nominal.draw(work, usual, bank, tables.get(work.id)) for work in works]
    weeks = shared_weeks(team, drawn, bank)
    found = {}
    for one, needed in zip(drawn, weeks, strict=True):
        cells = simulated_cells(one, usual, bank, team, needed)
        known = mapping.correct(cells, one.one.correction, one.one.marks)
        found[one.one.id] = room.keep(one.one.id, cells, known, needed, mapping.whole_days(known, one.one.steps, today))
    return found


def simulated_cells(drawn: nominal.Draws, usual: nominal.Usual, bank: Bank, team: TeamAhead, weeks: Floats) -> Cells:
    """The cell of each trial's nominal days."""
    log_days = nominal.log_days(drawn, usual, bank, team.leads, mapping.week_cells(weeks))
    cells = mapping.cells_of(log_days)
    nothing = nominal.nothing_left(drawn)
    if nothing is not None:
        cells[nothing] = mapping.NOTHING
    return cells


def shared_weeks(team: TeamAhead, drawn: Sequence[nominal.Draws], bank: Bank) -> list[Floats]:
    """Normal weeks that the pace of each deliverable takes, once they share the team.

    Together they go no faster than the team does. Those with a priority come one after the other with the pace of all;
    the others go on side by side, held up by them, and get back what those leave when they are done.
    """
    if len(drawn) == 1:
        return [drawn[0].weeks]
    whole = drawn[0].items / drawn[0].weeks
    for one in drawn[1:]:
        whole += one.items / one.weeks
    if team.pace is None:
        return _in_order(drawn, whole, np.ones_like(whole))
    z = bank.normals[bank.of(nominal.key_of(nominal.Kind.TEAM, team.id), Draw.LUCK)]
    most = np.exp(np.float32(team.pace.level) + np.float32(sqrt(team.pace.variance)) * z)
    slower = np.maximum(whole / most, np.float32(1))
    whole /= slower
    return _in_order(drawn, whole, slower)


def _in_order(drawn: Sequence[nominal.Draws], whole: Floats, slower: Floats) -> list[Floats]:
    """``whole``: items of the team in a week. ``slower``: how many times longer each takes than at its own pace."""
    ranked = [place for place, one in enumerate(drawn) if one.one.priority is not None]
    ranked.sort(key=lambda place: (drawn[place].one.priority, drawn[place].one.id))
    rest = sorted(set(range(len(drawn))) - set(ranked))
    weeks = {place: drawn[place].weeks * slower for place in rest}
    if ranked:
        a_week = 1 / whole
        ahead, given = np.zeros_like(whole), np.zeros_like(whole)
        for place in ranked:
            ahead += drawn[place].items
            if rest:
                given += drawn[place].items / (drawn[place].weeks * slower)
            weeks[place] = ahead * a_week
        held_up, left = ahead * a_week, np.maximum(1 - given * a_week, 0)
        for place in rest:
            weeks[place] = np.maximum(weeks[place], held_up + weeks[place] * left)
    return [weeks[place] for place in range(len(drawn))]


def _after_what_they_need(works: Sequence[WorkAhead], ones: Mapping[int, One]) -> dict[int, Floats]:
    """Nothing is done before what it waits for, through any number of steps; a circle waits for nothing in it."""
    needs = {work.id: [one for one in work.needs if one in ones and one != work.id] for work in works}
    found: dict[int, Floats] = {}
    while waiting := [one for one in needs if one not in found]:
        ready = [one for one in waiting if all(need in found for need in needs[one])]
        before = dict(found)
        for one in ready or waiting:
            ends = [before[need] for need in needs[one] if need in before]
            found[one] = np.maximum.reduce([ones[one].days, *ends]) if ends else ones[one].days
    return found
