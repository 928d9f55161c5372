"""What an action brought: the chance of missing without it less the chance with what happened. PURE.

Both are about the same target, that of the day on which the action was chosen. *Without* is what the forecast of that
day said, given that the deliverable was not finished before the day it is looked at again: time alone changes a chance,
and that is no effect. *With* is what the forecast says on that later day, or what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from delivery.core.chance import chance_by

FEWEST: Final = 8
"""Deliverables without an action below which nothing is said of the usual spread."""
SHARE: Final = (0.1, 0.9)
"""The usual spread: so many of the others lie inside."""


@dataclass(frozen=True, slots=True)
class Usual:
    """By how much the chance fell where nobody did anything: 80 % of ``count`` lie from ``low`` to ``high``."""

    low: float
    high: float
    count: int


def missing_after(quantiles: Sequence[float | None], days: float) -> float:
    """Chance (0-1) of not being done ``days`` after the forecast's day, from its 1, 2 … 99 % quantiles.

    Raises ValueError where there are none.
    """
    return 1 - chance_by(np.array([np.inf if value is None else value for value in quantiles]), days)


def without(quantiles: Sequence[float | None], *, target: int, open_until: int) -> float:
    """The chance (0-1) of missing ``target`` for what is not done after ``open_until``; both in days after the forecast.

    1 where the target is over by then. Raises ValueError without quantiles.
    """
    if target <= open_until:
        return 1.0
    return missing_after(quantiles, target) / missing_after(quantiles, open_until)


def usual(falls: Sequence[float]) -> Usual | None:
    """The spread of what happens anyway; None with fewer than ``FEWEST`` to compare with."""
    if len(falls) < FEWEST:
        return None
    low, high = np.quantile(np.array(falls), SHARE)
    return Usual(float(low), float(high), len(falls))


def together(missing: float, falls: Sequence[float]) -> float:
    """A reckoning of the chance of missing once every fall has come, each as the share of what is left that it took.

    ``falls`` are points (0-1) off ``missing``. Never a forecast: it knows nothing of how they hang together.
    """
    left = missing
    for fall in falls:
        left *= min(max(1 - fall / missing, 0.0), 1.0) if missing > 0 else 1.0
    return left
