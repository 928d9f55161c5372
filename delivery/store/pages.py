"""A page of records becomes rows, in an order in which everything finds what it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from delivery import bulk, missing, stages
from delivery.connectors.contract import Gap
from delivery.core.records import (
    AccountRecord,
    BoardRecord,
    DeploymentRecord,
    GoneRecord,
    PullRequestRecord,
    Record,
    ReleaseRecord,
    RepositoryRecord,
    SprintRecord,
    StatusRecord,
    WorkflowRunRecord,
    WorkItemRecord,
    WorklogRecord,
)
from delivery.models import Source
from delivery.store import accounts, aliases, boards, code, gone, items, releases, statuses, worklogs

R = TypeVar("R")
MAIN: dict[str, type[Record]] = {
    "issues": WorkItemRecord,
    "sprints": SprintRecord,
    "statuses": StatusRecord,
    "worklogs": WorklogRecord,
    "pulls": PullRequestRecord,
    "deployments": DeploymentRecord,
    "releases": ReleaseRecord,
    "workflows": WorkflowRunRecord,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a page. ``read`` and ``written`` count the main kind; ``gaps`` says why records are missing."""

    read: int = 0
    written: int = 0
    deleted: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def failed(self) -> int:
        return len(self.gaps)

    @property
    def troubles(self) -> tuple[str, ...]:
        """A sentence for each gap."""
        return tuple(f"{gap.what}: {gap.why}" for gap in self.gaps)

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.read + other.read,
            self.written + other.written,
            self.deleted + other.deleted,
            self.gaps + other.gaps,
        )


def store(
    source: Source, kind: str, records: Sequence[Record], *, scope: str = "", at: datetime | None = None
) -> Stored:
    """Write the records of a page of a slice of ``kind`` and ``scope``; what is gone counts as deleted ``at``.

    A record the database refuses (a number no column holds) must not keep the others out: the page is halved until
    it stands alone, and becomes a gap.
    """
    when = at or timezone.now()
    try:
        with transaction.atomic():
            main = _store(source, records)[MAIN[kind]]
            deleted = main.deleted + gone.store(source, scope, _of(records, GoneRecord), when)
            return Stored(len(_of(records, MAIN[kind])), main.total, deleted)
    except (DataError, IntegrityError, ValueError) as error:
        if len(records) > 1:
            middle = len(records) // 2
            first = store(source, kind, records[:middle], scope=scope, at=when)
            return first + store(source, kind, records[middle:], scope=scope, at=when)
        read = len(_of(records, MAIN[kind]))
        why = f"It was read and could not be stored: {_first_line(error)}"
        return Stored(read, gaps=(Gap(missing.name(records[0], scope), why),))


def _store(source: Source, records: Sequence[Record]) -> dict[type[Record], bulk.Written]:
    known = accounts.store(source, _accounts(records), _mentioned(records))
    told = statuses.store(source, _of(records, StatusRecord))
    if told.total:
        stages.restage(source)
    return {
        AccountRecord: bulk.Written(),
        StatusRecord: told,
        BoardRecord: boards.store_boards(source, _of(records, BoardRecord)),
        SprintRecord: _store_sprints(source, _of(records, SprintRecord)),
        RepositoryRecord: code.store_repositories(source, _of(records, RepositoryRecord)),
        WorkItemRecord: _store_items(source, _latest(_of(records, WorkItemRecord)), known),
        WorklogRecord: worklogs.store_worklogs(source, _of(records, WorklogRecord), known),
        PullRequestRecord: code.store_pulls(source, _latest(_of(records, PullRequestRecord)), known),
        DeploymentRecord: code.store_deployments(source, _of(records, DeploymentRecord), known),
        ReleaseRecord: releases.store_releases(source, _of(records, ReleaseRecord), known),
        WorkflowRunRecord: releases.store_workflow_runs(source, _of(records, WorkflowRunRecord), known),
    }


def _store_sprints(source: Source, records: list[SprintRecord]) -> bulk.Written:
    written = items.store_sprints(source, records)
    boards.store_sprint_boards(source, records)  # the same rows once more, where the boards were asked
    return written


def _store_items(source: Source, records: list[WorkItemRecord], known: accounts.Known) -> bulk.Written:
    old = aliases.before(source, records)
    written = items.store(source, records, known)
    aliases.store(source, old)
    return written


def _of(records: Sequence[Record], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def _latest(records: list[R]) -> list[R]:
    """One record for each native id, the last that came: rows move while a source is read (J13, G2)."""
    return list({record.native_id: record for record in records}.values())  # type: ignore[attr-defined]


def _accounts(records: Sequence[Record]) -> Iterator[AccountRecord]:
    for record in records:
        if isinstance(record, AccountRecord):
            yield record
        elif isinstance(record, WorkItemRecord | PullRequestRecord):
            yield from record.accounts


def _mentioned(records: Sequence[Record]) -> Iterator[str | None]:
    """The native ids of everybody the records name."""
    for record in records:
        if isinstance(record, WorkItemRecord):
            yield from (record.reporter, record.assignee)
            yield from (move.author for move in record.transitions)
        elif isinstance(record, PullRequestRecord):
            yield record.author
            yield from (review.author for review in record.reviews)
            yield from (commit.author for commit in record.commits)
        elif isinstance(record, DeploymentRecord):
            yield record.creator
        elif isinstance(record, WorklogRecord | ReleaseRecord):
            yield record.author
        elif isinstance(record, WorkflowRunRecord):
            yield record.actor


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
