"""What a simulated item, or the last of many, takes: distributions as small tables, read once per trial.

The law is that of ``delivery.core.deliverable`` (FORECAST.md 3.3): an item of age a stays open for L - a, L from the
team's own lead times beyond a, and items of one deliverable share a Gaussian factor. Given the factor they are
independent, so the last of them has the product of their distributions: one look-up a trial instead of one an item.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import log, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.bank import COARSE, REACH, SHARED_CELLS, SHARED_REACH, Cells, middles
from delivery.core.deliverable import SIBLINGS, Values
from delivery.core.draws import Floats
from delivery.core.scope import FADING_WEEKS
from delivery.core.simulation import CAP_DAYS

_TIED: Final = sqrt(SIBLINGS)
_FREE: Final = sqrt(1 - SIBLINGS)
DAYS: Final = np.geomspace(1, CAP_DAYS, 36)
"""Days at which the distributions are known; between them log days run straight."""
LOG_DAYS: Final = np.log(DAYS)
_LATE: Final = np.concatenate([(np.arange(15) + 0.5) / 16, (60.5 + np.arange(4)) / 64])
ARRIVALS: Final = -7 * FADING_WEEKS * np.log1p(-_LATE)
"""Days until a new item is found: quantiles that stand for all, closer where they are late ..."""
ARRIVAL_SHARES: Final = np.array([1 / 16] * 15 + [1 / 64] * 4)
"""... and how many each stands for."""
EXACT_COUNT: Final = 64
MOST: Final = 20_000
NEVER: Final = np.float32(-50.0)
"""Log days of what does not come: nothing is later than it."""
EDGE: Final = 4.5
_CDF_CELLS: Final = 16_384
_CDF_REACH: Final = 8.0
_APART: Final = 100.0
"""Keeps the rows of a table apart, so that one interpolation serves all."""
_SCORES: Final = middles(COARSE)[None, :]
Tables = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def _log_cdf_table() -> npt.NDArray[np.float64]:
    normal = NormalDist()
    found = [log(max(normal.cdf(z), 1e-16)) for z in middles(_CDF_CELLS, _CDF_REACH).tolist()]
    return np.array(found, dtype=np.float64)


def log_cdf(z: Values) -> Values:
    """log P(Z <= z), by table."""
    cells = (z + _CDF_REACH) * (_CDF_CELLS / (2 * _CDF_REACH))
    found: Values = _log_cdf_table().take(cells.astype(np.intp), mode="clip")
    return found


@lru_cache(maxsize=1)
def _quantile_table() -> npt.NDArray[np.float64]:
    normal = NormalDist()
    shares = (np.arange(_CDF_CELLS) + 0.5) / _CDF_CELLS
    inside = np.clip(np.array([normal.inv_cdf(p) for p in shares.tolist()]), -EDGE, EDGE)
    inside[0] = -_CDF_REACH
    return np.append(inside, _CDF_REACH)


def _cells_of(p: Values) -> Cells:
    """Where the tables by chance know a chance: one cell more than _CDF_CELLS, for a chance of 1."""
    return (p * _CDF_CELLS).astype(np.intp)


def quantile(p: Values) -> Values:
    """The z with P(Z <= z) = p, by table, at most EDGE from 0; far beyond for p of (nearly) 0 and of 1."""
    found: Values = _quantile_table().take(_cells_of(p), mode="clip")
    return found


@lru_cache(maxsize=1)
def _given_shared_table() -> Values:
    """Log chance, given the common factor (columns), of what has such a chance (rows) without knowing it."""
    scores = (_quantile_table()[:, None] - _TIED * middles(SHARED_CELLS, SHARED_REACH)[None, :]) / _FREE
    return log_cdf(scores)


def still_open(ages: Values, leads: Values) -> Values:
    """P(an item of age a is done within r more days), for r in DAYS; shape (ages, DAYS). ``leads`` are sorted.

    Beyond the longest lead on record the age itself is the scale: twice the age at even odds.
    """
    upto = np.searchsorted(leads, ages, side="right")
    longer = len(leads) - upto
    ends = ages[:, None] + DAYS[None, :]
    passed = np.searchsorted(leads, ends.ravel(), side="right").reshape(ends.shape) - upto[:, None]
    known = passed / np.maximum(longer, 1)[:, None]
    beyond = 1 - np.maximum(ages, 1)[:, None] / ends
    return np.asarray(np.where(longer[:, None] > 0, known, beyond), dtype=np.float64)


def last_of(chances: Values, counts: Values, firsts: Sequence[int]) -> Tables:
    """Log days until the last item is done, by common factor and normal score; a row for each deliverable.

    ``chances`` as of ``still_open``, one row a kind of item, of which there are ``counts``; the kinds of a deliverable
    stand together, each deliverable's from one of ``firsts`` on. A row has SHARED_CELLS * COARSE values.
    """
    scores = _given_shared(chances) * counts[:, None, None]
    return _inverse(np.add.reduceat(scores, firsts, axis=0)).reshape(len(firsts), -1)


def next_found(leads: Values) -> Floats:
    """Log days until one new item is found and done, in the same shape."""
    since = DAYS[None, :] - ARRIVALS[:, None]
    done = np.searchsorted(leads, since.ravel(), side="right").reshape(since.shape) / len(leads)
    chances = np.where(done[:, :, None] > 0, np.exp(_given_shared(done)), 0.0)
    return _inverse(np.log(np.maximum(np.tensordot(ARRIVAL_SHARES, chances, axes=1), 1e-16))[None, :, :])


def _given_shared(chances: Values) -> Values:
    """Log of the same chances, given each value of the common factor; one axis more."""
    return _given_shared_table().take(_cells_of(chances), axis=0, mode="clip")


def _inverse(log_chances: Values) -> Floats:
    """The log days at every coarse cell of a normal score, where P(done by DAYS) is known; flat.

    Of shape (deliverables, DAYS, SHARED_CELLS); a deliverable's values stand together.
    """
    found = np.maximum.accumulate(quantile(np.exp(log_chances).transpose(0, 2, 1)), axis=2)
    rows = found.shape[0] * SHARED_CELLS
    known = np.empty((rows, len(DAYS) + 2))
    known[:, 1:-1] = found.reshape(rows, -1)
    known[:, 0], known[:, -1] = 1 - _APART / 2, _APART / 2 - 1  # so that no row leads into the next
    asked, ends, apart = _asked(rows)
    known += apart
    return np.interp(asked, known.ravel(), ends).astype(np.float32)


@lru_cache(maxsize=32)
def _asked(rows: int) -> tuple[Values, Values, Values]:
    """The scores that are asked of so many rows at once, the log days that end each, and what keeps the rows apart."""
    apart = _APART * np.arange(rows, dtype=np.float64)[:, None]
    return (_SCORES + apart).ravel(), np.tile(np.pad(LOG_DAYS, 1, mode="edge"), rows), apart


@lru_cache(maxsize=1)
def _count_classes() -> npt.NDArray[np.int64]:
    """The class of each count up to MOST: counts up to EXACT_COUNT have one each, larger ones share."""
    counts = np.arange(MOST + 1)
    large = EXACT_COUNT + np.floor(8 * np.log2(np.maximum(counts, 1) / EXACT_COUNT))
    return np.where(counts <= EXACT_COUNT, counts, large).astype(np.int64)


@lru_cache(maxsize=1)
def largest_cells() -> Cells:
    """Cell of the largest of n normals, by class of n (rows) and the cell of one.

    For none, row 0, it lies behind the last cell of every table of ``last_of``.
    """
    classes = _count_classes()
    counts = np.array([np.flatnonzero(classes == one).mean() for one in range(int(classes[-1]) + 1)])
    share = np.exp(log_cdf(middles(COARSE))[None, :] / np.maximum(counts, 1)[:, None])
    cells = np.clip((quantile(share) + REACH) * (COARSE / (2 * REACH)), 0, COARSE - 1).astype(np.intp)
    cells[0] = SHARED_CELLS * COARSE
    return cells


def largest_of(counts: Cells) -> Cells:
    """The rows of ``largest_cells`` for each count, one after the other; flat."""
    classes = _count_classes()[np.minimum(counts, MOST)]
    return largest_cells().take(classes, axis=0).ravel()


@lru_cache(maxsize=1)
def _work_table() -> tuple[npt.NDArray[np.int64], Floats]:
    """(row by number of items, Gamma draws by row): counts are exact to 256, then within one per cent."""
    counts = np.arange(MOST + 1)
    large = 256 + np.floor(np.log(np.maximum(counts, 1) / 256) / 0.01)
    _, at = np.unique(np.where(counts <= 256, counts, large), return_inverse=True)
    items = np.maximum(np.bincount(at, weights=counts) / np.bincount(at), 1)[:, None]
    root = 1 - 1 / (9 * items) + middles(COARSE)[None, :] / (3 * np.sqrt(items))
    return at, (items * np.maximum(root, 0.01) ** 3).astype(np.float32)


def work_rows(items: Cells) -> Floats:
    """Gamma(n, 1) draws (Wilson-Hilferty) by coarse cell of a normal, a row for each number of items; 0 is taken as 1."""
    at, table = _work_table()
    return table.take(at.take(items, mode="clip"), axis=0)
