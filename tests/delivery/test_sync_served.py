"""Reading sources over HTTP: what should come out in the rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery import sync
from delivery.models import Incident, PullRequest, PullRequestItem, ScopedItem, StageMapping, SyncRun
from tests import builders
from tests.delivery import served

pytestmark = pytest.mark.django_db
State = SyncRun.State


def test_jira_over_http_then_again_reads_only_what_changed() -> None:
    with served.office() as office:
        source = office.jira()
        first = sync.sync_source(source, now=office.now)
        assert {run.state for run in first} == {State.DONE}
        assert source.items.count() == sum(len(office.world.issues(key, office.now)) for key in office.projects)
        before = served.rows(source)
        office.running.forget()
        again = issues_of(sync.sync_source(source, now=office.now))
        assert sum(run.written for run in again) == 0
        assert sum(run.read for run in again) < source.items.count() / 10
        assert served.rows(source) == before
        office.now += timedelta(days=3)
        later = issues_of(sync.sync_source(source, now=office.now))
        assert 0 < sum(run.written for run in later) < source.items.count() / 2
        fresh = office.jira("Read at once")
        sync.sync_source(fresh, now=office.now)
        assert served.rows(source) == served.rows(fresh)


@pytest.mark.parametrize("ahead", [timedelta(minutes=10), -timedelta(minutes=10)], ids=["ahead", "behind"])
@pytest.mark.parametrize("kind", ["jira", "github"])
def test_a_clock_of_ours_that_is_wrong_loses_no_change(kind: str, ahead: timedelta) -> None:
    with served.office() as office:
        if kind == "jira":
            source, later = office.jira(), office.now + timedelta(days=2)
            changed = max(one.updated for key in office.projects for one in office.world.issues(key, later))
        else:
            source, later = office.github(), office.now + timedelta(days=2)
            changed = max(one.updated for name in office.repositories for one in office.world.pulls(name, later))
        office.now = changed - timedelta(minutes=1)
        sync.sync_source(source, now=office.now + ahead)
        office.now = changed + timedelta(minutes=1)
        sync.sync_source(source, now=office.now + ahead)
        rows = source.items if kind == "jira" else PullRequest.objects
        assert rows.latest("updated").updated.replace(microsecond=0) == changed.replace(microsecond=0)
        assert not source.slices.filter(bookmark__gt=office.now).exists()


def issues_of(runs: list[SyncRun]) -> list[SyncRun]:
    return [run for run in runs if run.slice.kind == "issues"]


def test_github_over_http_with_links_and_incidents() -> None:
    with served.office() as office:
        jira, github = office.jira(), office.github()
        runs = sync.sync_source(jira, now=office.now) + sync.sync_source(github, now=office.now)
        assert {run.state for run in runs} == {State.DONE}
        assert PullRequest.objects.count() == sum(
            len(office.world.pulls(name, office.now)) for name in office.repositories
        )
        merged = PullRequest.objects.filter(merged__isnull=False)
        assert merged.filter(first_commit__isnull=False, first_review__isnull=False, approved__isnull=False).exists()
        assert PullRequestItem.objects.count() > PullRequest.objects.count() / 3
        assert Incident.objects.count() == jira.items.filter(kind="incident").exclude(stage="dropped").count() > 0
        assert not any(run.written for run in sync.sync_source(github, now=office.now))


def test_a_data_center_is_read_the_same() -> None:
    with served.office() as office:
        source = office.jira("DC", url=office.running.jira_datacenter_url, email="")
        sync.sync_source(source, now=office.now)
        cloud = office.jira()
        sync.sync_source(cloud, now=office.now)
        finishes = [set(one.items.values_list("key", "started", "finished")) for one in (source, cloud)]
        assert finishes[0] == finishes[1]


def test_a_scope_is_filled_by_a_sync() -> None:
    with served.office() as office:
        source = office.jira()
        key = next(one.key for one in office.world.issues(office.projects[0], office.now) if one.type == "Epic")
        deliverable = builders.deliverable(builders.team())
        deliverable.scopes.create(source=source, rule="parent", value=key)
        sync.sync_source(source, now=office.now)
        inside = source.items.filter(parent_key=key, level=0).count()
        assert ScopedItem.objects.filter(deliverable=deliverable, until__isnull=True).count() == inside > 0


def test_statuses_of_a_simulated_jira_get_the_right_stages() -> None:
    with served.office() as office:
        sync.sync_source(office.jira(), now=office.now)
        stages = dict(StageMapping.objects.values_list("status", "stage"))
        assert (stages["Experiment running"], stages["Blocked"], stages["Won't Do"]) == ("active", "waiting", "dropped")
