"""Questions with known answers, cut from a history walk-forward (FORECAST.md 6.1, docs/decisions/0018).

"When will the next N items be done?" is asked on many past days, knowing only what was known then. Which questions are
asked never depends on how they ended: a question counts once its horizon is over, and later outcomes are clipped there
for every method alike. Days are whole days since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.core.pace import MEMORY_WEEKS

Ints = npt.NDArray[np.int64]

EPOCH: Final = np.datetime64("1970-01-01", "D")
SIZES: Final = (5, 10, 20, 50, 100)
EXPECTED_DAYS: Final = (3, 240)
RATE_DAYS: Final = 182
FIRST_DAYS: Final = 91
"""So much must be known before the first question: the plain methods look twelve weeks back."""
APART_DAYS: Final = 91
REACH: Final = 3.0
"""A question's horizon, in its expected durations."""
EVENT_SHARES: Final = (0.5, 0.75, 1.0, 1.41, 2.0)
"""Days by which it may be done, in expected durations: hard by design."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which days are asked about. ``follow``: days after the question that must be known; None: its own horizon."""

    apart: int = APART_DAYS
    follow: int | None = None
    latest: int = 730
    weeks_known: int | None = None


EVERY_NIGHT: Final = Rules(apart=28)
"""What an organisation's own past is asked, as it becomes due ..."""
RECORD_DAYS: Final = 728
"""... over so many days."""


@dataclass(frozen=True, slots=True)
class Question:
    """When will the team's next ``size`` items be done? ``outcome`` is clipped at ``horizon``, both in days."""

    source: str
    team: str
    today: int
    size: int
    done: npt.NDArray[Any]  # datetime64[D], what was known on the day
    expected: float
    outcome: float
    horizon: float

    @property
    def events(self) -> list[int]:
        """Days by which it may be done, half to twice the expected duration, within the horizon."""
        return [day for share in EVENT_SHARES if 1 <= (day := int(share * self.expected)) < self.horizon]


def as_date(day: int) -> date:
    found: date = (EPOCH + np.timedelta64(day, "D")).astype(date)
    return found


def as_number(day: date) -> int:
    return int((np.datetime64(day, "D") - EPOCH).astype(np.int64))


def cut_offs(done: Ints, end: int, rules: Rules, number: int = 0) -> range:
    """The days on which a team is asked about; ``number`` staggers teams, so that not all ask on one day."""
    first = int(done[0]) + FIRST_DAYS + number % 7 * 13
    return range(first, end - (rules.follow or 0), rules.apart)


def asked_on(
    days: Sequence[int] | range, done: Ints, end: int, rules: Rules, names: tuple[str, str]
) -> Iterator[Question]:
    """The questions about one team (``names`` of source and team) on some days; ``done`` are its sorted finish days."""
    for today in days:
        known_upto = int(np.searchsorted(done, today, side="right"))
        if known_upto == 0:
            continue
        span = min(RATE_DAYS, today - int(done[0]) + 1)
        rate = (known_upto - int(np.searchsorted(done, today - span, side="right"))) / span
        known = EPOCH + done[_first_known(done, today, rules.weeks_known) : known_upto]
        for size in SIZES:
            expected = size / rate if rate else np.inf
            if not EXPECTED_DAYS[0] <= expected <= EXPECTED_DAYS[1]:
                continue
            horizon = _horizon(expected, end - today, rules)
            if horizon > end - today:
                continue
            at = known_upto + size - 1
            took = float(done[at] - today) if at < len(done) else np.inf
            yield Question(*names, today, size, known, expected, min(took, horizon), horizon)


def _first_known(done: Ints, today: int, weeks: int | None) -> int:
    """The place of the first finish to know. The forecast looks two years back, and at whether there was one before."""
    if weeks:
        return int(np.searchsorted(done, today - 7 * weeks, side="right"))
    return max(int(np.searchsorted(done, today - 7 * MEMORY_WEEKS, side="right")) - 1, 0)


def _horizon(expected: float, left: int, rules: Rules) -> float:
    """Where outcomes are clipped: fixed on the day itself, or what the record holds where all must be followed for long."""
    if rules.follow:
        return float(min(rules.latest, left))
    return float(min(rules.latest, int(np.ceil(REACH * expected))))


def day_in_quarter(day: date) -> str:
    """The quarter of a day, ``2026-Q3``."""
    return f"{day.year}-Q{(day.month + 2) // 3}"
