"""A deliverable's own work and pace, trial by trial: items still to be found, and the weeks that all of them take.

The law is that of ``deliverable.own_weeks`` and ``scope.find_scope``, read from tables. One item more never takes less
time, in any trial.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, sqrt
from typing import Final

import numpy as np

from delivery.core import scope
from delivery.core.ahead import WorkAhead
from delivery.core.bank import COARSE, FINE, Cells, middles
from delivery.core.deliverable import USUAL_RATE
from delivery.core.draws import Floats
from delivery.core.tables import largest_of, log_cdf, work_rows

NEAR: Final = 0.02
"""Mean growths that differ by less, on the log scale, are taken together."""
EXACT: Final = 8
PER_DOUBLING: Final = 6
FINE_SCORES: Final = middles(FINE)
CHANCES: Final = np.exp(log_cdf(FINE_SCORES))
"""P(Z <= z) in the middle of every fine cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Items still to be found, by fine cell of a normal: never fewer in a higher one."""

    counts: Cells
    kinds: Cells  # the distinct counts
    rows: Cells  # by fine cell: where the row of COARSE of its count begins
    largest: Cells  # by row and coarse cell of a normal: the cell of the largest of so many


@dataclass(frozen=True, slots=True, eq=False)
class OwnWork:
    """By place (row of the growth, coarse cell of a normal): items as a Gamma draw, and weeks at a rate of one."""

    items: Floats
    weeks: Floats
    rates: Floats  # by fine cell of a normal: the Gamma draw of the rate


def growth_of(work: WorkAhead) -> Growth:
    """What a deliverable will gain before it ends; from its size range where one was given."""
    if work.size is not None:
        low, high = (log(edge) for edge in work.size)
        sizes = np.rint(np.exp(low + (high - low) * CHANCES))
        return _growth_of(np.asarray(np.maximum(sizes - work.found.known, 0), dtype=np.intp))
    growing = scope.WHILE_OPEN if len(work.items.ages) else scope.ALL_DONE
    mean = 0.0 if work.scope_known else growing.per_known * work.found.known + growing.per_recent * work.found.recent
    return _usual_growth(exp(round(log(mean) / NEAR) * NEAR) if mean > 0 else 0.0, growing.shape)


@lru_cache(maxsize=4096)
def _usual_growth(mean: float, shape: float) -> Growth:
    if mean == 0:
        return _growth_of(np.zeros(FINE, dtype=np.intp))
    return _growth_of(np.asarray(np.searchsorted(scope.poisson_gamma(mean, shape), CHANCES), dtype=np.intp))


def _growth_of(exact: Cells) -> Growth:
    """Counts beyond EXACT are taken in steps of about a tenth: a row of the tables for each would cost more than it tells."""
    doublings = np.round(PER_DOUBLING * np.log2(np.maximum(exact, EXACT) / EXACT)) / PER_DOUBLING
    counts = np.where(exact <= EXACT, exact, np.rint(EXACT * 2**doublings)).astype(np.intp)
    kinds, rows = np.unique(counts, return_inverse=True)
    return Growth(counts, kinds, np.asarray(rows * COARSE, dtype=np.intp), largest_of(kinds))


def own_work(work: WorkAhead, growth: Growth) -> OwnWork:
    """The tables of one deliverable. What its usual pace is reckoned from (``usual_items``) is not what is left to do."""
    usual = max(work.usual_items, 1)
    items = work_rows(growth.kinds + len(work.items.ages))
    # Above the median the luck of many items is never worse than that of one.
    weeks = np.minimum(items, items[:, COARSE // 2 - 1 : COARSE // 2])
    weeks *= np.float32(1 / usual)
    np.maximum(weeks, work_rows(growth.kinds + min(work.usual_items, 1)), out=weeks)
    weeks *= np.float32(1 / USUAL_RATE)
    weeks += np.float32(work.exposure) * items
    return OwnWork(items.ravel(), weeks.ravel(), _gamma(1 + work.seen))


def _gamma(shape: float) -> Floats:
    """The Gamma(shape) value in each fine cell (Wilson-Hilferty)."""
    root = FINE_SCORES * (1 / (3 * sqrt(shape))) + (1 - 1 / (9 * shape))
    np.maximum(root, 0.01, out=root)
    return np.asarray(shape * root * root * root, dtype=np.float32)  # quicker than a power
