"""Said against happened, with how sure one can be of it: bins, coverage and skill, each with n and a 95 % band.

Evidence of one team (or one deliverable) hangs together, so bands of means come from resampling whole clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS: Final = 10
Z95: Final = 1.959964
RESAMPLES: Final = 400
FEWEST_CLUSTERS: Final = 5
"""With fewer clusters resampling says little, and no band is told."""
ENOUGH: Final = 20
"""With fewer outcomes no figure is shown: "not enough yet: n of 20"."""


class Band(NamedTuple):
    """A 95 % band."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Of ``n`` forecasts that said ``said`` (their mean), ``came`` (a share) came true."""

    low: float
    high: float
    n: int
    said: float
    came: float
    band: Band


@dataclass(frozen=True, slots=True)
class Held:
    """The share of ``n`` outcomes inside the central interval of probability ``level``."""

    level: float
    n: int
    share: float
    band: Band


class Skill(NamedTuple):
    """1 - mean / mean of the rival; no band where there are too few clusters."""

    value: float
    band: Band | None


def wilson(hits: float, n: int) -> Band:
    """Wilson's 95 % band of a share; raises ValueError without any outcome."""
    if n <= 0:
        raise ValueError("a share needs at least one outcome")
    share, room = hits / n, Z95**2 / n
    middle = (share + room / 2) / (1 + room)
    half = Z95 * sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room)
    return Band(max(middle - half, 0.0), min(middle + half, 1.0))


def bins(said: Floats, came: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Ten bins of equal width, without the empty ones."""
    index = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    found = []
    for place in np.unique(index).tolist():
        here = index == place
        n, hits = int(here.sum()), int(came[here].sum())
        found.append(Bin(place / BINS, (place + 1) / BINS, n, float(said[here].mean()), hits / n, wilson(hits, n)))
    return tuple(found)


def held(inside: Floats, level: float, weights: Floats, clusters: npt.NDArray[Any]) -> Held:
    """The weighted share inside; its band from clusters, or binomial where these are few."""
    share = float(inside @ weights / weights.sum())
    band = resampled(inside, None, weights, clusters)
    return Held(level, len(inside), share, band or wilson(share * len(inside), len(inside)))


def skill(ours: Floats, theirs: Floats, weights: Floats, clusters: npt.NDArray[Any]) -> Skill | None:
    """Of two scores of the same questions, smaller being better; None where the rival made no error."""
    if float(theirs @ weights) <= 0:
        return None
    value = 1 - float(ours @ weights) / float(theirs @ weights)
    return Skill(value, resampled(ours, theirs, weights, clusters))


def resampled(ours: Floats, theirs: Floats | None, weights: Floats, clusters: npt.NDArray[Any]) -> Band | None:
    """Band of the mean of ``ours``, or of 1 - ours / theirs, over resampled clusters; None where they are few."""
    names, place = np.unique(clusters, return_inverse=True)
    if len(names) < FEWEST_CLUSTERS:
        return None
    below = weights if theirs is None else theirs * weights
    sums = np.column_stack([np.bincount(place, weights=ours * weights), np.bincount(place, weights=below)])
    drawn = np.random.default_rng(5).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    totals = drawn @ sums
    known = totals[totals[:, 1] > 0]
    values = known[:, 0] / known[:, 1] if theirs is None else 1 - known[:, 0] / known[:, 1]
    if len(values) == 0:
        return None
    low, high = np.quantile(values, (0.025, 0.975))
    return Band(float(low), float(high))
