"""One deliverable's open items, seen two ways (FORECAST.md 3.3).

The item view: it ends when its slowest open item ends, and an item that is already old tends to
stay open longer. The pace view: it ends when its own completions have covered what is left.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.draws import (
    Floats,
    Stream,
    largest_normal,
    normal_cdf,
    normal_quantile,
    normals,
    wilson_hilferty,
)
from delivery.core.scope import Scope

Values = npt.NDArray[np.float64]

SIBLINGS: Final = 0.6
"""Correlation of the normal scores of items of one deliverable: they stall together."""
EXACT_AGES: Final = 16
"""Open items older than this many days are taken in groups of about the same age ..."""
AGES_PER_DOUBLING: Final = 8
"""... so many for every doubling of the age (9 % wide)."""
MOST_NEWCOMERS: Final = 6
"""Items still to be found beyond this many are taken in groups."""
HALF_LIFE_WEEKS: Final = 6.0
USUAL_RATE: Final = 0.06
"""Completions per normal week and open item, before a deliverable shows its own."""
ITEM_SHARE: Final = 0.55
POOL_SHIFT: Final = -0.5
POOL_SPREAD: Final = 0.95
SHORTEST_DAYS: Final = 0.1
ALMOST_ONE: Final = np.float32(1 - 2**-20)


@dataclass(frozen=True, slots=True)
class OwnPace:
    """What a deliverable's own completions say of its rate per normal week, beside the usual one."""

    shape: float
    """Of the Gamma: one for the usual rate, and every discounted completion."""
    exposure: float
    """Discounted normal weeks looked at."""
    n_open: int


def slowest_open(ages: Values, leads: Values, seed: int, trials: int) -> Floats:
    """Days until the slowest of the open items ends; shape (trials,), at least 1, 0 with none open.

    `ages` are days open, `leads` the team's own lead times in days, sorted. What is left of an
    item of age a is L - a, L drawn from the leads beyond a (siblings share a Gaussian factor).
    One item more changes no draw of the others, so it never ends any trial sooner.
    """
    slowest = np.zeros(trials, dtype=np.float32)
    groups, counts = np.unique(age_groups(ages), return_counts=True)
    for group, age, count in zip(groups.tolist(), age_of(groups).tolist(), counts.tolist(), strict=True):
        z = largest_normal(count, normals(seed, Stream.ITEM, group, trials))
        left = _lead_beyond(age, leads, _stall_together(z, seed)) - np.float32(age)
        slowest = np.maximum(slowest, np.maximum(left, np.float32(1)))
    return slowest


def slowest_new(scope: Scope, leads: Values, seed: int) -> Floats:
    """Days until the last item still to be found ends: arrival plus a fresh lead time each."""
    trials = len(scope.items)
    slowest = np.zeros(trials, dtype=np.float32)
    crowded = scope.items > MOST_NEWCOMERS
    for row in range(min(MOST_NEWCOMERS, int(scope.items.max(initial=0)))):
        z = normals(seed, Stream.NEWCOMER, row, trials).copy()
        z[crowded] = normal_quantile(normal_cdf(z[crowded]) ** (MOST_NEWCOMERS / scope.items[crowded]))
        ends = scope.arrival_days(seed, row) + _lead_beyond(0.0, leads, _stall_together(z, seed))
        slowest = np.where(scope.items > row, np.maximum(slowest, ends), slowest)
    return np.where(scope.items > 0, np.maximum(slowest, np.float32(1)), np.float32(0))


def age_groups(ages: Values) -> npt.NDArray[np.int64]:
    """A fixed number for every age in days, whatever the other ages are."""
    older = EXACT_AGES + AGES_PER_DOUBLING * np.log2(np.maximum(ages, EXACT_AGES) / EXACT_AGES)
    return np.where(ages < EXACT_AGES, ages, older).astype(np.int64)


def age_of(groups: npt.NDArray[np.int64]) -> Values:
    """Days open of an item in the middle of each group."""
    older = np.rint(EXACT_AGES * 2.0 ** ((groups - EXACT_AGES + 0.5) / AGES_PER_DOUBLING))
    return np.where(groups < EXACT_AGES, groups, older).astype(np.float64)


def _stall_together(z: Floats, seed: int) -> Floats:
    """Uniform draws from an item's normal scores, tied to the deliverable's common factor."""
    shared = normals(seed, Stream.STALL, 0, len(z))
    return normal_cdf(np.float32(sqrt(SIBLINGS)) * shared + np.float32(sqrt(1 - SIBLINGS)) * z)


def _lead_beyond(age: float, leads: Values, chance: Floats) -> Floats:
    """Lead time at probability `chance` among those longer than `age`.

    Beyond the longest on record the age itself is the scale: twice the age at even odds.
    """
    longer = leads[np.searchsorted(leads, age, side="right") :]
    chance = np.minimum(chance, ALMOST_ONE)  # a draw in single precision may round to 1
    if len(longer) == 0:
        return np.float32(max(age, 1.0)) / (1 - chance)
    places = np.minimum((chance * len(longer)).astype(np.int32), len(longer) - 1)
    picked: Floats = longer.astype(np.float32)[places]
    return picked


def pool(slowest: Floats, days: Values, seed: int) -> Values:
    """Both views as one: log T = -0.5 + 0.55 log T_item + 0.45 log T_pace + 0.95 z, whole days.

    0 where nothing is left. The constant and the spread cover what neither view sees; they are
    what an organisation's own record re-fits (FORECAST.md 3.4).
    """
    z = normals(seed, Stream.POOL, 0, len(slowest))
    seen = ITEM_SHARE * np.log(np.maximum(slowest, 1)) + (1 - ITEM_SHARE) * np.log(np.maximum(days, SHORTEST_DAYS))
    whole = np.ceil(np.exp(POOL_SHIFT + seen + POOL_SPREAD * z).astype(np.float64))
    return np.where(slowest > 0, np.maximum(whole, 1), 0)


def own_pace(done_ages: Values, capacity: Values, n_open: int) -> OwnPace:
    """Own completions, discounted by age and shrunk to the usual rate per open item.

    `done_ages` are days since each completion; `capacity` the share of a normal week of each day
    since the deliverable began, today first.
    """
    fading = log(2) / (HALF_LIFE_WEEKS * 7)
    seen = float(np.exp(-fading * done_ages).sum())
    exposure = float((np.exp(-fading * np.arange(len(capacity))) * capacity).sum())
    return OwnPace(1 + seen, exposure, n_open)


def own_weeks(pace: OwnPace, found: Floats, seed: int) -> Floats:
    """Normal weeks until the open items and those still to be found (per trial) are finished.

    The rate is r ~ Gamma(1 + sum w, 1/(1/(0.06 n) + E)). At 0.06 n alone one item more might
    shorten the wait: n items share what is still to be found, and the luck of the draw evens out.
    So the longer of the waits of n items and of one counts, which never falls with n.
    """
    trials = len(found)
    z = normals(seed, Stream.OWN_WORK, 0, trials)
    one, n = np.float32(1), np.float32(max(pace.n_open, 1))
    items = found + np.float32(pace.n_open)
    alone = wilson_hilferty(np.maximum(found + np.float32(min(pace.n_open, 1)), one), z)
    # Above the median the luck of n items is never worse than that of one.
    together = wilson_hilferty(np.maximum(items, one), np.minimum(z, np.float32(0))) / n
    usual = np.maximum(alone, together) / np.float32(USUAL_RATE)
    work = wilson_hilferty(np.maximum(items, one), z)
    rate = wilson_hilferty(np.float32(pace.shape), normals(seed, Stream.OWN_RATE, 0, trials))
    return np.where(items > 0, (usual + np.float32(pace.exposure) * work) / rate, np.float32(0))
