"""Reading sources: slice by slice, page by page, each page one transaction with the cursor that follows it.

A kill costs at most a page. A slice that fails keeps its data, its bookmark and its error, and the others go on.
Deletions at the source are not looked for here: something missing from one read may be hidden from the token or late
in the index (J8, J17), so it takes a census of its own before anything counts as gone (J16).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Model, QuerySet

from delivery import bulk, incidents, links, locks, runs, scopes, secrets
from delivery.connectors import paging
from delivery.connectors.contract import Connector, ConnectorError, Credentials, Page, Slice
from delivery.connectors.registry import open_connector
from delivery.models import (
    Commit,
    Deployment,
    FieldChange,
    PullRequest,
    Review,
    Source,
    SourceSlice,
    SyncRun,
    Transition,
    WorkItem,
)
from delivery.store import pages, renames

EVERY = timedelta(minutes=5)  # the beat of sync_due in settings
SLOW = timedelta(hours=1)  # between tries that only a person can make succeed
HOPELESS = ("credentials", "address", "outdated")  # and asking often may lock the account
WHOLE_SOURCE = (*HOPELESS, "limited")  # what is true of one slice is true of all
MANY = 1000  # new or changed rows that change what a table looks like
GROWN: dict[str, tuple[type[Model], ...]] = {
    "issues": (WorkItem, Transition, FieldChange),
    "pulls": (PullRequest, Review, Commit),
    "deployments": (Deployment,),
}
Progress = Callable[[SourceSlice, int, int | None], None]

log = logging.getLogger(__name__)


def connect_to(source: Source) -> Connector:
    """A connector with the source's own token; close it. Raises ConnectorError."""
    try:
        token = secrets.unseal(source.token)
    except secrets.SecretError as error:
        raise ConnectorError(str(error), kind="credentials") from error
    credentials = Credentials(source.url, token, source.email, source.deployment)
    private = source.allow_private or settings.ALLOW_PRIVATE_SOURCES
    return open_connector(source.kind, credentials, allow_private=private)


@transaction.atomic
def slices_of(source: Source, connector: Connector) -> list[SourceSlice]:
    """The slices of the source's scopes, in the order of reading: new ones are made, those of no scope any more go."""
    source.refresh_from_db(fields=["scopes"])  # a read may have learned of a new name since
    there = {(part.kind, part.scope): part for part in source.slices.all()}
    wanted = dict.fromkeys((part.kind, part.scope) for part in connector.slices(source.scopes))
    gone = [there.pop(key) for key in there.keys() - wanted.keys()]
    for part in gone:
        part.delete()
    made = [SourceSlice(source=source, kind=kind, scope=scope) for kind, scope in wanted if (kind, scope) not in there]
    SourceSlice.objects.bulk_create(made, ignore_conflicts=True)
    if any(part.unsettled for part in gone):  # what they brought stays, and is still to be settled
        source.slices.update(unsettled=True)
    there = {(part.kind, part.scope): part for part in source.slices.all()}
    return [there[key] for key in wanted]


def sync_source(
    source: Source,
    *,
    now: datetime,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> list[SyncRun]:
    """Read every slice of ``source`` and settle what rests on it; one run for each slice that was tried."""
    try:
        connector = connect_to(source)
    except ConnectorError:  # each slice will say so for itself
        return [sync_slice(part, now=now, full=full, since=since) for part in source.slices.all()]
    began = time.monotonic()
    done: list[SyncRun] = []
    with closing(connector):
        for part in slices_of(source, connector):
            at = now + timedelta(seconds=time.monotonic() - began)
            done.append(sync_slice(part, now=at, full=full, since=since, progress=progress, connector=connector))
            if _is_hopeless(done):
                break
    settle(source, now=now)
    return done


def sync_slice(
    part: SourceSlice,
    *,
    now: datetime,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
    connector: Connector | None = None,
) -> SyncRun:
    """Read one slice: what changed since its bookmark, since ``since``, or everything (``full``).

    Never raises for what a source did wrong: the run says it. While another process reads the slice, nothing is done
    and that one's run, which is still RUNNING, is returned.
    """
    with locks.held(locks.SLICE, part.pk) as mine:
        if not mine:
            return runs.of_another(part, now)
        run = runs.begin(part, now=now, full=full, since=since)
        began = time.monotonic()

        def clock() -> datetime:
            return now + timedelta(seconds=time.monotonic() - began)

        try:
            with _connected(part, connector) as open_one:
                _read(part, run, open_one, progress)
        except ConnectorError as error:
            return runs.fail(part, run, error, clock())
        except Exception as error:
            log.exception("Reading %s of %s failed.", part, part.source)
            return runs.fail(part, run, _own_fault(error), clock())
        except BaseException:
            runs.stop(run, clock())
            raise
        if run.written >= MANY and part.kind in GROWN:
            bulk.take_stock(GROWN[part.kind])
        return runs.finish(part, run, clock())


@transaction.atomic
def settle(source: Source, *, now: datetime) -> None:
    """Bring up to date what rests on more than one slice: links, incidents, scopes. One process at a time."""
    locks.wait_for(locks.SETTLING, 0)
    # First, so that a page stored from here on has to wait, and then marks its part anew.
    source.slices.filter(unsettled=True).update(unsettled=False)
    links.link_pulls()
    incidents.find_incidents()
    scopes.resolve(source=source, now=now)


def behind() -> QuerySet[Source]:
    """Sources that brought something which nobody settled: the word for it was lost, or its process died.

    Not while a part of theirs that did is being read: whoever reads it has it settled at the end.
    """
    idle = SourceSlice.objects.filter(unsettled=True).exclude(pk__in=locks.numbers_held(locks.SLICE))
    return Source.objects.filter(pk__in=idle.values("source"))


def due(now: datetime, *, among: QuerySet[SourceSlice] | None = None) -> list[SourceSlice]:
    """The slices (of ``among``) whose turn it is: not paused, not parked by a quota, not read since the last beat."""
    parts = (SourceSlice.objects.all() if among is None else among).filter(source__paused=False)
    tried = parts.select_related("source").annotate(tried=Max("runs__started"))
    return [part for part in tried if _is_due(part, part.tried, now)]


def _is_due(part: SourceSlice, tried: datetime | None, now: datetime) -> bool:
    if part.not_before is not None and part.not_before > now:
        return False
    wait = SLOW if part.error_kind in HOPELESS else EVERY
    return tried is None or now - tried >= wait - timedelta(minutes=1)  # a beat may come a little early


def _is_hopeless(done: list[SyncRun]) -> bool:
    """Whether the other slices would only fail in the same way: nothing answers at all, or not to this token."""
    if done[-1].error_kind in WHOLE_SOURCE:
        return True
    silent = [run for run in done[-2:] if run.error_kind == "unreachable" and not run.read]
    return len(silent) == 2


@contextmanager
def _connected(part: SourceSlice, connector: Connector | None) -> Iterator[Connector]:
    if connector is not None:
        yield connector
        return
    with closing(connect_to(part.source)) as own:
        yield own


def _read(part: SourceSlice, run: SyncRun, connector: Connector, progress: Progress | None) -> None:
    """Page by page; the next one is fetched and parsed while the database is busy with this one."""
    before = getattr(connector, "requests", 0)
    place = Slice(part.kind, part.scope)
    with (
        _closed(connector.read(place, since=part.reading_from, cursor=part.cursor)) as found,
        closing(paging.ahead(found)) as coming,
    ):
        for page in coming:
            with transaction.atomic():
                if page.scope and page.scope.lower() != part.scope.lower():
                    renames.rename(part.source, part.scope, page.scope)
                    part.scope = page.scope
                stored = pages.store(part.source, part.kind, page.records)
                run.requests = getattr(connector, "requests", 0) - before
                runs.began_by(part, connector.now())
                runs.turn_page(part, run, stored, cursor=page.cursor, expected=page.expected)
            if progress:
                progress(part, part.read, part.expected)
    runs.began_by(part, connector.now())
    run.requests = getattr(connector, "requests", 0) - before


@contextmanager
def _closed(found: Iterator[Page]) -> Iterator[Iterator[Page]]:
    """A read that fetches ahead has a thread, which must end with it."""
    try:
        yield found
    finally:
        if isinstance(found, Generator):
            found.close()


def _own_fault(error: Exception) -> ConnectorError:
    """What went wrong on our side, as a sentence; the log has the whole story."""
    return ConnectorError(
        "Headway itself failed while it read this; what was read before is kept. The log of this moment says more.",
        kind="internal",
        detail=f"{type(error).__name__}: {error}"[:500],
    )
