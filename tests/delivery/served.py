"""A small organisation behind real HTTP servers, and sources that are connected to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from delivery import sources
from delivery.models import (
    Board,
    Commit,
    Deployment,
    FieldChange,
    KeyAlias,
    PullRequest,
    Release,
    Repository,
    Review,
    Source,
    Sprint,
    SprintItem,
    StageMapping,
    Transition,
    WorkflowRun,
    WorkItem,
    Worklog,
)
from simulator.faults import Answer, Turn
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from simulator.web import Reply
from simulator.world import World

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class Gate:
    """A fault that lets so many requests through and holds every further one, or all for a while, until it is opened."""

    let_through: int | None = None
    slow: float = 0.0  # seconds that each request takes
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, turn: Turn, answer: Answer) -> Reply:
        if self.let_through is not None and turn.number > self.let_through:
            self.opened.wait(60)
        if self.slow:
            self.opened.wait(self.slow)
        return answer()


@dataclass
class Office:
    """The running servers, their world, and the time there, which a test may move on."""

    running: Running
    world: World
    gate: Gate
    time: list[datetime]

    @property
    def now(self) -> datetime:
        return self.time[0]

    @now.setter
    def now(self, at: datetime) -> None:
        self.time[0] = at

    @property
    def projects(self) -> list[str]:
        return [team.project for team in self.world.teams]

    @property
    def repositories(self) -> list[str]:
        return [name for team in self.world.teams for name in team.repositories]

    def jira(self, name: str = "Jira", **fields: Any) -> Source:
        values: dict[str, Any] = {"url": self.running.jira_cloud_url, "email": DEMO_EMAIL, "token": DEMO_JIRA_TOKEN}
        values |= {"scopes": self.projects, "deployment": "", "allow_private": True}
        return sources.connect_source(kind="jira", name=name, **(values | fields))

    def github(self, name: str = "GitHub", **fields: Any) -> Source:
        values: dict[str, Any] = {"url": self.running.github_api_url, "email": "", "token": DEMO_GITHUB_TOKEN}
        values |= {"scopes": self.repositories, "deployment": "", "allow_private": True}
        return sources.connect_source(kind="github", name=name, **(values | fields))


@cache
def world() -> World:
    return World(start=date(2026, 2, 1), people=16, teams=2, years=0.75, rate=2.0)


@contextmanager
def office() -> Iterator[Office]:
    time, gate = [NOW], Gate()
    with serve(world(), clock=lambda: time[0], faults=[gate]) as running:
        try:
            yield Office(running, world(), gate, time)
        finally:
            gate.opened.set()


def rows(source: Source) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of ``source`` by what names it in the source, not by our numbers."""
    tables: list[tuple[Any, str, dict[str, str]]] = [
        (WorkItem, "source", {"reporter": "reporter__native_id", "assignee": "assignee__native_id"}),
        (Sprint, "source", {}),
        (StageMapping, "source", {}),
        (Transition, "item__source", {"item": "item__native_id", "author": "author__native_id"}),
        (FieldChange, "item__source", {"item": "item__native_id"}),
        (Repository, "source", {}),
        (PullRequest, "repository__source", {"repository": "repository__native_id", "author": "author__native_id"}),
        (
            Review,
            "pull_request__repository__source",
            {"pull_request": "pull_request__number", "author": "author__native_id"},
        ),
        (
            Commit,
            "pull_request__repository__source",
            {"pull_request": "pull_request__number", "author": "author__native_id"},
        ),
        (Deployment, "repository__source", {"repository": "repository__native_id", "creator": "creator__native_id"}),
        (Release, "repository__source", {"repository": "repository__native_id", "author": "author__native_id"}),
        (WorkflowRun, "repository__source", {"repository": "repository__native_id", "actor": "actor__native_id"}),
        (Board, "source", {}),
        (SprintItem, "item__source", {"item": "item__native_id", "sprint": "sprint__native_id"}),
        (KeyAlias, "source", {"item": "item__native_id"}),
        (Worklog, "item__source", {"item": "item__native_id", "author": "author__native_id"}),
    ]
    found = {}
    for model, path, names in tables:
        fields = [field.name for field in model._meta.concrete_fields if field.name not in ("id", "source")]
        values = model.objects.filter(**{path: source}).order_by().values_list(*(names.get(one, one) for one in fields))
        found[model.__name__] = sorted(values, key=repr)
    return found
