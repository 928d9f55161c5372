"""A Jira behind a real socket whose issues a test labels, and sources that have read some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from delivery import secrets
from delivery.models import Deliverable, Scope, ScopedItem, ScopeMatch, Source
from simulator.overlay import Overlay
from simulator.records import Issue
from simulator.server import Running, serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from tests import builders
from tests.delivery import served

SITES = ("cloud", "datacenter")


@dataclass
class Tracker:
    running: Running
    world: Overlay
    time: list[datetime]

    @property
    def now(self) -> datetime:
        return self.time[0]

    def wait(self, **amount: float) -> None:
        self.time[0] += timedelta(**amount)

    @property
    def project(self) -> str:
        return self.world.teams[0].project

    def issues(self) -> list[Issue]:
        """Those that count as items, the oldest first."""
        below = ("Epic", "Sub-task")
        return [one for one in self.world.issues(self.project, self.now) if one.type not in below]

    def label(self, issues: Sequence[Issue], *labels: str) -> None:
        for one in issues:
            self.world.edit(one.key, labels=labels)

    def source(self, site: str = "cloud", **fields: Any) -> Source:
        """A connected source that has read nothing."""
        cloud = site == "cloud"
        made = builders.source(
            deployment=site, email=DEMO_EMAIL if cloud else "", token=secrets.seal(DEMO_JIRA_TOKEN), allow_private=True
        )
        made.url = self.running.jira_cloud_url if cloud else self.running.jira_datacenter_url
        for name, value in fields.items():
            setattr(made, name, value)
        made.save()
        return made

    def read(self, source: Source, issues: Sequence[Issue], **fields: Any) -> None:
        for one in issues:
            names = {"native_id": str(one.id), "key": one.key, "title": one.title}
            builders.item(source, one.project, created=one.created, **names, **fields)

    def searches(self) -> int:
        return sum("/search" in one.path for one in self.running.requests)


@contextmanager
def tracker() -> Iterator[Tracker]:
    time = [served.NOW]
    world = Overlay(served.world(), lambda: time[0])
    with serve(world, clock=lambda: time[0]) as running:
        yield Tracker(running, world, time)


def ruled(source: Source, *queries: str) -> list[Scope]:
    """A deliverable with these rules."""
    made = builders.deliverable(builders.team())
    return [Scope.objects.create(deliverable=made, source=source, rule="jql", value=one) for one in queries]


def matched(scope: Scope) -> dict[str, datetime]:
    return dict(ScopeMatch.objects.filter(scope=scope).values_list("item__key", "since"))


def scoped(deliverable: Deliverable) -> dict[str, tuple[datetime, datetime | None]]:
    rows = ScopedItem.objects.filter(deliverable=deliverable)
    return {key: (since, until) for key, since, until in rows.values_list("item__key", "since", "until")}
