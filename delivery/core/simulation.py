"""The future of a team's pace, and when an amount of work is done (FORECAST.md 3.2).

Operational time: the N-th item is finished when the cumulative intensity reaches a Gamma(N, 1)
draw. There is no loop over days and no sampling of whole items.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import exp, log, log1p, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.calendar import Calendar
from delivery.core.draws import Floats, Stream, normal_cdf, normals
from delivery.core.pace import DRIFT_VARIANCE, PERSISTENCE, WEEK_NOISE, Pace

CAP_DAYS: Final = 3650
"""Ten years: "this long or longer"."""
SLOWDOWN_HAZARD: Final = 0.005
"""Per week, of a lasting slowdown."""
SLOWDOWN_LOG: Final = -1.2
"""Log of the share of pace left after it (30 %)."""
STEP_WEEKS: Final = (1,) * 13 + (2,) * 7 + (4,) * 7 + (26,) * 18
"""The time grid: fine where dates are promised, coarse to the cap."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the time grid, in weeks from today."""

    row: int
    start: int
    weeks: int

    @property
    def end(self) -> int:
        return self.start + self.weeks

    @property
    def middle(self) -> float:
        """The step's central week, the first week being 1."""
        return self.start + (self.weeks + 1) / 2


def _grid() -> tuple[Step, ...]:
    starts = np.cumsum((0, *STEP_WEEKS)).tolist()
    return tuple(Step(row, starts[row], weeks) for row, weeks in enumerate(STEP_WEEKS))


GRID: Final = _grid()


def simulate_pace(pace: Pace, seed: int, trials: int) -> Iterator[tuple[Step, Floats]]:
    """Items per normal week for every trial, step after step of `GRID`; each array (trials,).

    Drift reverts to the mean; week noise averages out within a step; a slowdown, once there, stays.
    """
    deviation = (pace.level - pace.mean) + sqrt(pace.variance) * normals(seed, Stream.LEVEL, 0, trials)
    slow_after = _weeks_to_slowdown(seed, trials)
    earliest = float(slow_after.min())
    before = 0.0
    for step in GRID:
        kept = PERSISTENCE ** (step.middle - before)
        spread = sqrt(DRIFT_VARIANCE * (1 - kept**2) / (1 - PERSISTENCE**2))
        deviation = np.float32(kept) * deviation + np.float32(spread) * normals(seed, Stream.DRIFT, step.row, trials)
        noise = log1p(WEEK_NOISE / step.weeks)
        rate = np.exp(
            np.float32(pace.mean - noise / 2)
            + deviation
            + np.float32(sqrt(noise)) * normals(seed, Stream.WEEK, step.row, trials)
        )
        if earliest < step.end:
            rate *= _share_left(slow_after, step)
        yield step, rate
        before = step.middle


@lru_cache(maxsize=8)
def _weeks_to_slowdown(seed: int, trials: int) -> Floats:
    """Whole weeks at normal pace before the slowdown starts."""
    survival = normal_cdf(normals(seed, Stream.SLOWDOWN, 0, trials))
    weeks: Floats = np.floor(np.log(survival) / np.float32(log(1 - SLOWDOWN_HAZARD)))
    return weeks


def _share_left(slow_after: Floats, step: Step) -> Floats:
    slow_weeks = np.clip(np.float32(step.end) - slow_after, 0, step.weeks)
    left: Floats = 1 - np.float32((1 - exp(SLOWDOWN_LOG)) / step.weeks) * slow_weeks
    return left


@dataclass(frozen=True, slots=True)
class Road:
    """The days ahead. `reached[d]` is the capacity, in normal weeks, of the next d days."""

    reached: npt.NDArray[np.float64]

    def at_week(self, week: int) -> float:
        return float(self.reached[min(week * 7, CAP_DAYS)])

    @property
    def ended(self) -> bool:
        """Whether capacity has ended for good before the cap."""
        return bool(self.reached[-1] == self.reached[-365])

    def moments(self, needed: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Like `days`, but within the day: for arithmetic that rounds later."""
        late = np.inf if self.ended else float(CAP_DAYS)
        found: npt.NDArray[np.float64] = np.interp(needed, self.reached, np.arange(CAP_DAYS + 1), right=late)
        return found

    def days(self, needed: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """The first day by which `needed` normal weeks have passed, at most the cap.

        inf where it cannot come, because capacity has ended.
        """
        found = np.searchsorted(self.reached, needed).astype(np.float64)
        return np.where(found > CAP_DAYS, np.inf if self.ended else CAP_DAYS, found)


def look_ahead(calendar: Calendar, today: date) -> Road:
    """The calendar's capacity from tomorrow to the cap, summed up."""
    daily = calendar.capacity(today + timedelta(days=1), CAP_DAYS)
    return Road(np.concatenate(([0.0], np.cumsum(daily))))


def days_until(work: Floats, pace: Pace, road: Road, seed: int) -> npt.NDArray[np.float64]:
    """Days until the team's cumulative intensity reaches `work`, a Gamma draw per trial.

    Shape (trials,), whole days, at least 1 where `work` > 0; see `Road.days` for the late end.
    """
    left = work.astype(np.float32)
    needed = np.full(len(work), np.inf)
    for step, rate in simulate_pace(pace, seed, len(work)):
        start, end = road.at_week(step.start), road.at_week(step.end)
        after = left - rate * np.float32(end - start)
        ending = (left > 0) & (after <= 0)
        needed[ending] = start + left[ending] / rate[ending]
        left = after
        if left.max() <= 0:
            break
    needed[work <= 0] = 0
    return road.days(needed)
