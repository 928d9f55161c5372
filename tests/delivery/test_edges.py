"""No change is lost at an edge: of a second, a minute, a page, an index that lags; and cost follows what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from delivery import links, sources, sync
from delivery.models import PullRequest, PullRequestItem, Source, SyncRun
from simulator.faults import Answer, Turn
from simulator.overlay import Overlay
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from simulator.web import Reply
from tests.delivery import served
from tests.delivery.changing import LATER, Place, placed
from tests.delivery.served import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def synced(place: Place, source: Source, at: datetime) -> SyncRun:
    """The run of the issues, with everybody's clock at ``at``."""
    place.time[0] = at
    return next(run for run in sync.sync_source(source, now=at) if run.slice.kind == "issues")


def titles(source: Source) -> set[str]:
    return set(source.items.values_list("title", flat=True))


def test_what_a_lagging_index_shows_late_is_read_in_a_later_window() -> None:
    """J8: a change that the search did not show yet when we asked."""
    with placed() as place:
        source = place.jira()
        issue = place.issues.issues(place.project, LATER)[3]
        place.issues.edit(issue.key, title="Shown late")
        place.issues.behind = timedelta(seconds=100)
        synced(place, source, LATER + timedelta(seconds=30))
        assert "Shown late" not in titles(source)
        synced(place, source, LATER + 5 * MINUTE)
        assert "Shown late" in titles(source)


@pytest.mark.parametrize("second", [0, 1, 30, 59])
def test_of_many_changes_in_one_second_none_is_lost_when_the_window_ends_in_it(second: int) -> None:
    """J12: a bulk edit, half of it before we asked and half after; J11: at any second of a minute."""
    with placed() as place:
        source = place.jira()
        at = LATER + timedelta(seconds=second)
        place.time[0] = at
        ours = place.issues.issues(place.project, at)[:6]
        for issue in ours[:3]:
            place.issues.edit(issue.key, title=f"Bulk {issue.key}")
        synced(place, source, at)
        for issue in ours[3:]:
            place.issues.edit(issue.key, title=f"Bulk {issue.key}")
        synced(place, source, at + 5 * MINUTE)
        assert {f"Bulk {issue.key}" for issue in ours} <= titles(source)


@contextmanager
def meddled(meddle: Callable[[Overlay], None]) -> Iterator[Place]:
    """A place where something happens between the first page of a search and the second."""
    time, searches = [NOW], [0]
    issues = Overlay(served.world(), lambda: time[0])

    def between(turn: Turn, answer: Answer) -> Reply:
        reply = answer()
        if "search/jql" in turn.request.path:
            searches[0] += 1
            if searches[0] == 1:
                time[0] += timedelta(seconds=2)
                meddle(issues)
        return reply

    with serve(issues, clock=lambda: time[0], faults=[between]) as running:
        yield Place(running, issues, None, time)  # type: ignore[arg-type]


def connected(place: Place) -> Source:
    return sources.connect_source(
        kind="jira", name="Jira", url=place.running.jira_cloud_url, email=DEMO_EMAIL, token=DEMO_JIRA_TOKEN,
        scopes=[place.project], allow_private=True,
    )  # fmt: skip


def test_what_changes_between_two_pages_is_read_all_the_same() -> None:
    """J13: on a page that was read already, on one that is still to come, and a deletion that shifts the rows."""
    edited: list[str] = []

    def meddle(issues: Overlay) -> None:
        there = issues.issues(served.world().teams[0].project, issues.clock())
        for issue in (there[0], there[-1]):
            edited.append(issues.edit(issue.key, title=f"Meddled {issue.key}").key)
        issues.delete(there[1].key)

    with meddled(meddle) as place:
        source = connected(place)
        run = synced(place, source, NOW)
        assert (run.state, len(edited)) == (SyncRun.State.DONE, 2)
        assert {f"Meddled {key}" for key in edited} <= titles(source)
        expected = {issue.key for issue in place.issues.issues(place.project, place.time[0])}
        assert expected <= set(source.items.values_list("key", flat=True))


def test_an_incremental_sync_costs_what_changed_and_not_what_exists() -> None:
    with placed() as place:
        source = place.jira()
        costs = []
        for round in range(2):
            at = LATER + timedelta(days=2 * round + 1)
            place.time[0] = at
            synced(place, source, at)  # the world's own changes of the days before
            for issue in place.issues.issues(place.project, at)[:5]:
                place.issues.edit(issue.key, title=f"Changed {round} {issue.key}")
            runs = sync.sync_source(source, now=at + 10 * MINUTE)
            costs.append(sum(run.requests for run in runs))
            assert 5 <= sum(run.read for run in runs if run.slice.kind == "issues") <= 40
            for _ in range(300):
                place.issues.add(place.project)
        assert source.items.count() < place.issues.issues(place.project, place.time[0]).__len__()
        assert costs[0] == costs[1]


def test_a_renamed_project_has_its_new_keys_at_once_and_branches_find_them_by_the_old_ones() -> None:
    """J15, over HTTP: no ``updated`` moves when a project is renamed, so nothing would be read again for months."""
    with placed() as place:
        source, github = place.jira(), place.github()
        links.link_pulls()
        linked = PullRequestItem.objects.count()
        assert linked
        place.issues.rename_project(place.project, "FRESH")
        synced(place, source, LATER)
        keys = set(source.items.values_list("key", flat=True))
        assert keys
        assert all(key.startswith("FRESH-") for key in keys)
        assert not source.items.exclude(parent_key="").exclude(parent_key__startswith="FRESH-").exists()
        source.refresh_from_db()
        assert (source.scopes, {part.scope for part in source.slices.all()}) == (["FRESH"], {"FRESH"})
        links.link_pulls()
        assert PullRequestItem.objects.count() == linked
        assert PullRequest.objects.filter(repository__source=github, items__key__startswith="FRESH-").exists()


def test_a_window_keeps_older_history_out_until_it_is_widened() -> None:
    with placed() as place:
        start = (NOW - timedelta(days=30)).date()
        choices = sources.Choices(scopes=(place.project,), backfill_from=start)
        source = place.jira(choices=choices)
        everything = place.issues.issues(place.project, NOW)
        young = {issue.key for issue in everything if issue.updated.date() >= start}
        assert set(source.items.values_list("key", flat=True)) == young
        assert len(young) < len(everything)
        assert source.slices.get(kind="issues").bookmark is not None
        run = synced(place, source, LATER + 5 * MINUTE)
        assert (run.full, run.read < len(young)) == (False, True)
        sources.edit_source(source, name=source.name, choices=sources.Choices(scopes=(place.project,)))
        run = synced(place, source, LATER + 10 * MINUTE)
        assert (run.full, source.items.count()) == (True, len(everything))
