"""From simulated days to what people read: a chance, three dates, a level.

A word, a percentage and a picture must never contradict each other (DESIGN.md 1.3). One number
decides all three: the chance p = (k + 1/2) / (S + 1) of being done by a day. The shown chance of
missing is 1 - p, rounded *down* to a whole per cent (15.0 % to 15.99 % read as 15 %), so the
levels' limits fall between whole per cents: under 15 % missing means exactly p > 0.85, 50 % and
more exactly p <= 0.5. P50 and P85 are the first days on which p is above 0.50 and 0.85. Hence

    on track  <=>  shown miss < 15   <=>  p(target) > 0.85   <=>  P85 <= target
    likely    <=>  shown miss >= 50  <=>  p(target) <= 0.50  <=>  P50 > target

Rounding to nearest would break this: 14.6 % would read as 15 %, "at risk", beside a P85 that keeps
the promise.
"""

from datetime import date, timedelta
from enum import StrEnum
from math import floor
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from delivery.core.simulation import CAP_DAYS

Days = npt.NDArray[np.floating]

AT_RISK: Final = 15
"""Shown per cent of missing from which a promise is at risk ..."""
LIKELY: Final = 50
"""... and from which it is likely to be missed."""
TOLERANCE: Final = 1e-9
"""Far below one trial in any simulation, far above the rounding of floats."""
SHARES: Final = np.arange(1, 100) / 100


class Level(StrEnum):
    """How a promise stands; the words are those of the design's `data-level`."""

    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    LIKELY = "likely"
    NONE = "none"


class Finish(NamedTuple):
    """The days by which it is done with a chance above 50, 85 and 95 %; None when not within ten years."""

    p50: date | None
    p85: date | None
    p95: date | None


def chance_by(days: Days, horizon_days: float) -> float:
    """Chance of being done by the end of day `horizon_days` (0 is today): (k + 1/2) / (S + 1).

    `days` are simulated days, shape (S,), S >= 1. Never 0 or 1, as a sample cannot know (FORECAST.md 5).
    Raises ValueError without any trial.
    """
    if len(days) == 0:
        raise ValueError("a chance needs at least one trial")
    return (int(np.count_nonzero(days <= horizon_days)) + 0.5) / (len(days) + 1)


def curve(days: Days, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """`chance_by` for every number of days in `points`; same shape, never falling with the day."""
    if len(days) == 0:
        raise ValueError("a chance needs at least one trial")
    done = np.searchsorted(np.sort(days), np.asarray(points, dtype=np.float64), side="right")
    return (done + 0.5) / (len(days) + 1)


def percentile_day(days: Days, share: float) -> int | None:
    """The first day on which the chance to be done is above `share`; None at the cap or never."""
    trials = len(days)
    needed = floor(share * (trials + 1) - 0.5 + TOLERANCE * trials) + 1
    if needed > trials:
        return None
    day = max(float(np.partition(days, needed - 1)[needed - 1]), 0.0)
    return int(np.ceil(day)) if day < CAP_DAYS else None


def percentile_dates(days: Days, today: date) -> Finish:
    """Likely finish (P50), almost surely done (P85) and P95 as dates."""

    def dated(share: float) -> date | None:
        day = percentile_day(days, share)
        return None if day is None else today + timedelta(days=day)

    return Finish(dated(0.50), dated(0.85), dated(0.95))


def quantiles(days: Days) -> list[float | None]:
    """`percentile_day` at 1, 2 ... 99 %: days until the chance is above it, None beyond the horizon."""
    trials = len(days)
    needed = np.floor(SHARES * (trials + 1) - 0.5 + TOLERANCE * trials).astype(int) + 1
    ordered = np.ceil(np.append(np.maximum(np.sort(days), 0), np.inf))
    return [float(day) if day < CAP_DAYS else None for day in ordered[np.minimum(needed, trials + 1) - 1]]


def percent_missing(chance: float) -> int:
    """The whole per cent of missing to show for a chance of making it, 0 to 100.

    Rounded down, see the module. 0 can only come from a chance above 0.99; pages may say "under 1 %".
    """
    return floor(100 * (1 - chance) + TOLERANCE * 100)


def level_of(chance: float | None) -> Level:
    """The level of a promise whose chance of being made is `chance`; NONE without a forecast."""
    if chance is None:
        return Level.NONE
    missing = percent_missing(chance)
    if missing >= LIKELY:
        return Level.LIKELY
    return Level.AT_RISK if missing >= AT_RISK else Level.ON_TRACK
