"""How durations spread: p50, p85, p95 with their n, and nothing below ENOUGH items."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from delivery.core.measure import ENOUGH, Measure, Spread

Spans = npt.NDArray[np.timedelta64]


def spread(durations: pd.Series | Spans, why: str = "") -> Spread:
    """Percentiles of the known durations by linear interpolation; missing ones are left out with ``why``.

    Below ENOUGH known durations the percentiles are None.
    """
    spans = np.asarray(durations, dtype="timedelta64[us]")
    known = spans[~np.isnat(spans)]
    missing = len(spans) - len(known)
    p50, p85, p95 = _percentiles(known) if len(known) >= ENOUGH else (None, None, None)
    return Spread(p50, p85, p95, len(known), missing, told(missing, why))


def _percentiles(known: Spans) -> tuple[timedelta, timedelta, timedelta]:
    marks = np.quantile(known.astype(np.float64), (0.5, 0.85, 0.95))
    p50, p85, p95 = (timedelta(microseconds=round(mark)) for mark in marks.tolist())
    return p50, p85, p95


def share(part: int, whole: int, *, left_out: int = 0, why: str = "") -> Measure:
    """``part`` of ``whole`` (0-1); None below ENOUGH in the whole."""
    value = part / whole if whole >= ENOUGH else None
    return Measure(value, whole, left_out, told(left_out, why))


def told(count: int, why: str) -> str:
    """``why`` with its count before it, empty where there is nothing to tell."""
    return f"{count} {why}" if count and why else ""
