"""Reading sources: slice by slice, page by page, each page one transaction with the cursor that follows it.

A kill costs at most a page. A slice that fails keeps its data, its bookmark and its error, and the others go on.
Deletions at the source are not looked for here: something missing from one read may be hidden from the token or late
in the index (J8, J17), so it takes a census of its own before anything counts as gone (J16, delivery.census).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from django.db import DatabaseError, transaction

from delivery import (
    bulk,
    deployments,
    incidents,
    links,
    locks,
    missing,
    reading,
    runs,
    scope_jql,
    scopes,
    side_by_side,
    sprint_parts,
)
from delivery.connecting import connect_to
from delivery.connectors.contract import Connector, ConnectorError
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
from delivery.reading import Halted, Interrupted, Progress
from delivery.turns import EVERY, HOPELESS, behind, due, is_live

WHOLE_SOURCE = (*HOPELESS, "limited")  # what is true of one slice is true of all
AT_ONCE = 4  # parts of a source that one process reads at once; how many requests are out, the gate decides
MANY = 1000  # new or changed rows that change what a table looks like
GROWN = {
    "issues": (WorkItem, Transition, FieldChange),
    "pulls": (PullRequest, Review, Commit),
    "deployments": (Deployment,),
}
__all__ = [
    "EVERY",
    "HOPELESS",
    "Interrupted",
    "Progress",
    "behind",
    "connect_to",
    "due",
    "reread_slice",
    "retry_slice",
    "settle",
    "slices_of",
    "sync_slice",
    "sync_source",
]

log = logging.getLogger(__name__)


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
    there = {(part.kind, part.scope): part for part in source.slices.select_related("source")}
    return [there[key] for key in wanted]


def sync_source(
    source: Source,
    *,
    now: datetime,
    full: bool = False,
    since: datetime | None = None,
    progress: Progress | None = None,
    at_once: int = AT_ONCE,
) -> list[SyncRun]:
    """Read every slice of ``source``, ``at_once`` side by side, and settle what rests on it; one run for each slice
    that was tried, in the order of their ends. None where the source is paused or disconnected.
    """
    if not is_live(source):
        return []
    try:
        connector = connect_to(source)
    except ConnectorError:  # each slice will say so for itself
        return [sync_slice(part, now=now, full=full, since=since) for part in source.slices.all()]
    began, enough = time.monotonic(), Event()
    with side_by_side.lent(connector, lambda: connect_to(source)) as lend:

        def read(part: SourceSlice) -> SyncRun:
            at = now + timedelta(seconds=time.monotonic() - began)
            read_it = partial(sync_slice, part, now=at, full=full, since=since, progress=progress, enough=enough)
            try:
                with lend() as mine:
                    return read_it(connector=mine)
            except ConnectorError:  # there is no other connector: the part says why
                return read_it()

        parts = slices_of(source, connector)
        done = side_by_side.each(parts, read, at_once=at_once, over=_is_hopeless, enough=enough)
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
    enough: Event | None = None,
) -> SyncRun:
    """Read one slice: what changed since its bookmark, since ``since``, or everything (``full``).

    Never raises for what a source did wrong: the run says it. While another process reads the slice, nothing is done
    and that one's run, which is still RUNNING, is returned. ``enough``, once set, ends it after a page (Interrupted).
    """
    with locks.held(locks.SLICE, part.pk) as mine:
        if not mine:
            return runs.of_another(part, now)
        run = runs.begin(part, now=now, full=full, since=since)
        clock = clock_from(now)
        try:
            with connected(part, connector) as open_one:
                _read(part, run, open_one, progress, enough)
            if run.written >= MANY and part.kind in GROWN:
                bulk.take_stock(GROWN[part.kind])
            return runs.finish(part, run, clock())
        except ConnectorError as error:
            return runs.fail(part, run, error, clock())
        except Halted:
            return runs.stop(run, clock(), "The source was paused while it was read")
        except Exception as error:
            if isinstance(error, DatabaseError) and _is_gone(part):
                return runs.let_go(run, clock())
            log.exception("Reading %s of %s failed.", part, part.source)
            return runs.fail(part, run, own_fault(error), clock())
        except BaseException:
            runs.stop(run, clock())
            raise


def retry_slice(part: SourceSlice, *, now: datetime, full: bool = False) -> SyncRun:
    """Read one slice because a person asked: also one that waits for a quota or for somebody to mend it, and what of
    it could not be read before."""
    run = sync_slice(part, now=now, full=full)
    if run.state in (SyncRun.State.DONE, SyncRun.State.PARTIAL) and (ids := missing.ids(part)):
        run = reread_slice(part, ids, now=now)
    settle(part.source, now=now)
    return run


def reread_slice(
    part: SourceSlice, ids: Sequence[str], *, now: datetime, connector: Connector | None = None
) -> SyncRun:
    """Read these things of ``part`` as they are now, whatever its bookmark says; ``ids`` as Connector.reread has them.

    What is gone is marked deleted. Also beside a reading of the slice, whose bookmark, cursor and error stay as they
    are; should that bring an older state, the next one brings this again. Never raises for what a source did wrong:
    the run says it. Nothing is settled: the slice is marked unsettled instead.
    """
    run = SyncRun(source_id=part.source_id, slice=part, started=now)
    clock = clock_from(now)
    try:
        with connected(part, connector) as open_one:
            reading.reread(part, run, open_one, list(dict.fromkeys(ids)))
    except ConnectorError as error:
        return runs.break_off(run, error, clock())
    except Exception as error:
        log.exception("Reading things of %s of %s again failed.", part, part.source)
        return runs.break_off(run, own_fault(error), clock())
    return runs.end(run, clock())


def settle(source: Source, *, now: datetime) -> None:
    """Bring up to date what rests on more than one slice: commitments, deployments, links, incidents, scopes.

    What the source itself has to be asked for comes first: nobody waits for its answers with a lock in hand.
    """
    scope_jql.ask_due(source, now=now)
    _settle(source, now)


@transaction.atomic
def _settle(source: Source, now: datetime) -> None:
    """One process at a time."""
    locks.wait_for(locks.SETTLING, 0)
    # First, so that a page stored from here on has to wait, and then marks its part anew.
    source.slices.filter(unsettled=True).update(unsettled=False)
    sprint_parts.freeze(source)
    deployments.derive(source)
    links.link_pulls()
    incidents.find_incidents()
    scopes.resolve(source=source, now=now)


def _read(
    part: SourceSlice, run: SyncRun, connector: Connector, progress: Progress | None, enough: Event | None
) -> None:
    """The slice, and once an hour what of it was missing before."""
    at_one_go = (run.full or part.kind in runs.WHOLE_KINDS) and not part.cursor
    lacking = reading.read(part, run, connector, progress, enough)
    if at_one_go:
        missing.strike_unmet(part, lacking)
    elif (part.last_success is None or part.last_success.hour != run.started.hour) and (
        ids := missing.ids(part, but=lacking)
    ):
        with suppress(ConnectorError):  # they are told as missing already
            reading.reread(part, run, connector, ids)


def clock_from(now: datetime) -> Callable[[], datetime]:
    """What time it is, where it was ``now`` a moment ago."""
    began = time.monotonic()
    return lambda: now + timedelta(seconds=time.monotonic() - began)


def _is_gone(part: SourceSlice) -> bool:
    """Whether somebody took the part out of its source meanwhile."""
    try:
        return not SourceSlice.objects.filter(pk=part.pk).exists()
    except DatabaseError:
        return False


def _is_hopeless(done: list[SyncRun]) -> bool:
    """Whether the other slices would only fail in the same way: nothing answers at all, or not to this token."""
    if done[-1].error_kind in WHOLE_SOURCE:
        return True
    silent = [run for run in done[-2:] if run.error_kind == "unreachable" and not run.read]
    return len(silent) == 2


@contextmanager
def connected(part: SourceSlice, connector: Connector | None) -> Iterator[Connector]:
    """The given connector, or one of its own that is closed at the end."""
    if connector is not None:
        yield connector
        return
    with closing(connect_to(part.source)) as own:
        yield own


def own_fault(error: Exception) -> ConnectorError:
    """What went wrong on our side, as a sentence; the log has the whole story."""
    return ConnectorError(
        "Headway itself failed while it read this; what was read before is kept. The log of this moment says more.",
        kind="internal",
        detail=f"{type(error).__name__}: {error}"[:500],
    )
