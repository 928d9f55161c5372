"""From simulated nominal days to days of the calendar: the record's correction, then who is there to work.

Both only ever move a day by what it is, so they are tables over the logarithm of days: one look-up a trial.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.ahead import Steps
from delivery.core.bank import Cells
from delivery.core.calendar import WEEKDAYS, Calendar
from delivery.core.calibration import Correction, Marks
from delivery.core.deliverable import SHORTEST_DAYS, Values
from delivery.core.draws import Floats
from delivery.core.simulation import CAP_DAYS, Road
from delivery.core.tables import log_cdf, quantile

CELLS: Final = 1024
LOW: Final = -2.5
HIGH: Final = 8.5
WIDTH: Final = (HIGH - LOW) / CELLS
NOTHING: Final = 0
"""The cell of what needs no day at all."""
EDGES: Final = LOW + WIDTH * np.arange(1, CELLS + 1)
MIDDLES: Final[Values] = np.asarray(EDGES - WIDTH / 2, dtype=np.float64)
DAYS: Final = np.exp(MIDDLES)
MIDDLES.flags.writeable = False
COUNT: Final = np.arange(CAP_DAYS + 1.0)
WEEK_CELLS: Final = 0x7F80
"""Weeks fall in cells by the first sixteen bits of a float: within 0.4 %, without a logarithm."""


def cells_of(log_days: Floats) -> Cells:
    """The cell of each trial, never that of NOTHING; overwrites ``log_days``."""
    log_days -= np.float32(LOW)
    log_days *= np.float32(1 / WIDTH)
    np.clip(log_days, 1, CELLS - 1, out=log_days)
    return log_days.astype(np.int32).astype(np.intp)  # in two steps it is quicker


def correct(cells: Cells, correction: Correction, marks: Marks) -> Values:
    """Log days of every cell as the record corrects them; see ``calibration.recalibrate``. Shape (CELLS,).

    Beyond what was simulated the correction is that of the nearest that was, so that it also serves a what-if.
    """
    centre, scale = correction.centre(marks), correction.scale
    if centre == 0 and scale == 1:
        return MIDDLES
    counts = np.bincount(cells, minlength=CELLS)
    upto = np.cumsum(counts)
    scores = centre + scale * quantile((upto - counts / 2) / len(cells))
    found: Values = np.interp(np.exp(log_cdf(scores)) * len(cells), upto, EDGES)
    there = np.flatnonzero(counts)
    first, last = int(there[0]), int(there[-1])
    found[:first] = MIDDLES[:first] + (found[first] - MIDDLES[first])
    found[last + 1 :] = MIDDLES[last + 1 :] + (found[last] - MIDDLES[last])
    return np.asarray(np.maximum.accumulate(found), dtype=np.float64)


def whole_days(log_days: Values, steps: Steps, today: date) -> Floats:
    """The calendar day on which each cell ends: nominal days, slower while fewer are there. Shape (CELLS,).

    At least 1, at most the cap; inf where the capacity ends for good before.
    """
    days = on_the_calendar(DAYS if log_days is MIDDLES else np.exp(log_days), steps, today)
    days -= 1e-6
    np.ceil(days, out=days)
    np.maximum(days, 1, out=days)
    days[NOTHING] = 0
    return days.astype(np.float32)


def on_the_calendar(days: Values, steps: Steps, today: date) -> Values:
    """Nominal ``days`` of work, in their order, as days from ``today``, where the share of capacity changes by ``steps``."""
    if not steps:
        return np.minimum(days, CAP_DAYS)
    last = _changing_days(steps, today)
    reached = np.zeros(last + 1)
    np.cumsum(shares_ahead(steps, today, last), out=reached[1:])
    if last == CAP_DAYS:
        ended = bool(reached[-1] == reached[-365])
        return np.asarray(np.interp(days, reached, COUNT, right=np.inf if ended else CAP_DAYS), dtype=np.float64)
    found: Values = np.minimum(days + (last - reached[-1]), CAP_DAYS)  # from the last step on everybody is there
    before = int(np.searchsorted(days, reached[-1], side="right"))
    found[:before] = np.interp(days[:before], reached, COUNT[: last + 1])
    return found


def _changing_days(steps: Steps, today: date) -> int:
    """Days from tomorrow after which every day carries its full share; the cap where that never comes."""
    day, share = steps[-1]
    return min(max((day - today).days - 1, 0), CAP_DAYS) if share == 1 else CAP_DAYS


def work_until(days: float, steps: Steps, today: date) -> float:
    """The reverse: nominal days of work that fit into ``days`` of the calendar."""
    if not steps:
        return days
    return float(shares_ahead(steps, today, min(max(int(days), 0), CAP_DAYS)).sum())


def shares_ahead(steps: Steps, today: date, days: int = CAP_DAYS) -> Values:
    """Share of the normal capacity on each of so many days from tomorrow; ``steps`` in their order.

    Around the turn of the year many are away, and the calendar says so already: leave counts for what it is beyond that.
    """
    shares = np.ones(days)
    for day, share in steps:
        shares[max((day - today).days - 1, 0) :] = share
    return np.where(shares < 1, np.minimum(shares / _turn_of_the_year(today)[:days], 1), shares)


@lru_cache(maxsize=64)
def _turn_of_the_year(today: date) -> Values:
    """What the calendar leaves of each day ahead, apart from weekends."""
    flat = Calendar((1.0,) * 7).capacity(today + timedelta(days=1), CAP_DAYS)
    return np.asarray(flat * 7, dtype=np.float64)


def added(steps: Steps, more: Steps) -> Steps:
    """Two courses of capacity together: ``more`` is what comes on top (below 0: goes) from each of its days on."""
    days = sorted({day for day, _ in (*steps, *more)})
    return tuple((day, max(_at(steps, day, 1.0) + _at(more, day, 0.0), 0.0)) for day in days)


def _at(steps: Steps, day: date, before: float) -> float:
    share = before
    for first, value in sorted(steps):
        if first <= day:
            share = value
    return share


def ramp(start: date, part: float, weeks: int, until: date | None = None) -> Steps:
    """What a newcomer brings: nothing before ``start``, then week by week more, ``part`` after ``weeks``."""
    rising = tuple((start + timedelta(weeks=n), part * (n + 1) / (weeks + 1)) for n in range(weeks + 1))
    if until is None:
        return rising
    return (*(step for step in rising if step[0] < until), (until, 0.0))


@lru_cache(maxsize=512)
def road(today: date, holidays: frozenset[date]) -> Road:
    """The days ahead in normal weeks, everybody there."""
    daily = Calendar(WEEKDAYS, holidays=holidays).capacity(today + timedelta(days=1), CAP_DAYS)
    return Road(np.concatenate(([0.0], np.cumsum(daily))))


@lru_cache(maxsize=512)
def log_days_of_weeks(today: date, holidays: frozenset[date]) -> Floats:
    """Log days until so many normal weeks have passed, by cell of weeks; shape (WEEK_CELLS,)."""
    weeks = (np.arange(WEEK_CELLS, dtype=np.int32) << 16 | 0x8000).view(np.float32).astype(np.float64)
    found: Floats = np.log(np.maximum(road(today, holidays).moments(weeks), SHORTEST_DAYS)).astype(np.float32)
    return found


def week_cells(weeks: Floats) -> npt.NDArray[np.int32]:
    """The cell of each trial's weeks, which are never below 0."""
    return weeks.view(np.int32) >> 16
