"""The latest runs, and how sure the reading of statuses is: for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dashboards import words
from delivery.freshness import SourceState
from delivery.models import Stage, StageMapping, SyncRun

SHOWN: Final = 12
KINDS: Final = {
    "issues": "issues",
    "sprints": "sprints",
    "statuses": "statuses",
    "pulls": "pull requests",
    "deployments": "deployments",
    "worklogs": "worklogs",
    "releases": "releases",
    "workflows": "workflow runs",
}
LEVELS: Final = {
    SyncRun.State.DONE: "on-track",
    SyncRun.State.PARTIAL: "at-risk",
    SyncRun.State.FAILED: "likely",
    SyncRun.State.STOPPED: "at-risk",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One reading of one part. ``new`` and ``took`` are in words; ``error`` one plain sentence."""

    started: str
    what: str
    level: str
    result: str
    new: str
    took: str
    error: str


@dataclass(frozen=True, slots=True)
class Guess:
    source_id: int
    source: str
    status: str
    stage: str


@dataclass(frozen=True, slots=True)
class Meanings:
    """How many statuses are read as a stage, and which of them nobody has confirmed."""

    statuses: int
    guesses: tuple[Guess, ...]


def recent_runs(sources: Sequence[SourceState], *, now: datetime, zone: ZoneInfo) -> tuple[RunRow, ...]:
    """The newest of all sources together."""
    found = [(run, source.name) for source in sources for run in source.runs]
    newest = sorted(found, key=lambda pair: (pair[0].started, pair[0].pk), reverse=True)[:SHOWN]
    return tuple(_row(run, name, now, zone) for run, name in newest)


def meanings() -> Meanings:
    rows = StageMapping.objects.filter(project="", source__disconnected__isnull=True).order_by("source__name", "status")
    found = list(rows.values_list("guessed", "source_id", "source__name", "status", "stage"))
    guesses = tuple(Guess(pk, name, status, Stage(to).label) for guessed, pk, name, status, to in found if guessed)
    return Meanings(len(found), guesses)


def when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """today 09:36, yesterday 23:10, Sat 21 Nov 02:10; in the reader's own time zone."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    day = {0: "today", 1: "yesterday"}.get(days) or words.near_day(local.date(), today)
    return f"{day} {local:%H:%M}"


def took(span: timedelta) -> str:
    """41 s, 6 min, 2 h."""
    seconds = span / timedelta(seconds=1)
    if seconds < 100:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 100 * 60 else f"{round(seconds / 3600)} h"


def _row(run: SyncRun, source: str, now: datetime, zone: ZoneInfo) -> RunRow:
    what = f"{source}, {KINDS.get(run.slice.kind, run.slice.kind)} of {run.slice.scope}"
    reach = "everything" if run.since is None else f"changes since {when(run.since, now, zone)}"
    return RunRow(
        started=words.capital(when(run.started, now, zone)),
        what=f"{what}, {reach}",
        level=LEVELS.get(SyncRun.State(run.state), "none"),
        result=SyncRun.State(run.state).label,
        new=_new(run),
        took=took(run.finished - run.started) if run.finished else "",
        error=run.error,
    )


def _new(run: SyncRun) -> str:
    counts = [(run.written, "changed"), (run.deleted, "deleted"), (run.failed, "not stored")]
    told = [f"{words.number(count)} {word}" for count, word in counts if count]
    return ", ".join(told) or ("none" if run.finished else "")
