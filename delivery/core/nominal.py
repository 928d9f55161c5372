"""One deliverable's nominal days, trial by trial: what it takes with everybody there and nothing to wait for.

The law of ``forecast.deliverable_days`` (FORECAST.md 3.3), cheap enough for hundreds at once: what would be drawn item
by item is read from tables, and days stay logarithms to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from math import sqrt
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from delivery.core import mapping
from delivery.core.ahead import Flags, TeamAhead, WorkAhead
from delivery.core.bank import COARSE, SHARED_CELLS, Bank, Cells, Draw, Kept, fine_cells, shared_places
from delivery.core.deliverable import (
    ITEM_SHARE,
    POOL_SHIFT,
    POOL_SPREAD,
    Values,
    age_groups,
    age_of,
)
from delivery.core.draws import Floats
from delivery.core.own_work import CHANCES, Growth, growth_of, own_work
from delivery.core.tables import NEVER, last_of, next_found, still_open

Places = npt.NDArray[np.signedinteger]
Drawn = TypeVar("Drawn", Floats, Cells)

COMMON: Final = 0.3
"""How much of its luck a deliverable shares with the others of its team: an assumption, see docs/decisions/0017."""
SHARED_LUCK: Final = {Draw.STALL: 0, Draw.RATE: 1, Draw.POOL: 2}
NOBODY: Final = SHARED_CELLS * COARSE
"""Where the table of new items says that none comes."""


class Kind(IntEnum):
    """Whose random numbers they are."""

    TEAM = 0
    DELIVERABLE = 1
    PERSON = 2


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What all deliverables of a team are simulated from: its luck, and how long one new item takes.

    Luck is in the futures in which a deliverable has no luck of its own: in a share of COMMON of them, others for each of
    the three, so that none of them widens what a single deliverable may take.
    """

    stall: Kept
    rate: Kept
    pool: Floats
    # Weighted log days: of one new item (by ITEM_SHARE, as ``last_open`` is), and of so many weeks of the pace.
    next_found: Floats
    pace: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """One deliverable, drawn: in each trial its items still to be found, and its own pace."""

    one: WorkAhead
    growth: Growth
    row: Cells  # where the row of each trial's growth begins
    items: Floats  # its Gamma draw of items
    weeks: Floats  # normal weeks that they take at its own pace
    table: Floats | None  # of ``last_open``


def key_of(kind: Kind, number: int) -> int:
    """The bank's key of a team, a deliverable or a person."""
    return 3 * number + kind


def usual(team: TeamAhead, bank: Bank, today: date) -> Usual:
    """A team's part of the trials. People who work for several teams bring their luck to each of them."""
    new = np.float32(ITEM_SHARE) * np.append(next_found(team.leads), NEVER)
    pace, key = _pace(today, team.holidays), key_of(Kind.TEAM, team.id)
    if not team.shared:
        stall, rate = bank.shared[bank.of(key, Draw.STALL)], bank.fine[bank.of(key, Draw.RATE)]
        return Usual(stall, rate, bank.normals[bank.of(key, Draw.POOL)], new, pace)
    stalled, fast, pool = (luck(team, bank, draw) for draw in (Draw.STALL, Draw.RATE, Draw.POOL))
    return Usual(shared_places(stalled), fine_cells(fast), pool, new, pace)


@lru_cache(maxsize=64)
def _pace(today: date, holidays: frozenset[date]) -> Floats:
    return np.float32(POOL_SHIFT) + np.float32(1 - ITEM_SHARE) * mapping.log_days_of_weeks(today, holidays)


def luck(team: TeamAhead, bank: Bank, kind: Draw) -> Floats:
    """Standard normal: that of the team's own people, and that of each person it shares."""
    own = bank.normals[bank.of(key_of(Kind.TEAM, team.id), kind)]
    if not team.shared:
        return own
    found = own * np.float32(sqrt(max(1 - sum(part**2 for part in team.shared.values()), 0.0)))
    for person, part in sorted(team.shared.items()):
        found += np.float32(part) * bank.normals[bank.of(key_of(Kind.PERSON, person), kind)]
    return found


def together(own: Drawn, team: npt.NDArray[Any], kind: Draw) -> Drawn:
    """``own`` draws, but in the futures of this kind of luck (STALL, RATE, POOL) those of the ``team``; overwrites ``own``."""
    first = len(own) * SHARED_LUCK[kind] // len(SHARED_LUCK)
    last = first + int(COMMON * len(own))
    own[first:last] = team[first:last]
    return own


def draw(one: WorkAhead, team: Usual, bank: Bank, table: Floats | None) -> Draws:
    """The first half: how many items, how much work they are, how fast it goes."""
    key = key_of(Kind.DELIVERABLE, one.id)
    growth = growth_of(one)
    own = own_work(one, growth)
    row = growth.rows.take(bank.fine_of(key, Draw.SCOPE))
    place = bank.coarse_of(key, Draw.WORK)
    place += row
    weeks = own.weeks.take(place)
    weeks /= own.rates.take(together(bank.fine_of(key, Draw.RATE), team.rate, Draw.RATE))
    return Draws(one, growth, row, own.items.take(place), weeks, table)


def log_days(drawn: Draws, team: Usual, bank: Bank, leads: Values, weeks: Places) -> Floats:
    """The second half: both views pooled, log nominal days. ``weeks``: the cell of each trial's weeks (mapping)."""
    own = bank.normals[bank.of(key_of(Kind.DELIVERABLE, drawn.one.id), Draw.POOL)]
    found = together(own.copy(), team.pool, Draw.POOL)
    found *= np.float32(POOL_SPREAD)
    found += _slowest(drawn, team, bank, leads)
    found += team.pace.take(weeks, mode="clip")
    return found


def nothing_left(drawn: Draws) -> Cells | None:
    """The trials in which nothing is left to do; None where something always is."""
    if len(drawn.one.items.ages) or drawn.one.attempts or drawn.growth.kinds[0]:
        return None
    return np.flatnonzero(drawn.row == 0)


def _slowest(drawn: Draws, team: Usual, bank: Bank, leads: Values) -> Floats:
    """Item view, weighted log days until the last item is done, known or still to be found, or the last attempt."""
    work, share = drawn.one, np.float32(ITEM_SHARE)
    key = key_of(Kind.DELIVERABLE, work.id)
    place = together(bank.shared[bank.of(key, Draw.STALL)].astype(np.intp), team.stall, Draw.STALL)
    if drawn.table is None:
        slowest = np.full(bank.trials, share * NEVER, dtype=np.float32)
    else:
        at = bank.coarse_of(key, Draw.ITEM)
        at += place
        slowest = drawn.table.take(at)
    if drawn.growth.kinds[-1]:
        np.maximum(slowest, _last_new(drawn, team.next_found, bank, place), out=slowest)
    if work.attempts:
        np.maximum(slowest, share * _attempts(work, bank, leads), out=slowest)
    return slowest


def last_open(works: Sequence[WorkAhead], leads: Values) -> dict[int, Floats]:
    """The table of the last open item of each deliverable that has any, by its id.

    A stuck item of a what-if that frees it is as a fresh one, where that is sooner.
    """
    mine = [work for work in works if len(work.items.ages)]
    if not mine:
        return {}
    ages, freed, counts, firsts = _kinds(mine)
    chances = still_open(ages, leads)
    if freed.any():
        fresh = still_open(np.zeros(1), leads)
        chances = np.where(freed[:, None], np.maximum(chances, fresh), chances)
    tables = np.float32(ITEM_SHARE) * last_of(chances, counts, firsts)
    return {work.id: table for work, table in zip(mine, tables, strict=True)}


def _kinds(works: Sequence[WorkAhead]) -> tuple[Values, Flags, Values, list[int]]:
    """Open items of about the same age together, as ``deliverable`` groups them, deliverable by deliverable.

    Of each kind its age, whether it is freed, and how many there are; and where each deliverable's kinds begin.
    """
    sizes = [len(work.items.ages) for work in works]
    owners = np.repeat(np.arange(len(works)), sizes)
    groups = age_groups(np.concatenate([work.items.ages for work in works]))
    freed = np.concatenate([work.items.stuck if work.freed else np.zeros(len(work.items.ages), bool) for work in works])
    width = 2 * (int(groups.max()) + 1)
    keyed, counts = np.unique(owners * width + 2 * groups + freed, return_counts=True)
    kinds = keyed % width
    firsts = np.searchsorted(keyed // width, np.arange(len(works))).tolist()
    return age_of(kinds // 2), kinds % 2 > 0, counts.astype(np.float64), firsts


def _last_new(drawn: Draws, next_found: Floats, bank: Bank, place: Cells) -> Floats:
    """The same of the last item still to be found; NEVER where there is none."""
    key = key_of(Kind.DELIVERABLE, drawn.one.id)
    at = bank.coarse_of(key, Draw.NEWCOMER)
    at += drawn.row
    cells = drawn.growth.largest.take(at)
    cells += place
    return next_found.take(cells, mode="clip")


def _attempts(work: WorkAhead, bank: Bank, leads: Values) -> Floats:
    """Log days until the last attempt of an experiment: one after the other, each as long as some item took."""
    low, high = work.attempts or (1, 1)
    key = key_of(Kind.DELIVERABLE, work.id)
    chances = CHANCES.take(bank.fine_of(key, Draw.TRIES))
    tries = low + np.minimum((chances * (high - low + 1)).astype(np.intp), high - low)
    total = np.zeros(bank.trials)
    for number in range(high):
        picked = CHANCES.take(bank.fine_of(key + number // (16 - Draw.ATTEMPT), Draw.ATTEMPT + number % 6))
        span = leads.take(np.minimum((picked * len(leads)).astype(np.intp), len(leads) - 1))
        total += np.where(number < tries, np.maximum(span, 1), 0)
    found: Floats = np.log(np.maximum(total, 1)).astype(np.float32)
    return found
