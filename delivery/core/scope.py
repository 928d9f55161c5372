"""Scope still to be found: what a deliverable will gain before it ends (FORECAST.md 3.3).

H ~ Poisson(Gamma): many deliverables gain nothing, a few a lot. The constants were fitted on the
772 observations of real deliverables of three and more known items in the dev half (4, 8, 16 and
26 weeks after their start); they hold for smaller ones too.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.draws import Floats, Stream, normal_cdf, normals

FADING_WEEKS: Final = 5.0
"""Arrivals die out with this mean; recent ones count by the same measure."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Items to come: `per_known` for every known item and `per_recent` for every recent arrival."""

    per_known: float
    per_recent: float
    shape: float
    """Of the Gamma: the smaller, the more unequal."""

    def expect(self, ages: npt.NDArray[np.float64]) -> float:
        """Mean number of items to come, given the days since each known item was created."""
        recent = float(np.exp(-ages / (7 * FADING_WEEKS)).sum())
        return self.per_known * len(ages) + self.per_recent * recent


WHILE_OPEN: Final = Growth(per_known=0.45, per_recent=0.5, shape=0.45)
ALL_DONE: Final = Growth(per_known=0.05, per_recent=0.3, shape=0.25)
"""Once every known item is finished: 83 % of real deliverables gained nothing more."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Items still to be found, per trial; shape (trials,)."""

    items: npt.NDArray[np.int64]

    def arrival_days(self, seed: int, row: int) -> Floats:
        """Days until the new item `row` is found, exponential with the fading mean."""
        survival = normal_cdf(normals(seed, Stream.ARRIVAL, row, len(self.items)))
        return np.float32(-7 * FADING_WEEKS) * np.log(survival)


def find_scope(mean: float, shape: float, seed: int, trials: int) -> Scope:
    """Draw H with this mean; a larger mean gives no trial fewer items (common random numbers)."""
    if mean <= 0:
        return Scope(np.zeros(trials, dtype=np.int64))
    chance = normal_cdf(normals(seed, Stream.SCOPE, 0, trials))
    return Scope(np.searchsorted(poisson_gamma(mean, shape), chance))


def poisson_gamma(mean: float, shape: float) -> npt.NDArray[np.float64]:
    """P(H <= h) for h = 0, 1, ...: negative binomial, long enough for one in 10,000."""
    found = np.arange(int(25 * mean) + 50)
    ratios = (found + shape) / (found + 1) * (mean / (shape + mean))
    first = (shape / (shape + mean)) ** shape
    return np.cumsum(first * np.concatenate(([1.0], np.cumprod(ratios))))
