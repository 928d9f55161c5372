"""A deliverable as it stands on a day: what was promised, what the forecast says, what its owner says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from delivery.core.chance import Level


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of every list of deliverables; the same numbers on page, API, export and digest.

    ``missing`` is the chance of missing ``target`` (0-1), ``missing_before`` the same a week earlier; ``None`` is "no
    forecast", with ``reason``. ``quantiles``: days from ``day`` to completion at 1, 2 … 99 %, None beyond the horizon.
    """

    id: int
    title: str
    kind: str
    day: date
    team: str
    team_slug: str
    group: str
    group_slug: str
    owner: str
    owner_id: int | None
    owner_initials: str
    goal: str  # title of the first goal it serves, or empty
    goal_id: int | None
    start: date
    target: date | None
    first_target: date | None
    moves: int  # how often the date moved
    missing: float | None
    missing_before: float | None
    level: Level
    level_before: Level | None  # None: there was no forecast row a week earlier
    p50: date | None
    p85: date | None
    p95: date | None
    quantiles: tuple[float | None, ...]
    reason: str
    items: int
    items_done: int
    blocked: int  # open items that are flagged or wait for an open item
    grown: int  # items added since the first commitment
    at_commitment: int  # items there at the first commitment
    declared: str  # the owner's last word: on_track, at_risk, off_track or empty
    confidence: int | None
    declared_on: date | None
    waits_for: tuple[str, ...] = ()
    waited_for_by: tuple[str, ...] = ()
    delivered: date | None = None
    items_begun: int = 0  # started or finished
    last_finish: date | None = None  # when an item of its scope was last finished
    forecast_made: datetime | None = None
    trials: int | None = None  # simulated futures of the forecast
    declared_reason: str = ""  # why the owner differs from the forecast

    @property
    def days_left(self) -> int | None:
        """Calendar days until the promised day; negative once it is over."""
        return (self.target - self.day).days if self.target else None

    @property
    def weeks_still(self) -> int:
        """Whole weeks since an item was last finished, or since its start; 0 once nothing is open or before the start."""
        if self.delivered or self.items_done >= self.items:
            return 0
        since = max(self.start, self.last_finish) if self.last_finish else self.start
        return max((self.day - since).days // 7, 0)

    @property
    def disagreement(self) -> float | None:
        """Declared confidence less the forecast's chance to make it, 0-1; None where either is missing."""
        if self.confidence is None or self.missing is None:
            return None
        return self.confidence / 100 - (1 - self.missing)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many promises stand at each level now and stood there a week ago.

    ``weeks``: how many were likely to be missed on a day a week, oldest first; those of a week ago and of now are
    ``before`` and ``now``. A week without any forecast is left out.
    """

    now: dict[Level, int] = field(default_factory=dict)
    before: dict[Level, int] = field(default_factory=dict)
    new_likely: frozenset[int] = frozenset()  # ids that are likely to miss and were not a week ago
    weeks: tuple[tuple[date, int], ...] = ()
