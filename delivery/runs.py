"""The book of a slice's readings: where one begins, how far it came, how it ended. Every run is a row."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from time import sleep

from django.db import OperationalError, connection, transaction
from django.db.models import Q

from delivery.connectors.contract import ConnectorError
from delivery.models import Source, SourceSlice, SyncRun
from delivery.store.pages import Stored

STALE = timedelta(days=3)  # an unfinished read older than this is begun anew: servers forget where it was (J4)
SLACK = timedelta(minutes=3)  # the source's clock may be several machines', and its index lags
QUIET = timedelta(days=2)  # runs that found nothing new are kept so long: there are thousands of them a day
KEPT = timedelta(days=90)  # and all others so long
BACK_IN = 20  # seconds for which a database that is away is waited for
TOLD = 5  # troubles that are told one by one
WHOLE_KINDS = ("statuses", "sprints")  # have no history worth cutting

_PLACE = ["cursor", "read", "expected", "reading_from", "reading_began"]
_END = [*_PLACE, "bookmark", "last_success", "error", "error_kind", "not_before"]


def begin(part: SourceSlice, *, now: datetime, full: bool, since: datetime | None) -> SyncRun:
    """A new run of ``part``; it goes on from the cursor of an unfinished read that covers what is wanted.

    Runs that a dead process left are closed first: whoever calls holds the slice's lock.
    """
    _close_dead(part)
    part.refresh_from_db()
    wanted = floor(part) if full else since or (part.bookmark - SLACK if part.bookmark else floor(part))
    if not _covers(part, wanted, now):
        part.cursor, part.read, part.expected = "", 0, None
        part.reading_from, part.reading_began = wanted, now
        part.save(update_fields=_PLACE)
    return SyncRun.objects.create(
        source_id=part.source_id, slice=part, started=now, since=part.reading_from, full=_is_whole(part)
    )


def look(part: SourceSlice, now: datetime) -> SyncRun:
    """A new run that looks at single things; bookmark and cursor stay. Whoever calls holds the slice's lock."""
    _close_dead(part)
    return SyncRun.objects.create(source_id=part.source_id, slice=part, started=now)


def _close_dead(part: SourceSlice) -> None:
    SyncRun.objects.filter(slice=part, state=SyncRun.State.RUNNING).update(
        state=SyncRun.State.STOPPED,
        error="The process that read this ended before it was done; the next run goes on from its last page.",
    )


def floor(part: SourceSlice) -> datetime | None:
    """From when on history is wanted (None: all of it); what did not change since then is not read."""
    day = part.source.backfill_from
    return None if day is None or part.kind in WHOLE_KINDS else datetime.combine(day, time(), UTC)


def begin_anew(source: Source) -> None:
    """The next read of every part brings all that is wanted: a person wants more history, or trusts no bookmark."""
    source.slices.update(bookmark=None, cursor="", read=0, expected=None, reading_from=None, reading_began=None)


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
    if stored.written or stored.deleted:
        part.unsettled = True
        changed.append("unsettled")  # only then: another process may have settled what came before
    part.save(update_fields=changed)
    note(run, stored)
    run.save(update_fields=["read", "written", "deleted", "failed", "requests", "detail"])


def note(run: SyncRun, stored: Stored) -> None:
    """Add what became of a page."""
    run.read += stored.read
    run.written += stored.written
    run.deleted += stored.deleted
    run.failed += stored.failed
    if stored.gaps:
        told = [*run.detail.splitlines(), *(" ".join(_clean(one).split()) for one in stored.troubles)]
        run.detail = "\n".join(told[:TOLD])


@transaction.atomic
def finish(part: SourceSlice, run: SyncRun, at: datetime) -> SyncRun:
    """The read is whole. The bookmark moves, last of all, to when it began; not over a gap that it left unread, which
    makes no part fresh either."""
    if _is_whole(part) or _reaches(part.reading_from, part.bookmark):
        part.bookmark, part.last_success = _reached(part), at
    part.cursor, part.read, part.expected = "", 0, None
    part.reading_from = part.reading_began = part.not_before = None
    part.error = part.error_kind = ""
    part.save(update_fields=_END)
    return end(run, at)


def _reached(part: SourceSlice) -> datetime | None:
    """Up to when the part is whole now. Worklogs of an item that is not here yet are passed over: they reach no further
    than the items of their project do."""
    if part.kind != "worklogs" or part.reading_began is None:
        return part.reading_began
    items = SourceSlice.objects.filter(source=part.source_id, kind="issues", scope=part.scope)
    until = items.values_list("bookmark", flat=True).first()
    return None if until is None else min(until, part.reading_began)


def end(run: SyncRun, at: datetime) -> SyncRun:
    """A reading that came to its end: done, or done in part where something of it is missing here."""
    if not run.failed:
        return _end(run, SyncRun.State.DONE, at)
    listed = run.detail.splitlines()
    more = f"; and {run.failed - len(listed)} more" if run.failed > len(listed) else ""
    run.error = f"{lacking(run.failed)}, all else is: {'; '.join(listed)}{more}"
    return _end(run, SyncRun.State.PARTIAL, at)


def lacking(count: int) -> str:
    """3 things could not be read and are missing here"""
    return f"{count:,} {'thing' if count == 1 else 'things'} could not be read and {'is' if count == 1 else 'are'} missing here"


def fail(part: SourceSlice, run: SyncRun, error: ConnectorError, at: datetime) -> SyncRun:
    """The read ended early: what is stored stays, the bookmark too, and the next run goes on from the cursor."""
    _reconnect()
    with transaction.atomic():
        part.error, part.error_kind = _clean(str(error)), error.kind
        part.not_before = error.retry_at if error.kind == "limited" else None
        part.save(update_fields=["error", "error_kind", "not_before"])
        _blame(run, error)
        return _end(run, SyncRun.State.FAILED, at)


def break_off(run: SyncRun, error: ConnectorError, at: datetime) -> SyncRun:
    """A look at single things failed: the slice is as it was."""
    _reconnect()
    _blame(run, error)
    return _end(run, SyncRun.State.FAILED, at)


def stop(run: SyncRun, at: datetime, why: str = "It was interrupted") -> SyncRun:
    """Somebody ended the process politely, or the reading of this source."""
    _reconnect()
    run.error = f"{why}; the next run goes on from its last page."
    return _end(run, SyncRun.State.STOPPED, at)


def forget_old(now: datetime) -> int:
    """Delete the runs nobody will ask for any more; the number of them."""
    quiet = Q(state=SyncRun.State.DONE, written=0, deleted=0, failed=0, started__lt=now - QUIET)
    gone, _ = SyncRun.objects.filter(quiet | Q(started__lt=now - KEPT)).delete()
    return gone


def of_another(part: SourceSlice, now: datetime) -> SyncRun:
    """The run of the process that is reading ``part`` just now; an unsaved one while it has none yet."""
    running = SyncRun.objects.filter(slice=part, state=SyncRun.State.RUNNING).first()
    return running or SyncRun(source_id=part.source_id, slice=part, started=now)


def let_go(run: SyncRun, at: datetime) -> SyncRun:
    """The part is gone, and its book with it: somebody took its project out of the source while it was read."""
    run.error = "Its project is not read any more."
    run.state, run.finished = SyncRun.State.STOPPED, at
    return run


def _blame(run: SyncRun, error: ConnectorError) -> None:
    run.error, run.error_kind, run.detail = _clean(str(error)), error.kind, _clean(error.detail)


def _clean(text: str) -> str:
    """Without what no column holds: NUL, and halves of surrogate pairs (J35)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _reconnect() -> None:
    """What failed may have been the connection itself; then its end needs a new one to be told.

    A PostgreSQL that is started again is away for some seconds.
    """
    if not connection.errors_occurred or connection.in_atomic_block:
        return
    connection.close_if_unusable_or_obsolete()
    left = BACK_IN
    while not _is_back() and left:
        sleep(1)
        left -= 1


def _is_back() -> bool:
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    return True


def _is_whole(part: SourceSlice) -> bool:
    """Whether the unfinished read of ``part`` brings all that is wanted of it."""
    return _reaches(part.reading_from, floor(part))


def _covers(part: SourceSlice, wanted: datetime | None, now: datetime) -> bool:
    """Whether the unfinished read of ``part`` brings everything since ``wanted`` (None: everything)."""
    if part.reading_began is None or now - part.reading_began > STALE:
        return False
    return _reaches(part.reading_from, wanted)


def _reaches(start: datetime | None, wanted: datetime | None) -> bool:
    """Whether what is read from ``start`` on holds all since ``wanted``; None is the beginning."""
    return start is None or (wanted is not None and start <= wanted)


def _end(run: SyncRun, state: SyncRun.State, at: datetime) -> SyncRun:
    run.state, run.finished = state, at
    run.save()
    return run
