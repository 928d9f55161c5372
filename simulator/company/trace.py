"""What a team leaves behind in the tools, kept small: instants are epoch seconds, people indices, -1 is nobody.

Everything is written on the day it is decided. Some of it is dated ahead (a pull request opened today is merged on
Thursday), never back, so that what shows at an instant does not depend on how far the history has been lived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATUS, SPRINT, FLAG, PARENT, ASSIGNEE, LABELS, KEY, PROJECT, RESOLUTION, DUE = range(10)
BACKLOG, TODO, DOING, REVIEW, BLOCKED, TESTING, RUNNING, DONE, WONT, RELEASED = range(10)

Event = tuple[int, int, int, Any, Any]  # at, author, field, from, to


@dataclass(slots=True, eq=False)
class Ticket:
    """An issue. The plain fields are as created or as last written, by their comments; the rest is in ``events``."""

    id: int
    number: int
    project: str
    type: str
    title: str
    created: int
    reporter: int
    first: int  # status at creation
    points: float | None = None
    parent: Ticket | None = None  # as last written
    orphan: bool = False  # created without its parent, which a PARENT event adds
    labels: tuple[str, ...] = ()  # at creation
    fix: str = ""
    events: list[Event] = field(default_factory=list)
    links: list[tuple[int, Ticket]] = field(default_factory=list)  # (since, blocked by)
    subs: list[Ticket] = field(default_factory=list)
    old: str = ""  # the key it was created under, when it moved here
    moved: int = 0  # when
    status: int = 0  # as last written, as all below
    free: int = 0  # the last instant written; what comes next comes later
    assignee: int = -1
    sprints: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    done: int = 0  # 0 while open
    resolution: str = ""
    flagged: bool = False
    code: bool = True
    early: PullLog | None = None  # a draft opened before the work was written
    view: Any = None  # the last Issue made of it, and what it depends on
    seen: tuple[int, int, int] = (0, 0, 0)

    @property
    def key(self) -> str:
        return f"{self.project}-{self.number}"

    def write(self, at: int, author: int, what: int, old: Any, new: Any) -> None:
        self.events.append((at, author, what, old, new))
        if at > self.free:
            self.free = at

    def go(self, at: int, author: int, status: int) -> None:
        """Change status at ``at``, or right after the last thing that happened when that was later."""
        at = max(at, self.free + 45)
        self.write(at, author, STATUS, self.status, status)
        self.status = status


@dataclass(slots=True, eq=False)
class PullLog:
    repository: int  # place in the team's list
    title: str
    body: str
    branch: str
    author: int
    created: int
    draft: bool
    adds: int
    dels: int
    files: int
    number: int = 0
    ready: int = 0
    merged: int = 0
    merger: int = -1
    closed: int = 0
    labels: tuple[str, ...] = ()
    asked: list[tuple[int, int]] = field(default_factory=list)  # at, reviewer
    commits: list[tuple[int, int, int, str]] = field(default_factory=list)  # authored, pushed, author, message
    reviews: list[tuple[int, int, str, str]] = field(default_factory=list)  # at, author, state, body
    view: Any = None  # the Pull made of it once nothing more would happen to it


@dataclass(slots=True)
class DeployLog:
    repository: int
    environment: str
    at: int
    number: int  # of the pull request last merged
    creator: int
    ends: int
    state: str


@dataclass(slots=True)
class SprintLog:
    number: int
    id: int
    day: int
    start: int
    end: int
    completed: int
    goal: str


@dataclass(slots=True)
class Promise:
    """A deliverable: what was said of it and when."""

    seq: int
    slug: str
    title: str
    kind: str
    story: str
    owner: int
    committed: int  # day
    ticket: Ticket
    waits: str = ""  # slug
    commitments: list[tuple[int, int, int, str, str]] = field(default_factory=list)  # given, target, by, cause, note
    check_ins: list[tuple[int, int, str, int, str]] = field(default_factory=list)  # day, by, status, confidence, note
    closed: int = 0  # day

    @property
    def target(self) -> int:
        return self.commitments[-1][1]
