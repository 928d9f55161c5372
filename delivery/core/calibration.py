"""Self-calibration: what an organisation's own record says about its forecasts (FORECAST.md 3.4).

The normal score z of an outcome is where it fell in its forecast: 0 at the median, below 0 when it came sooner. A
calibrated forecaster's scores are standard normal. Here they are normal around `shift + slopes . marks` with deviation
`scale`, each shrunk as if WEIGHT standard scores had been seen before (or WEIGHT scores of the level above). A later
forecast is then read at the scores it really has: its day at z becomes its day at shift + scale z.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import erfc, log, pi, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WEIGHT: Final = 40.0
"""Scores that the level above counts as; FORECAST.md 3.4."""
USUAL_OPEN: Final = 4
"""Open items of a usual deliverable (FORECAST.md 6.3): the size at which the size's slope moves nothing."""
STEPS: Final = 25
ENOUGH: Final = 1e-4
REACH: Final = 8.0
FARTHEST: Final = 25.0


class Marks(NamedTuple):
    """What can be seen of a deliverable on the day of its forecast, as far as calibration differs by it."""

    size: float
    """log(open items / USUAL_OPEN)."""
    started: float
    """Share of its open items that somebody has begun, 0-1; 0 where nobody knows."""


def marks_of(open_items: int, started: int) -> Marks:
    """The marks of a deliverable with so many open items, of which so many are begun."""
    return Marks(log(max(open_items, 1) / USUAL_OPEN), started / max(open_items, 1))


@dataclass(frozen=True, slots=True)
class Correction:
    """How outcomes fall in the forecasts: scores are normal around `centre(marks)` with deviation `scale`."""

    shift: float = 0.0
    slopes: Marks = Marks(0.0, 0.0)
    scale: float = 1.0
    n: int = 0
    """Scores it rests on, open ones included, the level above included."""

    def centre(self, marks: Marks) -> float:
        """The score at which outcomes of deliverables with these marks lie, in standard units."""
        return self.shift + self.slopes.size * marks.size + self.slopes.started * marks.started


SHIPPED: Final = Correction()
"""The defaults as they were fitted on public histories: nothing to correct."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Outcomes as normal scores of their forecasts; arrays of equal length."""

    z: Floats
    censored: Flags
    """Still open (or dropped): all that is known is that its score will be above `z`."""
    marks: Floats
    """Shape (n, 2): the `Marks` of each on the day of its forecast."""

    def some(self, which: Flags) -> Scores:
        return Scores(self.z[which], self.censored[which], self.marks[which])


def pits(quantiles: Floats, days: Floats, censored: Flags) -> Floats:
    """Where `days` fell in forecasts known by their 99 percentiles (shape (n, 99), inf beyond the horizon); 0 to 1.

    Half of a tie counts (the mid-PIT): it has the mean of FORECAST.md 5's random one, needs no seed, and with whole
    days tied at one or two hundredths each, its spread. Of a censored one it is F(days), what has passed without an end.
    """
    below = (quantiles < days[:, None]).sum(axis=1)
    upto = (quantiles <= days[:, None]).sum(axis=1)
    known: Floats = np.where(censored, upto, (below + upto) / 2)
    shares: Floats = (known + 0.5) / (quantiles.shape[1] + 1)
    return shares


def normal_scores(u: Floats) -> Floats:
    """The standard normal value at each probability strictly between 0 and 1."""
    return np.array([NormalDist().inv_cdf(p) for p in u.tolist()], dtype=np.float64)


def fit(scores: Scores, above: Correction = SHIPPED) -> Correction:
    """The correction these scores ask for, shrunk to the level `above` as if that were WEIGHT scores.

    Without marks and without open ones: shift = (40 m + sum z) / (40 + n) and scale^2 = (40 (s^2 + m^2) + sum z^2) /
    (40 + n) - shift^2, for m and s of the level above. That is 3.4's pooled second moment, less the square of the
    shift: what the shift corrects is not corrected again by width. An open one counts with the mean and variance it
    still may have, given what has passed (EM, as in a Tobit regression): leaving it out would favour optimists.
    """
    if len(scores.z) == 0:
        return above
    seen = np.column_stack([np.ones(len(scores.z)), scores.marks])
    before = np.array([above.shift, *above.slopes])
    precision = WEIGHT * np.eye(len(before)) + seen.T @ seen
    at, variance = before, above.scale**2
    for _ in range(STEPS):
        z, spread = _expected(scores, seen @ at, variance)
        last, at = at, np.linalg.solve(precision, WEIGHT * before + seen.T @ z)
        pooled = WEIGHT * (above.scale**2 + float(((at - before) ** 2).sum())) + float(((z - seen @ at) ** 2).sum())
        variance = (pooled + float(spread.sum())) / (WEIGHT + len(z))
        if float(np.abs(at - last).max()) < ENOUGH:
            break
    return Correction(float(at[0]), Marks(float(at[1]), float(at[2])), sqrt(variance), max(above.n, len(z)))


def _expected(scores: Scores, centre: Floats, variance: float) -> tuple[Floats, Floats]:
    """Mean and variance of each score: of a finished one itself and 0, of an open one of what lies above it."""
    z, spread, late = scores.z.copy(), np.zeros(len(scores.z)), scores.censored
    if late.any():
        deviation = sqrt(variance)
        a = np.clip((z[late] - centre[late]) / deviation, -FARTHEST, FARTHEST)
        mills = _inverse_mills(a)
        z[late] = centre[late] + deviation * mills
        spread[late] = variance * np.maximum(1 + a * mills - mills**2, 0)
    return z, spread


def _inverse_mills(a: Floats) -> Floats:
    """E[Z | Z > a] of a standard normal Z."""
    beyond = np.array([erfc(at / sqrt(2)) / 2 for at in a.tolist()])
    found: Floats = np.exp(-(a**2) / 2) / sqrt(2 * pi) / beyond
    return found


def recalibrate(days: Floats, correction: Correction, marks: Marks) -> Floats:
    """Simulated `days` as the record corrects them: each trial takes the day at the score centre + scale z.

    Order between trials is kept, so what ranks together still does; a day is always one of the simulated ones, so
    whole days, 0, the cap and inf stay what they are and nothing falls before today.
    """
    centre = correction.centre(marks)
    if centre == 0 and correction.scale == 1:
        return days
    order = np.argsort(days, kind="stable")
    wanted = np.interp(centre + correction.scale * _rank_scores(len(days)), *_cdf_table())
    places = np.clip((wanted * len(days)).astype(np.int64), 0, len(days) - 1)
    found = np.empty_like(days)
    found[order] = days[order][places]
    return found


@lru_cache(maxsize=8)
def _rank_scores(trials: int) -> Floats:
    """The normal score of each rank among so many trials."""
    return normal_scores((np.arange(trials) + 0.5) / trials)


@lru_cache(maxsize=1)
def _cdf_table() -> tuple[Floats, Floats]:
    """Pairs (z, P(Z <= z)), close enough that one in ten thousand trials is found between them."""
    z = np.linspace(-REACH, REACH, 6401)
    return z, np.array([NormalDist().cdf(at) for at in z.tolist()])
