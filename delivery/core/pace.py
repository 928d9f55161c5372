"""The weekly pace filter (FORECAST.md 3.1): how fast is a team now, and how sure are we?

Finished items are counts of a process whose log rate drifts around its two-year mean. The filter
is closed form (Fisher scoring for a count with mean a and variance a + v a**2). Its constants were
fitted once on many real teams and are never tuned per team.
"""

from dataclasses import dataclass
from datetime import date
from math import exp, log
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.calendar import Calendar

Days = npt.NDArray[np.datetime64]

DRIFT_VARIANCE: Final = 0.010
"""q: variance added to log pace each week."""
PERSISTENCE: Final = 0.99
"""phi: what is left after a week of a deviation from the long-run mean."""
WEEK_NOISE: Final = 0.45
"""v: extra relative variance of a single week's count, beyond Poisson."""
FIRST_VARIANCE: Final = 1.0
"""P0: variance of log pace before anything is seen."""
MEMORY_WEEKS: Final = 104
LARGEST_STEP: Final = 1.0
"""One week moves log pace by no more than this."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A team's pace on one day; logs of items per normal week."""

    level: float
    """m, the log pace now."""
    variance: float
    """P, the variance of `level`."""
    mean: float
    """mu, the log pace the team reverts to."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks ending today, oldest first; the oldest may be a part of a week."""

    counts: npt.NDArray[np.float64]
    exposures: npt.NDArray[np.float64]


def count_weeks(done: Days, today: date, calendar: Calendar) -> Weeks:
    """Count finished items per week back to the first finish, at most 104 weeks.

    `done` holds finish days, sorted or not, none after `today`, at least one. Exposure is in
    normal weeks: 1 in an ordinary week, about 0.3 between the years.

    The very first finish counts half where it opens the record: a history that starts with a
    finish says a little too much about its pace (measured with four weeks known: bias of log days
    0.11 -> 0.05).
    """
    ages = (np.datetime64(today, "D") - done).astype(np.int64)
    known_days = min(int(ages.max()) + 1, MEMORY_WEEKS * 7)
    weeks = -(-known_days // 7)
    counts = np.bincount(ages[ages < known_days] // 7, minlength=weeks).astype(np.float64)
    if known_days < MEMORY_WEEKS * 7:
        counts[-1] -= 0.5
    first_day = (np.datetime64(today, "D") - (known_days - 1)).astype(date)
    capacity = calendar.capacity(first_day, known_days)
    exposures = np.bincount(np.arange(known_days)[::-1] // 7, weights=capacity, minlength=weeks)
    return Weeks(counts[::-1], exposures[::-1].astype(np.float64))


def update(pace: Pace, count: float, exposure: float) -> Pace:
    """One week of the filter: predict, then learn from `count` items in `exposure` normal weeks."""
    level = pace.mean + PERSISTENCE * (pace.level - pace.mean)
    variance = PERSISTENCE**2 * pace.variance + DRIFT_VARIANCE
    if exposure <= 0:
        return Pace(level, variance, pace.mean)
    expected = exposure * exp(level)
    dispersion = 1 + WEEK_NOISE * expected
    variance = 1 / (1 / variance + expected / dispersion)
    step = variance * (count - expected) / dispersion
    return Pace(level + min(max(step, -LARGEST_STEP), LARGEST_STEP), variance, pace.mean)


def measure_pace(weeks: Weeks) -> Pace:
    """Run the filter over all `weeks` from the team's long-run mean."""
    mean = log((weeks.counts.sum() + 1) / (weeks.exposures.sum() + 1))
    pace = Pace(mean, FIRST_VARIANCE, mean)
    for count, exposure in zip(weeks.counts.tolist(), weeks.exposures.tolist(), strict=True):
        pace = update(pace, count, exposure)
    return pace
