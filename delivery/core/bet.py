"""What bets bring: how soon a wrong one ends, and what its lesson costs. PURE.

A bet that is disproved inside its cap failed and settled its question: that is a success, and the faster and cheaper the
better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from delivery.core.measure import Measure

VALIDATED: Final = "validated"
DISPROVED: Final = "disproved"
SETTLED: Final = (VALIDATED, DISPROVED)
"""Verdicts that answer the question, and so leave a lesson."""
NOT_COUNTED: Final = "nobody counted what they cost"


@dataclass(frozen=True, slots=True)
class Ended:
    """A decided bet; ``cost`` in working days of people, None where nobody counted it."""

    verdict: str
    started: date
    decided: date
    cost: int | None


def time_to_kill(bets: Iterable[Ended]) -> Measure:
    """The median of the calendar days from the start to the verdict of disproved bets; None without any."""
    found = [(one.decided - one.started).days for one in bets if one.verdict == DISPROVED]
    return Measure(float(median(found)) if found else None, len(found))


def cost_of_learning(bets: Iterable[Ended]) -> Measure:
    """The working days of people that disproved bets cost in all; None without any whose cost is known.

    Those of unknown cost are left out and told: they are not free.
    """
    disproved = [one.cost for one in bets if one.verdict == DISPROVED]
    known = [cost for cost in disproved if cost is not None]
    left_out = len(disproved) - len(known)
    return Measure(float(sum(known)) if known else None, len(known), left_out, NOT_COUNTED if left_out else "")
