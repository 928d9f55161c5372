"""A simulated GitHub that a test changes while it reads from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from delivery.connectors.contract import Gap, Page, Slice
from delivery.connectors.github.client import GitHub
from delivery.core.records import Record
from simulator.overlay_code import CodeOverlay
from simulator.server import Running, serve
from tests.connectors.simulated import NOW, github, opened, world

REPOSITORIES = tuple(name for team in world().teams for name in team.repositories)
REPOSITORY = max(REPOSITORIES, key=lambda name: len(world().pulls(name, NOW)))
OTHER = next(name for name in REPOSITORIES if name != REPOSITORY)


@dataclass(slots=True)
class Kept:
    """A memory of answers, as in Redis (G14)."""

    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def get(self, key: str) -> tuple[str, bytes] | None:
        return self.answers.get(key)

    def put(self, key: str, etag: str, body: bytes) -> None:
        self.answers[key] = etag, body


@dataclass(slots=True)
class Hub:
    """The running server, its world, what is read from it, and the time there."""

    server: Running
    world: CodeOverlay
    connector: Any
    time: list[datetime]
    options: dict[str, Any]

    def pass_time(self, **amount: float) -> datetime:
        self.time[0] += timedelta(**amount)
        return self.time[0]

    def pages(self, kind: str, since: datetime | None = None, scope: str = REPOSITORY) -> list[Page]:
        """Everything of a slice, by a connector of its own: it asks anew for what it knows of the repository."""
        with opened("github", github(self.server, **self.options.get("credentials", {})), **self.setup()) as connector:
            return list(connector.read(Slice(kind, scope), since=since))

    def setup(self) -> dict[str, Any]:
        return {name: value for name, value in self.options.items() if name != "credentials"}

    def read(
        self, kind: str, wanted: type[Record], since: datetime | None = None, scope: str = REPOSITORY
    ) -> list[Any]:
        return [one for page in self.pages(kind, since, scope) for one in page.records if isinstance(one, wanted)]

    def again(self, kind: str, *ids: str) -> tuple[list[Record], list[Gap]]:
        pages = list(self.connector.reread(Slice(kind, REPOSITORY), ids))
        return [one for page in pages for one in page.records], [gap for page in pages for gap in page.gaps]

    def asked(self) -> list[tuple[str, int]]:
        """The paths asked for since the last time, below the API, with the status of their answers."""
        seen = [(one.path.partition("/api/")[2].removeprefix("v3"), one.status) for one in self.server.requests]
        self.server.forget()
        return seen


@contextmanager
def hub(*, server: dict[str, Any] | None = None, **options: Any) -> Iterator[Hub]:
    """``options`` are the connector's Setup, or its ``credentials``."""
    time = [NOW]
    overlay = CodeOverlay(world().world, lambda: time[0])
    with serve(overlay, clock=lambda: time[0], **(server or {})) as running:
        setup = {name: value for name, value in options.items() if name != "credentials"}
        with opened("github", github(running, **options.get("credentials", {})), **setup) as connector:
            assert isinstance(connector, GitHub)
            yield Hub(running, overlay, connector, time, options)
