"""The simulator as an organisation in which a test changes things while a connector reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from delivery.connectors.contract import Connector, Gap, Slice
from delivery.core.records import GoneRecord, Record, WorkItemRecord
from simulator.faults import Answer, Turn
from simulator.overlay import Overlay
from simulator.server import Running, serve
from simulator.web import Reply
from tests.connectors import simulated
from tests.connectors.simulated import NOW

FIRST, SECOND = (team.project for team in simulated.world().teams)
ISSUES = Slice("issues", FIRST)


@dataclass
class Changing:
    """A running server, what it shows, its time, and what happens after a request."""

    server: Running
    world: Overlay
    time: list[datetime]
    after: dict[str, Callable[[int], None]] = field(default_factory=dict)  # by a part of the path: the n-th answer
    counted: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.time[0]

    def wait(self, **amount: float) -> None:
        self.time[0] += timedelta(**amount)

    def keys(self, project: str = FIRST) -> list[str]:
        return [issue.key for issue in self.world.issues(project, self.now)]

    def ids(self, project: str = FIRST) -> set[str]:
        return {str(issue.id) for issue in self.world.issues(project, self.now)}

    def asked(self, part: str) -> list[str]:
        return [one.path for one in self.server.requests if part in one.path]

    def watch(self, turn: Turn, answer: Answer) -> Reply:
        reply = answer()
        for part, happen in self.after.items():
            if part in turn.request.path:
                self.counted[part] = self.counted.get(part, 0) + 1
                happen(self.counted[part])
        return reply


@contextmanager
def changing(**options: Any) -> Iterator[Changing]:
    time = [NOW]
    world = Overlay(simulated.world(), lambda: time[0])
    watching: list[Changing] = []

    def watch(turn: Turn, answer: Answer) -> Reply:
        return watching[0].watch(turn, answer)

    with serve(world, clock=lambda: time[0], faults=[watch], **options) as server:
        watching.append(Changing(server, world, time))
        yield watching[0]


def records(connector: Connector, part: Slice = ISSUES, since: datetime | None = None) -> list[Record]:
    return [record for page in connector.read(part, since=since) for record in page.records]


def gaps(connector: Connector, part: Slice = ISSUES) -> list[Gap]:
    return [gap for page in connector.read(part, since=None) for gap in page.gaps]


def items(connector: Connector, part: Slice = ISSUES, since: datetime | None = None) -> dict[str, WorkItemRecord]:
    """The last word on each issue by its id."""
    return {one.native_id: one for one in records(connector, part, since) if isinstance(one, WorkItemRecord)}


def reread(connector: Connector, *ids: str, part: Slice = ISSUES) -> list[Record]:
    return [record for page in connector.reread(part, ids) for record in page.records]


def gone(found: list[Record]) -> list[str]:
    return [one.native_id for one in found if isinstance(one, GoneRecord)]


def census(connector: Connector, part: Slice = ISSUES) -> list[str]:
    return [id for page in connector.census(part) for id in page]
