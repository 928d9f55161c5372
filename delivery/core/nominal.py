"""One deliverable's nominal days, trial by trial: what it takes with everybody there and nothing to wait for.

The law of ``forecast.deliverable_days`` (FORECAST.md 3.3), cheap enough for hundreds at once: what would be drawn item
by item is read from tables, and days stay logarithms to the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Final, TypeVar

import numpy as np

from delivery.core import scope
from delivery.core.ahead import Flags, TeamAhead, WorkAhead
from delivery.core.bank import COARSE, FINE, SHARED_CELLS, Bank, Cells, Draw, fine_cells, middles, shared_places
from delivery.core.deliverable import (
    ITEM_SHARE,
    MOST_AGES,
    POOL_SHIFT,
    POOL_SPREAD,
    USUAL_RATE,
    Values,
)
from delivery.core.draws import Floats
from delivery.core.tables import (
    NEVER,
    class_of,
    largest_cells,
    last_of,
    log_cdf,
    log_work,
    next_found,
    still_open,
    work_row,
)

Drawn = TypeVar("Drawn", Floats, Cells)

COMMON: Final = 0.3
"""How much of its luck a deliverable shares with the others of its team: an assumption, see docs/decisions/0017."""
CHANCES: Final = np.exp(log_cdf(middles(FINE)))
"""P(Z <= z) in the middle of every fine cell."""
FEW: Final = 12
"""So few items are looked at one by one."""
NOBODY: Final = SHARED_CELLS * COARSE
"""Where the table of new items says that none comes."""


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What all deliverables of a team are simulated from: its luck, and how long one new item takes.

    Luck is in the futures in which a deliverable has no luck of its own: in a share of COMMON of them, others for each of
    the three, so that none of them widens what a single deliverable may take.
    """

    stall: Cells
    rate: Cells
    pool: Floats
    next_found: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """One deliverable, drawn: in each trial its items still to be found, and its own pace."""

    work: WorkAhead
    growth: Cells  # by fine cell: items still to be found
    found: Cells  # the cell of each trial
    amount: Cells  # the place of each trial in the tables of work
    speed: Cells  # its place in ``rates``
    log_rates: Floats  # by fine cell: log items per normal week

    @property
    def log_weeks(self) -> Floats:
        """Log normal weeks that its items take at its own pace."""
        weeks = log_work().take(self.amount)
        weeks -= self.log_rates.take(self.speed)
        return weeks

    @property
    def rates(self) -> Floats:
        """Items per normal week."""
        return np.exp(self.log_rates).take(self.speed)


def key_of(kind: str, number: int) -> int:
    """The bank's key of a team, a deliverable or a person."""
    return 3 * number + ("team", "deliverable", "person").index(kind)


def usual(team: TeamAhead, bank: Bank) -> Usual:
    """A team's part of the trials. People who work for several teams bring their luck to each of them."""
    stall, rate, pool = (luck(team, bank, draw) for draw in (Draw.STALL, Draw.RATE, Draw.POOL))
    return Usual(shared_places(stall), fine_cells(rate), pool, np.append(next_found(team.leads), NEVER))


def luck(team: TeamAhead, bank: Bank, kind: Draw) -> Floats:
    """Standard normal: that of the team's own people, and that of each person it shares."""
    own = bank.normals[bank.of(key_of("team", team.id), kind)]
    if not team.shared:
        return own
    found = own * np.float32(sqrt(max(1 - sum(part**2 for part in team.shared.values()), 0.0)))
    for person, part in sorted(team.shared.items()):
        found += np.float32(part) * bank.normals[bank.of(key_of("person", person), kind)]
    return found


def together(own: Drawn, team: Drawn, kind: Draw) -> Drawn:
    """``own`` draws, but in the futures of this kind of luck those of the ``team``."""
    first = len(own) * (Draw.STALL, Draw.RATE, Draw.POOL).index(kind) // 3
    futures = slice(first, first + int(COMMON * len(own)))
    found = own.copy()
    found[futures] = team[futures]
    return found


def draw(work: WorkAhead, team: Usual, bank: Bank) -> Draws:
    """The first half: how many items, how much work they are, how fast it goes."""
    key = key_of("deliverable", work.id)
    growth = items_to_come(work)
    found = bank.fine[bank.of(key, Draw.SCOPE)]
    amount = (work_row(growth + len(work.items.ages)) * FINE).take(found)
    amount += bank.fine[bank.of(key, Draw.WORK)]
    speed = together(bank.fine[bank.of(key, Draw.RATE)], team.rate, Draw.RATE)
    shape, exposure = 1 + work.seen, 1 / (USUAL_RATE * max(work.usual_items, 1)) + work.exposure
    return Draws(work, growth, found, amount, speed, _log_gamma(shape) - np.float32(log(exposure)))


def _log_gamma(shape: float) -> Floats:
    """log of the Gamma(shape) value in each fine cell (Wilson-Hilferty)."""
    root = 1 - 1 / (9 * shape) + middles(FINE) / (3 * sqrt(shape))
    return np.asarray(log(shape) + 3 * np.log(np.maximum(root, 0.01)), dtype=np.float32)


def items_to_come(work: WorkAhead) -> Cells:
    """Items still to be found, by fine cell of a normal: never fewer in a higher cell."""
    if work.size is not None:
        low, high = (log(edge) for edge in work.size)
        sizes = np.rint(np.exp(low + (high - low) * CHANCES))
        return np.asarray(np.maximum(sizes - work.found.known, 0), dtype=np.intp)
    growth = scope.WHILE_OPEN if len(work.items.ages) else scope.ALL_DONE
    mean = 0.0 if work.scope_known else growth.per_known * work.found.known + growth.per_recent * work.found.recent
    if mean <= 0:
        return np.zeros(FINE, dtype=np.intp)
    return np.asarray(np.searchsorted(scope.poisson_gamma(mean, growth.shape), CHANCES), dtype=np.intp)


def log_days(drawn: Draws, team: Usual, bank: Bank, leads: Values, log_weeks_to_days: Floats, weeks: Cells) -> Floats:
    """The second half: both views pooled, log nominal days. ``weeks``: the cell of each trial's weeks (mapping)."""
    own = bank.normals[bank.of(key_of("deliverable", drawn.work.id), Draw.POOL)]
    found = together(own, team.pool, Draw.POOL)
    found *= np.float32(POOL_SPREAD)
    found += _slowest(drawn, team, bank, leads)
    found += (np.float32(POOL_SHIFT) + np.float32(1 - ITEM_SHARE) * log_weeks_to_days).take(weeks, mode="clip")
    return found


def nothing_left(drawn: Draws) -> Cells | None:
    """The trials in which nothing is left to do; None where something always is."""
    if len(drawn.work.items.ages) or drawn.work.attempts:
        return None
    return np.flatnonzero(drawn.growth.take(drawn.found) == 0)


def _slowest(drawn: Draws, team: Usual, bank: Bank, leads: Values) -> Floats:
    """Item view, weighted log days until the last item is done, known or still to be found, or the last attempt."""
    work, share = drawn.work, np.float32(ITEM_SHARE)
    key = key_of("deliverable", work.id)
    place = together(bank.shared[bank.of(key, Draw.STALL)], team.stall, Draw.STALL)
    slowest = (share * _last_open(work, leads)).take(place + bank.coarse[bank.of(key, Draw.ITEM)])
    if drawn.growth[-1]:
        np.maximum(slowest, _last_new(drawn, share * team.next_found, bank, place), out=slowest)
    if work.attempts:
        np.maximum(slowest, share * _attempts(work, bank, leads), out=slowest)
    return slowest


def _last_open(work: WorkAhead, leads: Values) -> Floats:
    """The table of the last open item; a stuck one of a what-if that frees it is as a fresh one, where that is sooner."""
    ages = work.items.ages
    if not len(ages):
        return np.full(NOBODY, NEVER, dtype=np.float32)
    freed = work.items.stuck if work.freed else np.zeros(len(ages), dtype=bool)
    kinds, counts = _kinds(ages, freed)
    chances = still_open(kinds[:, 0], leads)
    if freed.any():
        fresh = still_open(np.zeros(1), leads)
        chances = np.where(kinds[:, 1:] > 0, np.maximum(chances, fresh), chances)
    return last_of(chances, counts)


def _kinds(ages: Values, freed: Flags) -> tuple[Values, Values]:
    """Items of the same age together, or of about the same where there are many: ((age, freed), counts)."""
    if len(ages) <= FEW:
        return np.column_stack([ages, freed]), np.ones(len(ages))
    keyed, times = np.unique(2 * ages + freed, return_counts=True)
    if len(keyed) <= MOST_AGES:
        return np.column_stack([np.floor(keyed / 2), keyed % 2]), times.astype(np.float64)
    kinds, counts = [], []
    for state in np.unique(freed):
        for part in np.array_split(np.sort(ages[freed == state]), MOST_AGES // 2):
            if len(part):
                kinds.append((float(part.mean()), float(state)))
                counts.append(float(len(part)))
    return np.array(kinds), np.array(counts)


def _last_new(drawn: Draws, next_found: Floats, bank: Bank, place: Cells) -> Floats:
    """The same of the last item still to be found; NEVER where there is none."""
    key = key_of("deliverable", drawn.work.id)
    at = (class_of(drawn.growth) * COARSE).take(drawn.found)
    at += bank.coarse[bank.of(key, Draw.NEWCOMER)]
    cells = largest_cells().take(at)
    cells += place
    return next_found.take(cells, mode="clip")


def _attempts(work: WorkAhead, bank: Bank, leads: Values) -> Floats:
    """Log days until the last attempt of an experiment: one after the other, each as long as some item took."""
    low, high = work.attempts or (1, 1)
    key = key_of("deliverable", work.id)
    chances = CHANCES.take(bank.fine[bank.of(key, Draw.TRIES)])
    tries = low + np.minimum((chances * (high - low + 1)).astype(np.intp), high - low)
    total = np.zeros(bank.trials)
    for number in range(high):
        picked = CHANCES.take(bank.fine[bank.of(key + number // (16 - Draw.ATTEMPT), Draw.ATTEMPT + number % 6)])
        span = leads.take(np.minimum((picked * len(leads)).astype(np.intp), len(leads) - 1))
        total += np.where(number < tries, np.maximum(span, 1), 0)
    found: Floats = np.log(np.maximum(total, 1)).astype(np.float32)
    return found
