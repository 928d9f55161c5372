"""The standing record: what was really said of deliverables, held against what became of them (FORECAST.md 5).

Whether a forecast counts is decided by dates that were known when it was made, never by how it ended: for "will it make
its date" once that date is over, for a range once the range is over. Counting every delivered one at once would count
early finishes and leave the late ones out. A deliverable that was dropped before that has no answer: left out, and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core import reliability, scoring
from delivery.core.backtest import span_of
from delivery.core.questions import day_in_quarter
from delivery.core.reliability import ENOUGH, Bin, Held, Skill

Floats = npt.NDArray[np.float64]

RANGES: Final = {0.5: (25, 75), 0.8: (10, 90), 0.95: (2.5, 97.5)}
"""Central ranges by level, as percentiles."""
SHORTEST: Final = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A forecast that was shown: one per deliverable and fixed age. ``quantiles`` at 1 to 99 %, None beyond ten years."""

    deliverable: int
    team: str
    day: date
    chance: float | None
    target: date | None
    quantiles: tuple[float | None, ...]
    delivered: date | None
    dropped: date | None

    @property
    def quarter(self) -> str:
        return day_in_quarter(self.day)

    @property
    def span(self) -> str:
        """Class of horizon, by the days to the date, or to the likely finish without one."""
        days = (self.target - self.day).days if self.target else self._at(50)
        return span_of(days if days is not None else np.inf)

    def made_it(self, today: date) -> bool | None:
        """Whether it made the date it then had; None while that is open, or where nobody can know."""
        if self.target is None or self.chance is None or self.target >= today or self._dropped_by(self.target):
            return None
        return self.delivered is not None and self.delivered <= self.target

    def inside(self, level: float, today: date) -> bool | None:
        """Whether the end fell into the central range of probability ``level``; None while that may still be."""
        low, high = (self._at(share) for share in RANGES[level])
        if low is None or high is None or (today - self.day).days <= high:
            return None
        if self.dropped and (self.dropped - self.day).days <= high:
            return None
        took = self.took
        return took is not None and low <= took <= high

    def gone(self, today: date) -> bool:
        """Dropped before its date, or before its date came."""
        return self.target is not None and self._dropped_by(min(self.target, today))

    @property
    def took(self) -> int | None:
        return (self.delivered - self.day).days if self.delivered else None

    def width(self) -> float | None:
        """log(q90 / q10)."""
        low, high = self._at(10), self._at(90)
        return None if low is None or high is None else float(np.log(max(high, SHORTEST) / max(low, SHORTEST)))

    def crps(self, today: date) -> float | None:
        """In days, both sides clipped at the end of the 95 % range; None until that is over."""
        high = self._at(97.5)
        if high is None or self.inside(0.95, today) is None:
            return None
        days = np.array([high if one is None else one for one in self.quantiles])
        return scoring.crps(days, min(self.took if self.took is not None else high, high), horizon=max(high, SHORTEST))

    def _dropped_by(self, day: date) -> bool:
        return self.dropped is not None and self.dropped <= day and not (self.delivered and self.delivered <= day)

    def _at(self, share: float) -> float | None:
        if len(self.quantiles) < 99:
            return None
        low, high = self.quantiles[int(share) - 1], self.quantiles[min(int(np.ceil(share)), 99) - 1]
        return None if low is None or high is None else (low + high) / 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How often what was said came true. Figures are None or empty with fewer than 20 outcomes; the counts are there."""

    forecasts: int
    deliverables: int
    due: int
    """Forecasts whose date is over."""
    due_deliverables: int
    waiting: int
    dropped: int
    undated: int
    since: date | None
    came: float | None = None
    said: float | None = None
    brier: float | None = None
    log_score: float | None = None
    ece: float | None = None
    murphy: scoring.Murphy | None = None
    over_base: Skill | None = None
    bins: tuple[Bin, ...] = ()
    held: tuple[Held, ...] = ()
    ranges_over: int = 0
    crps_days: float | None = None
    width: float | None = None


def standing(found: list[Shown], today: date) -> Standing:
    """The record of these forecasts as of ``today``."""
    dated = [one for one in found if one.target is not None and one.chance is not None]
    due = [one for one in dated if one.made_it(today) is not None]
    gone = sum(one.gone(today) for one in dated)
    held, ranges_over = _held(found, today)
    counts = {
        "forecasts": len(found),
        "deliverables": len({one.deliverable for one in found}),
        "due": len(due),
        "due_deliverables": len({one.deliverable for one in due}),
        "waiting": len(dated) - len(due) - gone,
        "dropped": gone,
        "undated": len(found) - len(dated),
        "since": min((one.day for one in found), default=None),
        "held": held,
        "ranges_over": ranges_over,
        "crps_days": _mean([one.crps(today) for one in found]),
        "width": _mean([one.width() for one in found]),
    }
    if len(due) < ENOUGH:
        return Standing(**counts)  # type: ignore[arg-type]
    said = np.array([one.chance for one in due], dtype=np.float64)
    came = np.array([bool(one.made_it(today)) for one in due])
    clusters, alike = np.array([one.deliverable for one in due]), np.ones(len(due))
    base = np.full(len(due), came.mean())
    return Standing(
        **counts,  # type: ignore[arg-type]
        came=float(came.mean()),
        said=float(said.mean()),
        brier=scoring.brier(said, came),
        log_score=scoring.log_score(said, came),
        ece=scoring.ece(said, came),
        murphy=scoring.murphy(said, came),
        over_base=reliability.skill((said - came) ** 2, (base - came) ** 2, alike, clusters),
        bins=reliability.bins(said, came),
    )


def _held(found: list[Shown], today: date) -> tuple[tuple[Held, ...], int]:
    """Coverage by level where enough ranges are over, and how many 80 % ranges are over."""
    told, over = [], 0
    for level in RANGES:
        known = [(one.deliverable, inside) for one in found if (inside := one.inside(level, today)) is not None]
        over = len(known) if level == 0.8 else over
        if len(known) >= ENOUGH:
            hits = np.array([hit for _, hit in known], dtype=np.float64)
            told.append(
                reliability.held(hits, level, np.ones(len(known)), np.array([deliverable for deliverable, _ in known]))
            )
    return tuple(told), over


def _mean(values: list[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return float(np.mean(known)) if len(known) >= ENOUGH else None
