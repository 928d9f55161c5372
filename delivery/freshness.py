"""How fresh each source is: what is there, what is being read, what stopped and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from delivery import locks
from delivery.models import Repository, Source, SourceSlice, SyncRun, WorkItem
from delivery.turns import EVERY

LATE = 3 * EVERY
RUNS = 20  # newest runs of a source that are told
OPTIONAL = ("workflows", "releases", "deployments", "worklogs")  # no forecast rests on them
SURE = timedelta(seconds=2)  # a rate from less time than this is noise
Part = TypeVar("Part", SyncRun, SourceSlice)


class State(StrEnum):
    """What to say about a source or a slice, the worst last."""

    FRESH = "fresh"
    READING = "reading"
    PARTIAL = "read in part"  # up to date but for something that is told by name
    PAUSED = "paused"
    NEVER = "never read"
    LATE = "late"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SliceState:
    """One part of a source. ``rate`` is items a second, ``left`` the time the rest takes; None while not known.

    ``busy``: it is being read just now. That is its ``state`` only while nothing worse is to say of it.
    ``missing``: how many things of it could not be read; ``alarm``: a sentence while the token sees much less than it
    did; ``counted``: when a census last counted ``count`` things there.
    """

    id: int
    kind: str
    scope: str
    state: State
    last_success: datetime | None
    error: str
    error_kind: str
    not_before: datetime | None
    read: int
    expected: int | None
    rate: float | None
    left: timedelta | None
    busy: bool = False
    missing: int = 0
    alarm: str = ""
    counted: datetime | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source. ``last_success`` is its oldest slice's: None while a part was never read whole.

    ``backfill_from``: history before that day is not read; None for all of it.
    """

    id: int
    name: str
    kind: str
    url: str
    account: str
    version: str
    scopes: tuple[str, ...]
    items: int
    repositories: int
    last_success: datetime | None
    state: State
    error: str
    read: int
    expected: int | None
    rate: float | None
    left: timedelta | None
    slices: tuple[SliceState, ...]
    runs: tuple[SyncRun, ...]
    backfill_from: date | None = None

    @property
    def missing(self) -> int:
        return sum(part.missing for part in self.slices)

    @property
    def alarms(self) -> tuple[str, ...]:
        return tuple(part.alarm for part in self.slices if part.alarm)


def freshness(now: datetime) -> list[SourceState]:
    """Every source, by name; six queries, however many there are."""
    busy = locks.numbers_held(locks.SLICE)
    runs = by_source(_newest_runs(busy))
    slices = by_source(counted())
    items = _counts(WorkItem)
    repositories = _counts(Repository)
    return [
        _source(source, slices[source.pk], runs[source.pk], busy, now, items, repositories)
        for source in Source.objects.all()
    ]


def _source(
    source: Source,
    slices: list[SourceSlice],
    runs: list[SyncRun],
    busy: set[int],
    now: datetime,
    items: dict[int, int],
    repositories: dict[int, int],
) -> SourceState:
    running = {run.slice_id: run for run in runs if run.state == SyncRun.State.RUNNING and run.slice_id in busy}
    parts = tuple(_slice(part, running.get(part.pk), part.pk in busy, now) for part in slices)
    reading = [part for part in parts if part.busy]
    lefts = [part.left for part in reading if part.left is not None]
    return SourceState(
        id=source.pk,
        name=source.name,
        kind=source.kind,
        url=source.url,
        account=source.account,
        version=source.version,
        scopes=tuple(source.scopes),
        items=items.get(source.pk, 0),
        repositories=repositories.get(source.pk, 0),
        last_success=oldest(part.last_success for part in parts),
        state=whole([part.state for part in parts], is_live(source)),
        error=next((part.error for part in parts if part.error), ""),
        read=sum(part.read for part in reading),
        expected=sum(part.expected or part.read for part in reading) if any(p.expected for p in reading) else None,
        rate=sum(part.rate for part in reading if part.rate is not None) or None,
        left=max(lefts, default=None),
        slices=parts,
        runs=tuple(runs[:RUNS]),
        backfill_from=source.backfill_from,
    )


def _slice(part: SourceSlice, run: SyncRun | None, busy: bool, now: datetime) -> SliceState:
    spent = now - run.started if run else timedelta()
    rate = run.read / spent.total_seconds() if run and run.read and spent >= SURE else None
    rest = max(part.expected - part.read, 0) if part.expected is not None else None
    return SliceState(
        id=part.pk,
        kind=part.kind,
        scope=part.scope,
        state=state_of(part, busy, now),
        last_success=part.last_success,
        error=part.error,
        error_kind=part.error_kind,
        not_before=part.not_before,
        read=part.read,
        expected=part.expected,
        rate=rate,
        left=timedelta(seconds=rest / rate) if rate and rest is not None else None,
        busy=busy,
        missing=lacking_in(part),
        alarm=part.alarm,
        counted=part.counted,
        count=part.count,
    )


def state_of(part: SourceSlice, busy: bool, now: datetime) -> State:
    """Being read mends neither an error nor an age before it is done: it stands only for what is fresh or new."""
    if part.error:
        return State.STOPPED
    if part.last_success is not None and now - part.last_success > LATE:
        return State.LATE
    if part.last_success is not None and (part.alarm or lacking_in(part)):
        return State.PARTIAL
    if busy:
        return State.READING
    return State.FRESH if part.last_success else State.NEVER


def whole(parts: Collection[State], live: bool) -> State:
    """A source is as its worst part; while one is read, that stands above what merely waits for its first time."""
    if not live:
        return State.PAUSED
    worst = max(parts or [State.NEVER], key=list(State).index)
    return State.READING if worst == State.NEVER and State.READING in parts else worst


def is_live(source: Source) -> bool:
    return not source.paused and source.disconnected is None


def lacking_in(part: SourceSlice) -> int:
    return int(getattr(part, "lacking", 0))


def oldest(successes: Iterable[datetime | None]) -> datetime | None:
    times = list(successes)
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None


def _newest_runs(busy: set[int]) -> Iterable[SyncRun]:
    """The newest runs of each source, and those that run."""
    chosen = RawSQL(
        "SELECT r.id FROM delivery_source s CROSS JOIN LATERAL ("
        "SELECT id FROM delivery_syncrun WHERE source_id = s.id ORDER BY started DESC, id DESC LIMIT %s) r "
        "UNION ALL SELECT id FROM delivery_syncrun WHERE state = 'running' AND slice_id = ANY(%s)",
        [RUNS, list(busy)],
    )
    return SyncRun.objects.filter(pk__in=chosen).select_related("slice").order_by("-started", "-id")


def counted() -> QuerySet[SourceSlice]:
    """All parts, each with how much of it is ``lacking``; without those that a token was never given a right to.

    These are no trouble of today: the source says what its token lacks, and they are asked for again each hour.
    """
    rows = SourceSlice.objects.annotate(lacking=Count("missing")).order_by("source", "kind", "scope")
    withheld = Q(kind__in=OPTIONAL, error_kind="permission", last_success=None, source__lacks__len__gt=0)
    return rows.exclude(withheld)


def by_source(rows: Iterable[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows:
        found[row.source_id].append(row)
    return found


def _counts(model: type[WorkItem] | type[Repository]) -> dict[int, int]:
    rows = model.objects.filter(deleted__isnull=True).values("source").annotate(n=Count("pk")).order_by()
    return dict(rows.values_list("source", "n"))
