"""A promise's forecast as days and chances: what the burn-up's fan and the curve are drawn from. PURE."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from dashboards import words
from delivery.core.promise import Promise

NEVER: Final = timedelta(days=3650)
"""Where the forecast sees no end within its horizon."""
FURTHEST: Final = timedelta(days=365)
"""No axis runs further than this beyond today."""


def day_of(promise: Promise, per_cent: int) -> date:
    """The day by which ``per_cent`` (1-99) of futures are done."""
    span = promise.quantiles[per_cent - 1]
    return promise.day + (NEVER if span is None else timedelta(days=-(-span // 1)))


def chance_by(promise: Promise, day: date) -> float:
    """The chance (0-1) of being done by the end of ``day``, between the stored quantiles.

    On the promised day it is the very number that the page shows.
    """
    if day == promise.target and promise.missing is not None:
        return 1 - words.percent(promise.missing) / 100
    span, below = (day - promise.day).days, 0.0
    at = 0.0
    for number, quantile in enumerate(promise.quantiles, start=1):
        if quantile is None or quantile > span:
            wide = (quantile - at) if quantile is not None else 0.0
            return below + (0.01 * (span - at) / wide if wide > 0 and span > at else 0.0)
        below, at = number / 100, quantile
    return below


def axis(promise: Promise, first: date) -> tuple[date, date]:
    """From ``first`` to a little beyond the last of today, the promise and P95."""
    ends = [promise.day + timedelta(days=14), promise.target, promise.p50, promise.p85, promise.p95]
    last = min(max(day for day in ends if day), promise.day + FURTHEST)
    return first, last + max((last - first) * 0.08, timedelta(days=3))
