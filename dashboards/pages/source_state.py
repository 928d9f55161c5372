"""How one source stands: fresh, being read, late, stopped; read off its slices. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from dashboards import words
from dashboards.pages.freshness import STALE
from delivery.models import SourceSlice

LIMITED: Final = "limited"  # over the quota: it goes on by itself
SOON: Final = 0.05  # of the parts; before, there is nothing to estimate from
AFFECTS: Final = {
    "issues": "work items, flow and forecasts",
    "sprints": "sprints",
    "statuses": "new statuses",
    "pulls": "changes and reviews",
    "deployments": "deployments and the DORA measures",
}


class State(StrEnum):
    FRESH = "Fresh"
    READING = "Reading"
    LATE = "Late"
    STOPPED = "Stopped"
    PAUSED = "Paused"
    WAITING = "Not read yet"


LEVELS: Final = {State.FRESH: "on-track", State.LATE: "at-risk", State.STOPPED: "likely"}


@dataclass(frozen=True, slots=True)
class Progress:
    """Parts of a source that are read, of all. ``done`` may hold a share; ``left`` is in words, or empty."""

    done: float
    of: int
    left: str


def state_of(parts: Sequence[SourceSlice], now: datetime, *, paused: bool = False) -> State:
    """The worst that holds: one part that stopped stops the source's word."""
    if paused:
        return State.PAUSED
    if stopped(parts):
        return State.STOPPED
    if any(part.reading_began for part in parts):
        return State.READING
    if not parts or any(part.last_success is None for part in parts):
        return State.WAITING
    return State.LATE if now - read_whole(parts) > STALE else State.FRESH


def stopped(parts: Sequence[SourceSlice]) -> list[SourceSlice]:
    """Parts whose last try failed; one that waits for its quota has not failed."""
    return [part for part in parts if part.error and part.error_kind != LIMITED]


def read_whole(parts: Sequence[SourceSlice]) -> datetime:
    """When the part that waits longest was read; every part has been."""
    return min(part.last_success for part in parts if part.last_success)


def progress(parts: Sequence[SourceSlice], began: datetime | None, now: datetime) -> Progress:
    """``began``: when the first run of the source started, for the estimate of a first reading."""
    done = sum(_share(part) for part in parts)
    first = any(part.last_success is None for part in parts)
    left = _left(done / len(parts), began, now) if first and began and parts else ""
    return Progress(round(done, 2), len(parts), left)


def _share(part: SourceSlice) -> float:
    """How much of a part is read, 0 to 1."""
    if not part.reading_began:
        return 1.0 if part.last_success else 0.0
    return min(part.read / part.expected, 0.99) if part.expected else 0.0


def _left(share: float, began: datetime, now: datetime) -> str:
    if share < SOON:
        return ""
    minutes = (now - began) * (1 - share) / share / timedelta(minutes=1)
    return (
        f"about {words.plural(max(round(minutes), 1), 'minute')}"
        if minutes < 90
        else f"about {round(minutes / 60)} hours"
    )


def affects(parts: Sequence[SourceSlice]) -> str:
    """What the pages show from these parts, in words."""
    return words.listed([word for kind, word in AFFECTS.items() if any(part.kind == kind for part in parts)])
