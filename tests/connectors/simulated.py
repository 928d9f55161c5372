"""The simulator as a small organisation that tests can bend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from delivery.connectors.contract import Connector, Credentials, Slice
from delivery.connectors.registry import open_connector
from simulator.records import Change, Issue
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from simulator.world import World
from tests.connectors.pretend import Waits

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LONG = 60  # changes of the busiest issue


class Bent:
    """A world whose first project has one issue with a very long history: more than a search embeds (J9)."""

    def __init__(self, world: World) -> None:
        self.world = world
        first = world.issues(world.teams[0].project, NOW)
        self.long = replace(first[0], changes=tuple(back_and_forth(first[0])), updated=NOW - timedelta(hours=1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world, name)

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        return [self.bent(issue) for issue in self.world.issues(project, now)]

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        found = self.world.issue(key_or_id, now)
        return found and self.bent(found)

    def bent(self, issue: Issue) -> Issue:
        return self.long if issue.id == self.long.id else issue


def back_and_forth(issue: Issue) -> Iterator[Change]:
    for number in range(LONG):
        ends = (("10001", "To Do"), ("3", "In Progress"))
        (from_id, from_text), (to_id, to_text) = ends if number % 2 == 0 else ends[::-1]
        at = issue.created + timedelta(minutes=5 * (number + 1))
        yield Change(90_000_000 + number, at, issue.reporter, "status", from_id, from_text, to_id, to_text)


@cache
def world() -> Bent:
    return Bent(World(start=date(2026, 3, 1), people=16, teams=2, years=0.7))


@contextmanager
def running(**options: Any) -> Iterator[Running]:
    with serve(world(), clock=lambda: NOW, **options) as server:
        yield server


@contextmanager
def opened(kind: str, credentials: Credentials, waits: Waits | None = None, **options: Any) -> Iterator[Connector]:
    policy = (waits or Waits()).policy()
    connector = open_connector(kind, credentials, allow_private=True, policy=policy, **options)
    try:
        yield connector
    finally:
        connector.close()


def cloud(server: Running, **more: str) -> Credentials:
    return Credentials(**{"url": server.jira_cloud_url, "token": DEMO_JIRA_TOKEN, "email": DEMO_EMAIL, **more})


def datacenter(server: Running, **more: str) -> Credentials:
    return Credentials(**{"url": server.jira_datacenter_url, "token": DEMO_JIRA_TOKEN, **more})


def github(server: Running, **more: str) -> Credentials:
    return Credentials(**{"url": server.github_api_url, "token": DEMO_GITHUB_TOKEN, **more})


def everything(connector: Connector, kind: str, scope: str, type: type, since: datetime | None = None) -> list[Any]:
    """All records of one type that a slice gives."""
    pages = connector.read(Slice(kind, scope), since=since)
    return [record for page in pages for record in page.records if isinstance(record, type)]
