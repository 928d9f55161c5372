"""A page of records becomes rows, in an order in which everything finds what it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import DataError, IntegrityError, transaction

from delivery import bulk, stages
from delivery.core.records import (
    AccountRecord,
    DeploymentRecord,
    PullRequestRecord,
    Record,
    RepositoryRecord,
    SprintRecord,
    StatusRecord,
    WorkItemRecord,
)
from delivery.models import Source
from delivery.store import accounts, code, items, statuses

R = TypeVar("R")
MAIN: dict[str, type[Record]] = {
    "issues": WorkItemRecord,
    "sprints": SprintRecord,
    "statuses": StatusRecord,
    "pulls": PullRequestRecord,
    "deployments": DeploymentRecord,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a page. ``read`` and ``written`` count the main kind; ``troubles`` says why records ``failed``."""

    read: int = 0
    written: int = 0
    failed: int = 0
    troubles: tuple[str, ...] = ()

    def __add__(self, other: Stored) -> Stored:
        return Stored(
            self.read + other.read,
            self.written + other.written,
            self.failed + other.failed,
            self.troubles + other.troubles,
        )


def store(source: Source, kind: str, records: Sequence[Record]) -> Stored:
    """Write the records of a page of a slice of ``kind``.

    A record the database refuses (a number no column holds) must not keep the others out: the page is halved until
    it stands alone, and is counted as failed.
    """
    try:
        with transaction.atomic():
            return Stored(len(_of(records, MAIN[kind])), _store(source, records)[MAIN[kind]].total)
    except (DataError, IntegrityError, ValueError) as error:
        if len(records) > 1:
            middle = len(records) // 2
            return store(source, kind, records[:middle]) + store(source, kind, records[middle:])
        read = len(_of(records, MAIN[kind]))
        return Stored(read, 0, 1, (f"{_name(records[0])} could not be stored: {_first_line(error)}",))


def _store(source: Source, records: Sequence[Record]) -> dict[type[Record], bulk.Written]:
    known = accounts.store(source, _accounts(records), _mentioned(records))
    told = statuses.store(source, _of(records, StatusRecord))
    if told.total:
        stages.restage(source)
    return {
        AccountRecord: bulk.Written(),
        StatusRecord: told,
        SprintRecord: items.store_sprints(source, _of(records, SprintRecord)),
        RepositoryRecord: code.store_repositories(source, _of(records, RepositoryRecord)),
        WorkItemRecord: items.store(source, _latest(_of(records, WorkItemRecord)), known),
        PullRequestRecord: code.store_pulls(source, _latest(_of(records, PullRequestRecord)), known),
        DeploymentRecord: code.store_deployments(source, _of(records, DeploymentRecord), known),
    }


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


def _name(record: Record) -> str:
    return getattr(record, "key", "") or f"{type(record).__name__.removesuffix('Record')} {record.native_id}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
