"""Releases, tags without one, and workflow runs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from delivery import bulk
from delivery.core.records import ReleaseRecord, WorkflowRunRecord
from delivery.models import Release, Source, WorkflowRun
from delivery.store.accounts import Known
from delivery.store.code import repository_ids

_RELEASE = [
    "repository_id",
    "native_id",
    "tag",
    "name",
    "sha",
    "author_id",
    "created",
    "published",
    "prerelease",
    "tag_only",
    "url",
]
_RUN = [
    "repository_id",
    "native_id",
    "attempt",
    "workflow",
    "event",
    "branch",
    "sha",
    "actor_id",
    "created",
    "started",
    "finished",
    "conclusion",
    "url",
]


def store_releases(source: Source, records: Sequence[ReleaseRecord], accounts: Known) -> bulk.Written:
    """Write releases and tags. A tag stands for one thing: what it stood for before, itself alone or a release made
    anew, gives way (G20). Where a page tells of a release and of its tag, the release counts."""
    if not records:
        return bulk.Written()
    repositories = repository_ids(source, (record.repository for record in records))
    told = _latest([record for record in records if not record.tag_only])
    told |= {
        place: record for place, record in _latest([r for r in records if r.tag_only]).items() if place not in told
    }
    rows = [
        (
            repositories[one.repository],
            one.native_id,
            one.tag,
            one.name,
            one.sha,
            accounts.id(one.author),
            one.created,
            one.published,
            one.prerelease,
            one.tag_only,
            one.url,
        )
        for one in told.values()
    ]
    written = bulk.upsert(Release, _RELEASE, rows, key=("repository_id", "native_id"))
    return written + bulk.Written(deleted=_superseded({repositories[r.repository] for r in told.values()}, rows))


def store_workflow_runs(source: Source, records: Sequence[WorkflowRunRecord], accounts: Known) -> bulk.Written:
    """Write workflow runs, a row for each attempt (G19)."""
    if not records:
        return bulk.Written()
    repositories = repository_ids(source, (record.repository for record in records))
    rows = [
        (
            repositories[one.repository],
            one.native_id,
            one.attempt,
            one.workflow,
            one.event,
            one.branch,
            one.sha,
            accounts.id(one.actor),
            one.created,
            one.started,
            one.finished,
            one.conclusion,
            one.url,
        )
        for one in records
    ]
    return bulk.upsert(WorkflowRun, _RUN, rows, key=("repository_id", "native_id", "attempt"))


def _latest(records: Sequence[ReleaseRecord]) -> dict[tuple[str, str], ReleaseRecord]:
    return {(record.repository, record.tag): record for record in records}


def _superseded(repositories: set[int], rows: Sequence[bulk.Row]) -> int:
    """Takes away what else these tags stood for; how many rows went."""
    now = {(row[0], row[2]): (row[1], row[9]) for row in rows}
    known = Release.objects.filter(repository__in=repositories, tag__in={row[2] for row in rows})
    gone = [
        id
        for id, repository, tag, native in known.values_list("pk", "repository_id", "tag", "native_id")
        if (repository, tag) in now and now[repository, tag][0] != native
    ]
    return Release.objects.filter(Q(pk__in=gone)).delete()[0] if gone else 0
