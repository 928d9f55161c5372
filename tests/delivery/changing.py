"""The simulator with a Jira and a GitHub that a test changes while they are read, and webhooks about that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from delivery import hooks, sources, sync
from delivery.models import Source, WorkItem
from simulator import webhooks
from simulator.overlay import Overlay
from simulator.overlay_code import CodeOverlay
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN
from simulator.webhooks import Delivery
from tests.delivery import served
from tests.delivery.served import NOW

LATER = NOW + timedelta(minutes=3)


@dataclass
class Place:
    """The simulator with a Jira and a GitHub that a test changes, and both connected and read."""

    running: Running
    issues: Overlay
    code: CodeOverlay
    time: list[datetime]

    @property
    def project(self) -> str:
        return served.world().teams[0].project

    @property
    def repository(self) -> str:
        return served.world().teams[0].repositories[0]

    def jira(self, **fields: Any) -> Source:
        values: dict[str, Any] = {"url": self.running.jira_cloud_url, "token": DEMO_JIRA_TOKEN, "email": DEMO_EMAIL}
        return self.read("jira", [self.project], values | fields)

    def github(self, **fields: Any) -> Source:
        values: dict[str, Any] = {"url": self.running.github_api_url, "token": DEMO_GITHUB_TOKEN, "email": ""}
        return self.read("github", [self.repository], values | fields)

    def read(self, kind: str, scopes: list[str], values: dict[str, Any]) -> Source:
        words = {"kind": kind, "name": kind, "scopes": scopes, "allow_private": True, **values}
        source = sources.connect_source(**words)
        hooks.make_secret(source)
        sync.sync_source(source, now=NOW)
        self.time[0] = LATER
        self.running.forget()
        return source

    def asked(self, part: str) -> list[str]:
        return [seen.path for seen in self.running.requests if part in seen.path]


@contextmanager
def placed() -> Iterator[Place]:
    time = [NOW]
    code = CodeOverlay(served.world(), lambda: time[0])
    issues = Overlay(code, lambda: time[0])
    with serve(issues, clock=lambda: time[0]) as running:
        yield Place(running, issues, code, time)


def changed(issue: Any, identifier: str = "one", event: str = "jira:issue_updated", **fields: Any) -> Delivery:
    """What Jira sends of an issue of the simulator's."""
    return webhooks.jira_issue(event, str(issue.id), issue.key, identifier, **fields)


def newest(source: Source) -> WorkItem:
    return source.items.filter(level=0, deleted=None).order_by("-created")[0]
