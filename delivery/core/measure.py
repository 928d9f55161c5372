"""A number that can tell what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ENOUGH = 5  # fewer items than this are "not enough data", never 0


@dataclass(frozen=True, slots=True)
class Measure:
    """A count or share with its ``n``, how many items were left out, and why."""

    value: float | None
    n: int
    left_out: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of durations: half within ``p50``, 85 in 100 within ``p85``; None below ENOUGH items."""

    p50: timedelta | None
    p85: timedelta | None
    p95: timedelta | None
    n: int
    left_out: int = 0
    why: str = ""
