"""Reading one part of a source: page by page, each page one transaction with the cursor that follows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Event
from typing import TypeVar

from django.db import OperationalError, transaction

from delivery import bulk, garbage, locks, missing, runs, turns
from delivery.connectors import paging
from delivery.connectors.contract import Connector, Page, Slice
from delivery.core.records import WorkItemRecord
from delivery.models import SourceSlice, SyncRun
from delivery.store import gone, pages, renames

Progress = Callable[[SourceSlice, int, int | None], None]
DEADLOCK = "40P01"
TRIES = 3
T = TypeVar("T")


class Interrupted(BaseException):
    """Whoever had this read wants it to end, politely and soon."""


class Halted(Exception):
    """A person paused the source or let go of it while it was read."""


def read(
    part: SourceSlice, run: SyncRun, connector: Connector, progress: Progress | None, enough: Event | None
) -> set[str]:
    """Everything from where ``run`` began to its end; the next page is fetched and parsed while the database is busy
    with this one. What could not be read comes back by name. Raises ConnectorError, Halted, Interrupted.
    """
    before, lacking = getattr(connector, "requests", 0), set[str]()
    place = Slice(part.kind, part.scope)
    with (
        _closed(connector.read(place, since=part.reading_from, cursor=part.cursor)) as found,
        closing(paging.ahead(paging.together(found))) as coming,
        garbage.rarely_sought(),
    ):
        try:
            for page in coming:
                lacking |= _turn(part, run, page, connector, before, lacking)
                if progress:
                    progress(part, part.read, part.expected)
                _go_on(part, enough)
        finally:
            run.requests = getattr(connector, "requests", 0) - before
    runs.began_by(part, connector.now())
    return lacking


def reread(part: SourceSlice, run: SyncRun, connector: Connector, ids: Sequence[str]) -> None:
    """The things of ``part`` that go by ``ids``, as they are now; bookmark and cursor stay. Raises ConnectorError."""
    before = getattr(connector, "requests", 0)
    try:
        for page in connector.reread(Slice(part.kind, part.scope), ids):
            stored = _patiently(lambda page=page: _again(part, page, run.started))  # type: ignore[misc]
            runs.note(run, stored)
    finally:
        run.requests += getattr(connector, "requests", 0) - before


def _turn(
    part: SourceSlice, run: SyncRun, page: Page, connector: Connector, before: int, known: Collection[str]
) -> set[str]:
    """The names of what of the page could not be read; those ``known`` to be missing are counted already."""
    as_they_were = [(row, vars(row).copy()) for row in (part, run)]

    def turn() -> set[str]:
        for row, values in as_they_were:  # a try that failed may have counted the page
            vars(row).update(values)
        with transaction.atomic():
            bulk.without_waiting()
            if page.scope and page.scope.lower() != part.scope.lower():
                renames.rename(part.source, part.scope, page.scope)
                part.scope = page.scope
            locks.wait_for(locks.STORING, part.pk)
            lost = gone.since(part.source, page.records, run.started)
            stored = _store(part, page, run.started)
            gone.stay(lost, run.started)
            run.requests = getattr(connector, "requests", 0) - before
            runs.began_by(part, connector.now())
            new = replace(stored, gaps=tuple(gap for gap in stored.gaps if gap.what not in known))
            runs.turn_page(part, run, new, cursor=page.cursor, expected=page.expected)
            return {gap.what for gap in stored.gaps}

    return _patiently(turn)


def _again(part: SourceSlice, page: Page, at: datetime) -> pages.Stored:
    with transaction.atomic():
        stored = _store(part, page, at)
        moved = [record for record in page.records if isinstance(record, WorkItemRecord)]
        stored = replace(stored, deleted=stored.deleted + gone.leave(part.source, moved, at))
        if stored.written or stored.deleted:
            SourceSlice.objects.filter(pk=part.pk).update(unsettled=True)
        return stored


def _store(part: SourceSlice, page: Page, at: datetime) -> pages.Stored:
    """The page's records become rows, and what is missing is noted; in one transaction.

    A part is stored by one at a time: its reader and whoever heard a webhook would lock the same rows in two orders.
    """
    locks.wait_for(locks.STORING, part.pk)
    stored = pages.store(part.source, part.kind, page.records, scope=part.scope, at=at)
    stored = replace(stored, gaps=tuple({gap.what: gap for gap in (*page.gaps, *stored.gaps)}.values()))
    missing.strike(part, page.records, stored.gaps)
    missing.note(part, stored.gaps, at)
    return stored


def _patiently(turn: Callable[[], T]) -> T:
    """Two parts that meet the same rows may stand in each other's way; PostgreSQL lets one go, which tries again."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return turn()
        except OperationalError as error:
            if not left or getattr(error.__cause__, "pgcode", "") != DEADLOCK:
                raise
    raise AssertionError("the last try returns or raises")


def _go_on(part: SourceSlice, enough: Event | None) -> None:
    if enough is not None and enough.is_set():
        raise Interrupted
    if not turns.is_live(part.source):
        raise Halted


@contextmanager
def _closed(found: Iterator[Page]) -> Iterator[Iterator[Page]]:
    """A read that fetches ahead has a thread, which must end with it."""
    try:
        yield found
    finally:
        if isinstance(found, Generator):
            found.close()
