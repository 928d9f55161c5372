"""What becomes of releases, tags and workflow runs (G19, G20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery import bulk
from delivery.core.records import AccountRecord, ReleaseRecord, RepositoryRecord, WorkflowRunRecord
from delivery.models import Release, Source, WorkflowRun
from delivery.store import accounts, code, releases
from tests import builders
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db
RELEASE = ReleaseRecord("71", "500", "v1.0", "One", "a" * 40, "9001", day(1), day(2), prerelease=False)
TAG = replace(RELEASE, native_id="tag:v1.0", published=day(1), tag_only=True)
RUN = WorkflowRunRecord("12000000001", "500", 1, "Deploy", "push", "main", "a" * 40, "9001", day(1), day(1), None, "")


def hub() -> tuple[Source, accounts.Known]:
    source = builders.source(kind="github")
    code.store_repositories(source, [RepositoryRecord("500", "acme/store", "main", archived=False, url="")])
    return source, accounts.store(source, [AccountRecord("9001", "Robin")], ["9001"])


def test_a_release_is_written_once_and_then_only_when_it_differs() -> None:
    source, known = hub()
    assert releases.store_releases(source, [RELEASE], known) == bulk.Written(inserted=1)
    assert releases.store_releases(source, [RELEASE], known) == bulk.Written()
    retagged = replace(RELEASE, sha="b" * 40)
    assert releases.store_releases(source, [retagged], known) == bulk.Written(updated=1)
    row = Release.objects.get()
    assert (row.tag, row.sha, row.author_id, row.published) == ("v1.0", "b" * 40, known.ids["9001"], day(2))


def test_a_tag_gives_way_to_the_release_that_is_made_of_it() -> None:
    source, known = hub()
    releases.store_releases(source, [TAG], known)
    assert releases.store_releases(source, [RELEASE, TAG], known) == bulk.Written(inserted=1, deleted=1)
    assert Release.objects.values_list("native_id", "tag_only").get() == ("71", False)


def test_a_release_made_anew_takes_the_place_of_the_old_one_of_its_tag() -> None:
    source, known = hub()
    other = replace(RELEASE, native_id="60", tag="v0.9")
    releases.store_releases(source, [RELEASE, other], known)
    releases.store_releases(source, [replace(RELEASE, native_id="72")], known)
    assert sorted(Release.objects.values_list("native_id", flat=True)) == ["60", "72"]


def test_each_attempt_of_a_run_is_a_row_and_its_end_is_written_when_it_comes() -> None:
    """G19, G22."""
    source, known = hub()
    again = replace(RUN, attempt=2, started=day(2))
    failed = replace(RUN, finished=day(1) + timedelta(minutes=5), conclusion="failure")
    assert releases.store_workflow_runs(source, [failed, again], known).inserted == 2
    done = replace(again, finished=day(2) + timedelta(minutes=5), conclusion="success")
    assert releases.store_workflow_runs(source, [failed, done], known) == bulk.Written(updated=1)
    rows = WorkflowRun.objects.order_by("attempt").values_list("native_id", "attempt", "conclusion")
    assert list(rows) == [("12000000001", 1, "failure"), ("12000000001", 2, "success")]
