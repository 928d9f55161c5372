"""GitHub into the database, over HTTP: what changes there is changed here, and what did not costs next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from delivery import sources, sync
from delivery.models import PullRequest, Release, Repository, Source, SyncRun, WorkflowRun, WorkItem
from simulator.hub_records import Attempt, Run, Tag
from simulator.overlay_code import CodeOverlay
from simulator.server import Running, serve
from simulator.tokens import DEMO_GITHUB_TOKEN
from tests.delivery.served import NOW, rows, world

pytestmark = pytest.mark.django_db
SCOPES = [name for team in world().teams for name in team.repositories]
FIRST = max(SCOPES, key=lambda name: len(world().pulls(name, NOW)))
OTHER = next(name for name in SCOPES if name != FIRST)


@dataclass
class Place:
    running: Running
    hub: CodeOverlay
    time: list[datetime]

    def connect(self, name: str = "GitHub") -> Source:
        return sources.connect_source(
            kind="github", name=name, url=self.running.github_api_url, email="", token=DEMO_GITHUB_TOKEN,
            scopes=SCOPES, deployment="", allow_private=True,
        )  # fmt: skip

    def sync(self, source: Source, **amount: float) -> list[SyncRun]:
        """A sync so much later; nothing of it may have failed."""
        self.time[0] += timedelta(**amount)
        self.running.forget()
        source.refresh_from_db()
        runs = sync.sync_source(source, now=self.time[0])
        assert {run.state for run in runs} == {SyncRun.State.DONE}, [run.error for run in runs]
        return runs


@contextmanager
def place() -> Iterator[Place]:
    time = [NOW]
    hub = CodeOverlay(world(), lambda: time[0])
    with serve(hub, clock=lambda: time[0]) as running:
        yield Place(running, hub, time)


def test_issues_releases_and_runs_become_rows_and_follow_their_source() -> None:
    with place() as at:
        at.hub.open_issue(FIRST, 90_001, "Search forgets umlauts", labels=("bug",))
        at.hub.add(FIRST, Tag("nightly", "b" * 40, NOW - timedelta(hours=2)))
        at.hub.add(FIRST, Run(77, FIRST, "Build", "push", "main", "a" * 40, None, NOW, (Attempt(NOW),)))
        source = at.connect()
        at.sync(source)
        assert WorkItem.objects.get(source=source).key == f"{FIRST}#90001"
        assert Release.objects.get(tag="nightly").tag_only
        assert WorkflowRun.objects.get(native_id="77").conclusion == ""
        at.time[0] += timedelta(minutes=5)
        at.hub.close_issue(FIRST, 90_001, "not_planned")
        ended = (Attempt(NOW, at.time[0], "failure"), Attempt(at.time[0]))
        at.hub.add(FIRST, Run(77, FIRST, "Build", "push", "main", "a" * 40, None, NOW, ended))
        at.sync(source, minutes=5)
        assert WorkItem.objects.get(source=source).status_id == "closed_not_planned"
        attempts = WorkflowRun.objects.filter(native_id="77").order_by("attempt")
        assert list(attempts.values_list("attempt", "conclusion")) == [(1, "failure"), (2, "")]


def test_a_renamed_repository_keeps_its_rows_and_its_pull_requests_g10() -> None:
    with place() as at:
        source = at.connect()
        at.sync(source)
        pulls = PullRequest.objects.count()
        row = Repository.objects.get(source=source, name=FIRST)
        at.hub.rename(FIRST, "elsewhere/another")
        at.hub.edit("elsewhere/another", 1, title="Named anew")
        at.sync(source, minutes=10)
        row.refresh_from_db()
        assert (row.name, PullRequest.objects.count()) == ("elsewhere/another", pulls)
        assert PullRequest.objects.get(repository=row, number=1).title == "Named anew"
        source.refresh_from_db()
        assert "elsewhere/another" in source.scopes
        assert FIRST not in source.scopes
        at.sync(source, minutes=10)
        assert not [one for one in at.running.requests if one.status == 301]


def test_after_many_changes_the_rows_are_those_of_a_first_reading() -> None:
    """G2, G5, G6: merged, reopened, forced, edited, over several polls."""
    with place() as at:
        source = at.connect()
        at.sync(source)
        numbers = [pull.number for pull in world().pulls(FIRST, NOW)]
        at.hub.merge(FIRST, numbers[-1])
        at.hub.reopen(FIRST, numbers[0])
        at.sync(source, minutes=5)
        at.time[0] += timedelta(minutes=1)
        at.hub.force_push(FIRST, numbers[0])
        at.hub.edit(FIRST, numbers[3], "convert_to_draft", draft=True, labels=("held",), milestone="later")
        at.sync(source, minutes=5)
        kept = rows(source)
        source.slices.update(bookmark=None, cursor="")
        at.sync(source, minutes=1)
        assert rows(source)["PullRequest"] == kept["PullRequest"]
        assert rows(source)["Commit"] == kept["Commit"]


def test_a_quiet_poll_costs_a_few_requests_for_each_repository_however_much_there_is_g1() -> None:
    with place() as at:
        source = at.connect()
        at.sync(source)
        at.sync(source, days=1)
        at.sync(source, minutes=5)
        assert len(at.running.requests) <= 8 * len(SCOPES)
        at.sync(source, minutes=5)
        again = [one for one in at.running.requests if one.status == 304]
        assert len(again) >= len(SCOPES)
