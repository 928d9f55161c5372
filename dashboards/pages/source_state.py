"""How a source stands, in the words and levels of the page; the state itself is delivery.freshness's. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dashboards import words
from delivery.freshness import SliceState, SourceState, State

LIMITED: Final = "limited"  # over the quota: it goes on by itself
MOMENT: Final = timedelta(minutes=2)  # between two parts of one reading
WORDS: Final = {
    State.FRESH: "Fresh",
    State.READING: "Reading",
    State.PARTIAL: "Read in part",
    State.PAUSED: "Paused",
    State.NEVER: "Not read yet",
    State.LATE: "Late",
    State.STOPPED: "Stopped",
}
LEVELS: Final = {State.FRESH: "on-track", State.PARTIAL: "at-risk", State.LATE: "at-risk", State.STOPPED: "likely"}
AFFECTS: Final = {
    "issues": "work items, flow and forecasts",
    "sprints": "sprints",
    "statuses": "new statuses",
    "pulls": "changes and reviews",
    "deployments": "deployments and the DORA measures",
    "releases": "deployments and the DORA measures",
    "workflows": "deployments and the DORA measures",
    "worklogs": "worklogs",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """Parts of a source that are read, of all; ``done`` holds the share of those being read. ``left`` in words."""

    done: float
    of: int
    left: str


def stopped(source: SourceState) -> list[SliceState]:
    return [part for part in source.slices if part.state == State.STOPPED]


def progress(source: SourceState) -> Progress | None:
    """While something is read. The estimate is for the parts being read, and told only once there is a pace."""
    if not is_read(source):
        return None
    done = sum(_share(part) for part in source.slices)
    waiting = any(part.state == State.NEVER for part in source.slices)
    return Progress(round(done, 2), len(source.slices), "" if waiting else left(source.left))


def is_read(source: SourceState) -> bool:
    return any(part.busy for part in source.slices)


def goes_on(source: SourceState, now: datetime) -> bool:
    """Whether something is read, or was a moment ago while a part still waits for its first reading."""
    if is_read(source) or source.state in (State.PAUSED, State.STOPPED):
        return is_read(source)
    waiting = any(part.state == State.NEVER for part in source.slices)
    last = source.runs[0] if waiting and source.runs else None
    return last is not None and now - (last.finished or last.started) < MOMENT


def _share(part: SliceState) -> float:
    """How much of a part is read, 0 to 1."""
    if part.busy:
        return min(part.read / part.expected, 0.99) if part.expected else 0.0
    return 1.0 if part.last_success else 0.0


def left(span: timedelta | None) -> str:
    """about 4 minutes; empty while there is no estimate."""
    if span is None:
        return ""
    minutes = max(round(span / timedelta(minutes=1)), 1)
    return f"about {words.plural(minutes, 'minute')}" if minutes < 90 else f"about {round(minutes / 60)} hours"


def affects(parts: Sequence[SliceState]) -> str:
    """What the pages show from these parts, in words."""
    found = (word for kind, word in AFFECTS.items() if any(part.kind == kind for part in parts))
    return words.listed(list(dict.fromkeys(found))) or "some facts"
