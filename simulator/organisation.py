"""What the servers ask of a pretend organisation; ``simulator.world.World`` is one, tests make smaller ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from simulator.jira_records import Board, Worklog
from simulator.records import Deployment, Issue, Person, Pull, Repository, Sprint, Status, Team

Clock = Callable[[], datetime]


class Organisation(Protocol):
    """Everything is asked for as of ``now``; nothing later than that shows."""

    @property
    def people(self) -> Sequence[Person]: ...

    @property
    def teams(self) -> Sequence[Team]: ...

    def statuses(self) -> Sequence[Status]: ...

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        """Ordered by (created, id)."""
        ...

    def issue(self, key_or_id: str, now: datetime) -> Issue | None: ...

    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]: ...

    def repositories(self, now: datetime) -> Sequence[Repository]: ...

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        """Ordered by number."""
        ...

    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]: ...


class OneAtATime:
    """An organisation that many threads may ask: a world lives its history on while it answers."""

    def __init__(self, world: Organisation) -> None:
        self.world = world
        self.lock = threading.RLock()

    @property
    def people(self) -> Sequence[Person]:
        return self.world.people

    @property
    def teams(self) -> Sequence[Team]:
        return self.world.teams

    @property
    def revision(self) -> int:
        """Counts the changes that somebody made from outside (an overlay): what was kept of before is stale."""
        return int(getattr(self.world, "revision", 0))

    @property
    def lag(self) -> timedelta:
        """How far searches are behind the truth (J8)."""
        return getattr(self.world, "lag", timedelta())

    def worklogs(self, now: datetime) -> Sequence[Worklog]:
        """Every worklog, also those removed; by ``updated``. Most organisations write none."""
        known = getattr(self.world, "worklogs", None)
        return known(now) if known else ()

    def boards(self, now: datetime) -> Sequence[Board]:
        """Boards beyond the one of each team."""
        known = getattr(self.world, "boards", None)
        return known(now) if known else ()

    def hides(self, secret: str, project: str, issue: int = 0) -> bool:
        """Whether the token with this secret may not see a project, or one issue of it (issue security)."""
        known = getattr(self.world, "hides", None)
        return bool(known and known(secret, project, issue))

    def project_now(self, key: str) -> str:
        """A project's key of today, given any it had."""
        known = getattr(self.world, "project_now", None)
        return str(known(key)) if known else key

    def extra(self, name: str, *asked: object) -> Any:
        """What only some organisations know, by the name of its method (releases, tags, runs); None from others."""
        if isinstance(self.world, OneAtATime):
            return self.world.extra(name, *asked)
        known = getattr(self.world, name, None)
        with self.lock:
            return known(*asked) if known else None

    def statuses(self) -> Sequence[Status]:
        return self.world.statuses()

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        with self.lock:
            return self.world.issues(project, now)

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        with self.lock:
            return self.world.issue(key_or_id, now)

    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]:
        with self.lock:
            return self.world.sprints(board_id, now)

    def repositories(self, now: datetime) -> Sequence[Repository]:
        with self.lock:
            return self.world.repositories(now)

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        with self.lock:
            return self.world.pulls(repository, now)

    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]:
        with self.lock:
            return self.world.deployments(repository, now)
