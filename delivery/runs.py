"""The book of a slice's readings: where one begins, how far it came, how it ended. Every run is a row."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from delivery.connectors.contract import ConnectorError
from delivery.models import SourceSlice, SyncRun
from delivery.store.pages import Stored

STALE = timedelta(days=3)  # an unfinished read older than this is begun anew: servers forget where it was (J4)
SLACK = timedelta(minutes=3)  # the source's clock may be several machines', and its index lags
QUIET = timedelta(days=2)  # runs that found nothing new are kept so long: there are thousands of them a day
KEPT = timedelta(days=90)  # and all others so long
TOLD = 5  # troubles that are told one by one

_PLACE = ["cursor", "read", "expected", "reading_from", "reading_began"]
_END = [*_PLACE, "bookmark", "last_success", "error", "error_kind", "not_before"]


def begin(part: SourceSlice, *, now: datetime, full: bool, since: datetime | None) -> SyncRun:
    """A new run of ``part``; it goes on from the cursor of an unfinished read that covers what is wanted.

    Runs that a dead process left are closed first: whoever calls holds the slice's lock.
    """
    SyncRun.objects.filter(slice=part, state=SyncRun.State.RUNNING).update(
        state=SyncRun.State.STOPPED,
        error="The process that read this ended before it was done; the next run goes on from its last page.",
    )
    part.refresh_from_db()
    wanted = None if full else since or (part.bookmark and part.bookmark - SLACK)
    if not _covers(part, wanted, now):
        part.cursor, part.read, part.expected = "", 0, None
        part.reading_from, part.reading_began = wanted, now
        part.save(update_fields=_PLACE)
    return SyncRun.objects.create(
        source_id=part.source_id, slice=part, started=now, since=part.reading_from, full=part.reading_from is None
    )


def began_by(part: SourceSlice, theirs: datetime | None) -> None:
    """The read began no later than ``theirs``, by the source's clock when it first answered.

    What changed is asked for by that clock. Ours may be ahead: the bookmark would pass over changes for ever. One
    that is behind only costs reading a little twice.
    """
    if theirs is not None and part.reading_began is not None:
        part.reading_began = min(part.reading_began, theirs)


def turn_page(part: SourceSlice, run: SyncRun, stored: Stored, *, cursor: str, expected: int | None) -> None:
    """Note that a page is stored; in its transaction."""
    part.cursor = cursor
    part.read += stored.read
    part.expected = expected if expected is not None else part.expected
    changed = ["cursor", "read", "expected", "reading_began"]
    if stored.written:
        part.unsettled = True
        changed.append("unsettled")  # only then: another process may have settled what came before
    part.save(update_fields=changed)
    run.read += stored.read
    run.written += stored.written
    run.failed += stored.failed
    if stored.troubles:
        told = [*run.detail.splitlines(), *stored.troubles]
        run.detail = "\n".join(told[:TOLD])
    run.save(update_fields=["read", "written", "failed", "requests", "detail"])


@transaction.atomic
def finish(part: SourceSlice, run: SyncRun, at: datetime) -> SyncRun:
    """The read is whole. The bookmark moves, last of all, to when it began; not over a gap that it left unread."""
    if part.reading_from is None or (part.bookmark is not None and part.reading_from <= part.bookmark):
        part.bookmark = part.reading_began
    part.cursor, part.read, part.expected = "", 0, None
    part.reading_from = part.reading_began = part.not_before = None
    part.last_success = at
    part.error = part.error_kind = ""
    part.save(update_fields=_END)
    if run.failed:
        run.error = f"{run.failed} of {run.read} records could not be stored and were left out: {run.detail}"
    return _end(run, SyncRun.State.DONE, at)


def fail(part: SourceSlice, run: SyncRun, error: ConnectorError, at: datetime) -> SyncRun:
    """The read ended early: what is stored stays, the bookmark too, and the next run goes on from the cursor."""
    _reconnect()
    with transaction.atomic():
        part.error, part.error_kind = str(error), error.kind
        part.not_before = error.retry_at if error.kind == "limited" else None
        part.save(update_fields=["error", "error_kind", "not_before"])
        run.error, run.error_kind, run.detail = str(error), error.kind, error.detail
        return _end(run, SyncRun.State.FAILED, at)


def stop(run: SyncRun, at: datetime) -> SyncRun:
    """Somebody ended the process politely."""
    _reconnect()
    run.error = "It was interrupted; the next run goes on from its last page."
    return _end(run, SyncRun.State.STOPPED, at)


def forget_old(now: datetime) -> int:
    """Delete the runs nobody will ask for any more; the number of them."""
    quiet = Q(state=SyncRun.State.DONE, written=0, failed=0, started__lt=now - QUIET)
    gone, _ = SyncRun.objects.filter(quiet | Q(started__lt=now - KEPT)).delete()
    return gone


def of_another(part: SourceSlice, now: datetime) -> SyncRun:
    """The run of the process that is reading ``part`` just now; an unsaved one while it has none yet."""
    running = SyncRun.objects.filter(slice=part, state=SyncRun.State.RUNNING).first()
    return running or SyncRun(source_id=part.source_id, slice=part, started=now)


def _reconnect() -> None:
    """What failed may have been the connection itself; then its end needs a new one to be told."""
    if connection.errors_occurred and not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _covers(part: SourceSlice, wanted: datetime | None, now: datetime) -> bool:
    """Whether the unfinished read of ``part`` brings everything since ``wanted`` (None: everything)."""
    if part.reading_began is None or now - part.reading_began > STALE:
        return False
    return part.reading_from is None or (wanted is not None and part.reading_from <= wanted)


def _end(run: SyncRun, state: SyncRun.State, at: datetime) -> SyncRun:
    run.state, run.finished = state, at
    run.save()
    return run
