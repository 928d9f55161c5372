"""What the servers ask of a pretend organisation; ``simulator.world.World`` is one, tests make smaller ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

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
        self.people, self.teams = world.people, world.teams
        self.lock = threading.Lock()

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
