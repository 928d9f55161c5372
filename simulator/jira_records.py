"""What only Jira has: worklogs, and boards beyond the one of each team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Worklog:
    """Time written down on an issue. ``removed``: when it was taken away again."""

    id: int
    issue: int
    author: str | None  # person id
    started: datetime
    seconds: int
    created: datetime
    updated: datetime
    removed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A board over some projects. It lists the sprints of the boards in ``shows`` (J29); without any it is kanban."""

    id: int
    name: str
    projects: tuple[str, ...]
    shows: tuple[int, ...] = ()
