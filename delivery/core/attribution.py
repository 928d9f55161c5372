"""The chance of missing taken apart by counterfactual runs of the same simulation (FORECAST.md 3.6).

Every cause can be switched to what is usual; all combinations are run in the same futures, and a cause's share is its
mean effect over all orders of switching (Shapley), so shares add up exactly. A run is cheap: only the scope and the
ages of items change what is drawn, the other causes move where each drawn day lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, factorial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.core import mapping, nominal
from delivery.core.ahead import Habit, TeamAhead, WorkAhead
from delivery.core.bank import open_bank
from delivery.core.counterfactual import with_items
from delivery.core.deliverable import Values
from delivery.core.drivers import Cause, Drivers, Share
from delivery.core.portfolio import Futures, simulated_cells

LARGEST: Final = 3.0
"""No habit of a team makes its work faster or slower by more than this factor."""
NEGLIGIBLE: Final = 0.02
"""A factor nearer to 1 is no cause."""
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Game:
    """A deliverable, and its causes in the order of the bits of a combination: a bit set is the cause as it is."""

    work: WorkAhead
    team: TeamAhead
    futures: Futures
    causes: tuple[Cause, ...]
    days: int  # until the promised day

    @property
    def late(self) -> int:
        """Days that a usual start would have won."""
        return round(self.work.late or 0) if Cause.LATE_START in self.causes else 0

    def has(self, combination: int, cause: Cause) -> bool:
        """Whether ``cause`` is as it is; one that is no cause here is always usual."""
        return cause in self.causes and bool(combination >> self.causes.index(cause) & 1)


def explain(
    work: WorkAhead, team: TeamAhead, futures: Futures, *, usual: float, usual_n: int, seed: int
) -> Drivers | None:
    """Why the chance that ``work`` misses its promise is what it is; None without a promise.

    ``usual`` is the share of promises missed here, of ``usual_n``. ``seed`` is that of ``futures``.
    """
    if work.target is None:
        return None
    causes = tuple(cause for cause in FACTS if FACTS[cause](work, team, futures) is not None)
    game = _Game(work, team, futures, causes, (work.target - futures.today).days)
    missing = _all_combinations(game, seed)
    shares = [
        Share(cause, share, FACTS[cause](work, team, futures) or {})
        for cause, share in zip(causes, _shapley(missing, len(causes)), strict=True)
    ]
    facts = {"items_open": len(work.items.ages), "days_left": game.days}
    shares.append(Share(Cause.SIZE, float(missing[0]) - usual, facts))
    ordered = tuple(sorted(shares, key=lambda one: (-abs(one.share), one.cause)))
    return Drivers(usual, usual_n, ordered, float(missing[-1]))


def _all_combinations(game: _Game, seed: int) -> Values:
    """The chance of missing for every combination of causes; the last is the one that is shown."""
    drawings = {
        (scope, ageing): _drawn(game, seed, scope, ageing) for scope in (False, True) for ageing in (False, True)
    }
    in_time: dict[tuple[bool, ...], npt.NDArray[np.bool_]] = {}
    found = np.empty(1 << len(game.causes))
    for combination in range(len(found)):
        late, waiting = (game.has(combination, cause) for cause in (Cause.LATE_START, Cause.WAITING))
        scope, ageing = (game.has(combination, cause) for cause in DRAWN)
        moved = tuple(game.has(combination, cause) for cause in MOVING)
        drawn, place = drawings[scope, ageing], (scope, ageing, late, *moved)
        if place not in in_time:
            in_time[place] = _lies_at(game, drawn.corrected, moved) <= game.days + (0 if late else game.late)
        done = int(drawn.counts[waiting, late][in_time[place]].sum())
        found[combination] = 1 - (done + 0.5) / (game.futures.trials + 1)
    return found


def _lies_at(game: _Game, log_days: Values, moved: Sequence[bool]) -> npt.NDArray[np.float32]:
    """The day of the calendar of each cell, with the causes that move days as they are or as is usual."""
    factors = dict(zip(MOVING, moved, strict=True))
    steps = game.work.steps if factors[Cause.ABSENCE] else game.work.full
    for cause, factor in _slower(game.team).items():
        if not factors[cause] and cause in game.causes:
            log_days = log_days - np.log(factor)
    return mapping.whole_days(log_days, steps, game.futures.today)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawing:
    """What was drawn: where the record says each cell lies, and the trials in each by (waiting, late start)."""

    corrected: Values
    counts: Mapping[tuple[bool, bool], Counts]


def _drawn(game: _Game, seed: int, scope: bool, ageing: bool) -> _Drawing:
    """With scope and ageing as they are or as is usual; waiting leaves out the trials that were held up."""
    cells, corrected = _cells(game, seed, scope, ageing)
    held_until = _held_until(game)
    counts = {}
    for late in (False, True):
        days = game.days + (0 if late else game.late)
        free = slice(None) if held_until is None else held_until <= days
        counts[False, late] = np.bincount(cells, minlength=mapping.CELLS)
        counts[True, late] = np.bincount(cells[free], minlength=mapping.CELLS)
    return _Drawing(corrected, counts)


def _held_until(game: _Game) -> npt.NDArray[np.float32] | None:
    ends = [game.futures.days[need] for need in game.work.needs if need in game.futures.days]
    return np.maximum.reduce(ends) if ends else None


def _cells(game: _Game, seed: int, scope: bool, ageing: bool) -> tuple[npt.NDArray[np.int16], Values]:
    """Cells of nominal days, and where they lie, with the scope as promised and stuck items as fresh, or as they are."""
    one, work = game.futures.ones[game.work.id], game.work
    if not scope and Cause.SCOPE in game.causes:
        work = _as_promised(work)
    if not ageing and Cause.AGEING in game.causes:
        work = replace(work, freed=True)
    if work is game.work:
        return one.cells, one.corrected
    bank = open_bank(seed, game.futures.trials)
    usual = nominal.usual(game.team, bank, game.futures.today)
    tables = nominal.last_open([work], game.team.leads)
    as_it_is = nominal.draw(game.work, usual, bank, None)
    drawn = nominal.draw(work, usual, bank, tables.get(work.id))
    weeks = one.weeks * (drawn.weeks / as_it_is.weeks)  # as much held up by the team's other work
    cells = simulated_cells(drawn, usual, bank, game.team, weeks)
    return cells.astype(np.int16), mapping.correct(cells, work.correction, work.marks)


def _as_promised(work: WorkAhead) -> WorkAhead:
    """As if nothing had come in after the promise: what was finished since would all have been of what was promised.

    Of the promised items that are open now, those stay open that nobody has begun, the newest of them first.
    """
    promised = np.flatnonzero(~work.items.added)
    left = min(max(work.at_commitment - work.done, 0), len(promised))
    begun, ages = work.items.begun[promised], work.items.ages[promised]
    keep = promised[np.lexsort((ages, begun))[:left]]
    return replace(with_items(work, work.items.take(np.sort(keep))), found=work.found_before)


def _shapley(values: Values, players: int) -> list[float]:
    """Each player's mean contribution over all orders; they add up to values[-1] - values[0]."""
    combinations = np.arange(1 << players)
    sizes = np.array([int(one).bit_count() for one in combinations])
    weights = np.array([factorial(size) * factorial(max(players - size - 1, 0)) for size in range(players + 1)])
    weights = weights / factorial(players)
    shares = []
    for player in range(players):
        without = combinations[combinations >> player & 1 == 0]
        gains = values[without | 1 << player] - values[without]
        shares.append(float((weights[sizes[without]] * gains).sum()))
    return shares


def _slower(team: TeamAhead) -> dict[Cause, float]:
    """By what factor each habit makes work slower than is usual (below 1: faster); 1 where it is not known."""
    pace = exp(team.pace.mean - team.pace.level) if team.pace else 1.0
    unplanned = 1.0
    if team.unplanned.now is not None and team.unplanned.usual is not None:
        unplanned = max(1 - team.unplanned.usual, 0.05) / max(1 - team.unplanned.now, 0.05)
    reviews = 1.0
    if team.reviews.now is not None and team.reviews.usual is not None:
        lead = max(float(np.median(team.leads)), 1.0)
        reviews = (lead + team.reviews.now) / (lead + team.reviews.usual)
    found = {Cause.PACE: pace, Cause.UNPLANNED: unplanned, Cause.REVIEWS: reviews}
    return {cause: min(max(factor, 1 / LARGEST), LARGEST) for cause, factor in found.items()}


def _is_cause(team: TeamAhead, cause: Cause) -> bool:
    return abs(_slower(team)[cause] - 1) >= NEGLIGIBLE


def _habit(team: TeamAhead, cause: Cause, habit: Habit) -> dict[str, Any] | None:
    return {"now": habit.now, "usual": habit.usual} if _is_cause(team, cause) else None


def _scope(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    return {"grown": work.added, "at_commitment": work.at_commitment} if work.added and len(work.items.ages) else None


def _pace(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    if team.pace is None:
        return None
    return _habit(team, Cause.PACE, Habit(exp(team.pace.level), exp(team.pace.mean)))


def _ageing(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    stuck = work.items.stuck
    if not stuck.any():
        return None
    ids = [one for one, is_stuck in zip(work.items.ids, stuck.tolist(), strict=True) if is_stuck]
    blocked = int(work.items.blocked.sum())
    return {"blocked": blocked, "old": int((stuck & ~work.items.blocked).sum()), "items": ids}


def _reviews(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    found = _habit(team, Cause.REVIEWS, team.reviews)
    return None if found is None else {"days": found["now"], "usual": found["usual"]}


def _unplanned(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    return _habit(team, Cause.UNPLANNED, team.unplanned)


def _absence(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    if work.target is None or work.steps == work.full:
        return None
    days = max((work.target - futures.today).days, 0)
    lost = mapping.work_until(days, work.full, futures.today) - mapping.work_until(days, work.steps, futures.today)
    if abs(lost) < 0.5:
        return None
    return {"days_lost": round(lost, 1), "people": list(work.away), "alone": work.alone}


def _waiting(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    needs = [need for need in work.needs if need in futures.days]
    return {"needs": needs} if needs else None


def _late_start(work: WorkAhead, team: TeamAhead, futures: Futures) -> dict[str, Any] | None:
    return {"days": round(work.late)} if work.late is not None and abs(work.late) >= 1 else None


FACTS: Final[Mapping[Cause, Any]] = {
    Cause.SCOPE: _scope,
    Cause.AGEING: _ageing,
    Cause.WAITING: _waiting,
    Cause.LATE_START: _late_start,
    Cause.ABSENCE: _absence,
    Cause.PACE: _pace,
    Cause.UNPLANNED: _unplanned,
    Cause.REVIEWS: _reviews,
}
"""What was measured of each cause; None where it is none."""
DRAWN: Final = (Cause.SCOPE, Cause.AGEING)
MOVING: Final = (Cause.ABSENCE, Cause.PACE, Cause.UNPLANNED, Cause.REVIEWS)
