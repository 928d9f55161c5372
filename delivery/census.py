"""Counting what a source has: the only way to learn of deletions, which leave no trace in a search (J16, J17).

Once a day the native ids of a part are compared with its rows. What is absent for the first time is only noted; absent
again, it is asked for by its id, and marked deleted when it is not there either. What the source has and we do not is
read. Nothing is believed of a count that ended early, that is nought, or that fell suddenly: then an alarm says so until
the counts are back, or an administrator says that it is true.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.db import connection, transaction
from django.db.models import F, Q

from delivery import locks, reading, runs, sync, turns
from delivery.connectors.contract import Connector, ConnectorError, Slice
from delivery.models import PullRequest, Source, SourceKind, SourceSlice, SyncRun, WorkItem

DAILY = timedelta(hours=23)  # between two counts
NEXT_DAY = timedelta(hours=20)  # a drop that is still there after so long was no passing one
FEW = 10  # so many may go at once without an alarm
SUDDEN = 0.2  # and this share of all
MOST = 2000  # things that one count has read again; the next takes the rest
KINDS = ("issues", "pulls")

log = logging.getLogger(__name__)

_COMPARE = """
WITH seen AS MATERIALIZED (SELECT unnest(%(ids)s::varchar[]) AS native_id),
held AS MATERIALIZED (
    SELECT native_id, absent, deleted FROM delivery_workitem WHERE source_id = %(source)s AND project = %(scope)s
)
SELECT count(h.native_id) FILTER (WHERE h.deleted IS NULL),
    coalesce(array_agg(h.native_id) FILTER (WHERE s.native_id IS NULL AND h.deleted IS NULL AND h.absent IS NULL), '{}'),
    coalesce(array_agg(h.native_id) FILTER (WHERE s.native_id IS NULL AND h.deleted IS NULL AND h.absent IS NOT NULL), '{}'),
    coalesce(array_agg(s.native_id) FILTER (WHERE h.native_id IS NULL), '{}'),
    coalesce(array_agg(s.native_id) FILTER (WHERE h.deleted IS NOT NULL), '{}')
FROM held h FULL JOIN seen s ON s.native_id = h.native_id
"""


@dataclass(frozen=True, slots=True)
class _Compared:
    """Native ids; ``held`` is how many rows count as there, ``seen`` how many ids came."""

    seen: int
    held: int
    first: Sequence[str]  # missed for the first time
    again: Sequence[str]  # missed before, too
    unknown: Sequence[str]
    back: Sequence[str]  # marked deleted, and there


def due(now: datetime) -> list[SourceSlice]:
    """The parts to be counted today: those that were read whole and are well."""
    well = Q(last_success__isnull=False, reading_began__isnull=True, error="", kind__in=KINDS)
    parked = Q(not_before__gt=now)
    uncounted = Q(counted__isnull=True) | Q(counted__lte=now - DAILY)
    return list(
        SourceSlice.objects.filter(turns.of_live_sources(), well, uncounted).exclude(parked).select_related("source")
    )


def take(part: SourceSlice, *, now: datetime, connector: Connector | None = None) -> SyncRun:
    """Count a part and put right what differs; of pull requests, look again at those that are open here (G5).

    The run's ``read`` are the things that were read again, ``deleted`` those that are gone. Never raises for what a
    source did wrong: the run says it, and nothing is marked. Left alone while another process reads the part.
    """
    with locks.held(locks.SLICE, part.pk) as mine:
        if not mine:
            return runs.of_another(part, now)
        run = runs.look(part, now)
        clock = sync.clock_from(now)
        try:
            with sync.connected(part, connector) as open_one:
                if part.kind == "pulls":
                    _look_again(part, run, open_one)
                elif open_one.counted(part.kind):
                    _count(part, run, open_one)
        except ConnectorError as error:
            return runs.break_off(run, error, clock())
        except Exception as error:
            log.exception("Counting %s of %s failed.", part, part.source)
            return runs.break_off(run, sync.own_fault(error), clock())
        except BaseException:
            runs.stop(run, clock())
            raise
        return runs.end(run, clock())


def take_all(source: Source, *, now: datetime) -> list[SyncRun]:
    """Count every part of a source that was read whole, whether it is due or not, and settle what rests on it."""
    parts = source.slices.filter(last_success__isnull=False, kind__in=KINDS).select_related("source")
    if not turns.is_live(source) or not parts:
        return []
    try:
        connector = sync.connect_to(source)
    except ConnectorError:  # each part will say so for itself
        return [take(part, now=now) for part in parts]
    with closing(connector):
        done = [take(part, now=now, connector=connector) for part in parts]
    sync.settle(source, now=now)
    return done


def accept(part: SourceSlice) -> None:
    """An administrator says that what a part no longer shows is really gone: the next count, due at once, believes it
    (and still asks for each by its id)."""
    SourceSlice.objects.filter(pk=part.pk).update(alarm="", count=0, counted=None)


def _count(part: SourceSlice, run: SyncRun, connector: Connector) -> None:
    before = _requests(connector)
    ids = list(dict.fromkeys(chain.from_iterable(connector.census(Slice(part.kind, part.scope)))))
    run.requests = _requests(connector) - before
    part.refresh_from_db()
    found, accepted = _compare(part, ids), part.count == 0 and part.counted is None
    dropped = not accepted and _is_sudden(part, found)
    if dropped and not _is_confirmed(part, found, run.started):
        _alarm(part, found, run.started)
        return
    with transaction.atomic():
        _mark(part, found, run.started)
        if dropped:
            part.alarm, part.counted = _sentence(part, found, marked=True), run.started
        else:
            part.alarm, part.counted, part.count = "", run.started, found.seen
        part.save(update_fields=["alarm", "counted", "count"])
    missed = [*found.again, *(found.first if accepted else ())]
    _read_again(part, run, connector, [*missed, *found.back, *_wanted(part, found.unknown)])


def _compare(part: SourceSlice, ids: Sequence[str]) -> _Compared:
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, {"ids": list(ids), "source": part.source_id, "scope": part.scope})
        return _Compared(len(ids), *cursor.fetchone())


def _is_sudden(part: SourceSlice, found: _Compared) -> bool:
    """Far less than at the last count, or much of what is here not there: a permission may be gone (J17)."""
    missed = len(found.first) + len(found.again)
    fell = part.count is not None and _is_much(part.count - found.seen, part.count)
    return fell or _is_much(missed, found.held)


def _is_much(less: int, of: int) -> bool:
    return less > FEW and less > SUDDEN * of


def _is_confirmed(part: SourceSlice, found: _Compared, now: datetime) -> bool:
    """Whether a drop was there the day before, too. Nothing at all is never believed without a person's word."""
    return bool(part.alarm and found.seen and part.counted and now - part.counted >= NEXT_DAY)


def _alarm(part: SourceSlice, found: _Compared, now: datetime) -> None:
    if not part.alarm:
        part.counted = now
    part.alarm = _sentence(part, found, marked=False)
    part.save(update_fields=["alarm", "counted"])


def _sentence(part: SourceSlice, found: _Compared, *, marked: bool) -> str:
    before = max(part.count or 0, found.held, found.seen)
    return (
        f"The token sees {found.seen:,} of the {before:,} items of {part.scope} that it saw before. If it lost a "
        "permission (a role in the project, an issue security level), give it back and they return; if they are really "
        "gone, say so here. "
        + (
            "It is so for more than a day, so what is not there by its id either is marked deleted."
            if marked
            else "Nothing was marked deleted."
        )
    )


def _mark(part: SourceSlice, found: _Compared, now: datetime) -> None:
    rows = WorkItem.objects.filter(source=part.source_id, project=part.scope)
    rows.filter(native_id__in=found.first).update(absent=now)
    rows.filter(absent__isnull=False).exclude(native_id__in=[*found.first, *found.again]).update(absent=None)


def _wanted(part: SourceSlice, unknown: Sequence[str]) -> list[str]:
    """What of the ids that we do not have belongs here: all, or where history is cut, what is younger than the cut.

    A tracker numbers as it goes. GitHub answers for a number only, which an id does not tell; its lists do not lag.
    """
    if part.source.kind == SourceKind.GITHUB:
        return []
    if (floor := runs.floor(part)) is None:
        return list(unknown)
    young = WorkItem.objects.filter(source=part.source_id, project=part.scope, created__gte=floor)
    numbers = [int(id) for id in young.values_list("native_id", flat=True) if id.isdigit()]
    return [id for id in unknown if id.isdigit() and numbers and int(id) >= min(numbers)]


def _read_again(part: SourceSlice, run: SyncRun, connector: Connector, ids: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(ids))[:MOST]
    if wanted and part.source.kind == SourceKind.GITHUB:  # it knows its issues by their keys
        rows = WorkItem.objects.filter(source=part.source_id, native_id__in=wanted)
        wanted = list(rows.order_by("pk").values_list("key", flat=True))
    if wanted:
        reading.reread(part, run, connector, wanted)


def _look_again(part: SourceSlice, run: SyncRun, connector: Connector) -> None:
    """The pull requests that are open here and that the feed was silent about for a day, the newest first."""
    rows = PullRequest.objects.filter(
        repository__source=part.source_id, repository__name__iexact=part.scope, deleted__isnull=True
    )
    silent = rows.filter(merged__isnull=True, closed__isnull=True, updated__lt=run.started - timedelta(days=1))
    numbers = silent.order_by(F("updated").desc()).values_list("number", flat=True)[:MOST]
    if wanted := [str(number) for number in numbers]:
        reading.reread(part, run, connector, wanted)
    part.counted = run.started
    part.save(update_fields=["counted"])


def _requests(connector: Connector) -> int:
    return getattr(connector, "requests", 0)
