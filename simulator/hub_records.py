"""What only GitHub knows: issues, releases, tags, workflow runs, and what happened to issues and pull requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """``kind`` is REST's name of the event: closed, reopened, ready_for_review, convert_to_draft, review_requested,
    head_ref_force_pushed. ``about``: the reviewer asked, or why an issue was closed."""

    kind: str
    at: datetime
    actor: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class HubIssue:
    id: int
    number: int
    repository: str
    title: str
    author: str | None
    created: datetime
    updated: datetime
    body: str = ""
    type: str | None = None
    assignee: str | None = None
    labels: tuple[str, ...] = ()
    milestone: str | None = None
    happened: tuple[Happening, ...] = ()  # oldest first

    @property
    def closed(self) -> datetime | None:
        last = self.happened[-1] if self.happened else None
        return last.at if last and last.kind == "closed" else None

    @property
    def reason(self) -> str | None:
        """completed, not_planned, duplicate, reopened; None while it was never closed."""
        last = self.happened[-1] if self.happened else None
        return None if last is None else (last.about or "completed") if last.kind == "closed" else "reopened"


@dataclass(frozen=True, slots=True)
class Release:
    """``published`` None is a draft, which only those who may push see (G20)."""

    id: int
    repository: str
    tag: str
    name: str
    sha: str
    author: str | None
    created: datetime
    published: datetime | None
    prerelease: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """``made`` is the annotated tag's own instant; None for a light one."""

    name: str
    sha: str
    committed: datetime
    made: datetime | None = None
    tagger: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    started: datetime
    ended: datetime | None = None
    conclusion: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A workflow run; its list shows the last of its attempts only (G19)."""

    id: int
    repository: str
    workflow: str
    event: str
    branch: str
    sha: str
    actor: str | None
    created: datetime
    attempts: tuple[Attempt, ...]
