"""How fresh each source is: what is there, what is being read, what stopped and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from delivery import locks
from delivery.models import Repository, Source, SourceSlice, SyncRun, TeamScope, WorkItem
from delivery.sync import EVERY

LATE = 3 * EVERY
RUNS = 20  # newest runs of a source that are told
SURE = timedelta(seconds=2)  # a rate from less time than this is noise
Part = TypeVar("Part", SyncRun, SourceSlice)


class State(StrEnum):
    """What to say about a source or a slice, the worst last."""

    FRESH = "fresh"
    READING = "reading"
    PAUSED = "paused"
    NEVER = "never read"
    LATE = "late"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SliceState:
    """One part of a source. ``rate`` is items a second, ``left`` the time the rest takes; None while not known.

    ``busy``: it is being read just now. That is its ``state`` only while nothing worse is to say of it.
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


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source. ``last_success`` is its oldest slice's: None while a part was never read whole."""

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


@dataclass(frozen=True, slots=True)
class Standing:
    """A source in short, by the same rules as SourceState: how many of its ``parts`` are ``stopped``.

    ``unread``: what teams call their work there and nobody reads, because the source was connected without it.
    """

    name: str
    state: State
    last_success: datetime | None
    parts: int
    stopped: int
    unread: tuple[str, ...] = ()


def standings(sources: QuerySet[Source], now: datetime) -> list[Standing]:
    """How each of ``sources`` stands; two queries, however many there are."""
    busy = locks.numbers_held(locks.SLICE)
    slices = _by_source(SourceSlice.objects.all())
    lost = sources.annotate(unread=ArraySubquery(_unread()))
    return [_standing(source, source.unread, slices[source.pk], busy, now) for source in lost]


def _unread() -> QuerySet[TeamScope, Any]:
    """The scopes of living teams in a source that has parts, but none of these."""
    parts = SourceSlice.objects.filter(source=OuterRef("source"))
    own = parts.filter(scope__iexact=OuterRef("scope"))
    scopes = TeamScope.objects.filter(Exists(parts), ~Exists(own), source=OuterRef("pk"), team__archived=False)
    return scopes.order_by("scope").values("scope").distinct()


def _standing(source: Source, unread: list[str], slices: list[SourceSlice], busy: set[int], now: datetime) -> Standing:
    states = [_state(part, part.pk in busy, now) for part in slices]
    oldest = _oldest(part.last_success for part in slices)
    stopped = states.count(State.STOPPED)
    return Standing(source.name, _whole(source, states), oldest, len(slices), stopped, tuple(unread))


def freshness(now: datetime) -> list[SourceState]:
    """Every source, by name; six queries, however many there are."""
    busy = locks.numbers_held(locks.SLICE)
    runs = _by_source(_newest_runs(busy))
    slices = _by_source(SourceSlice.objects.all())
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
        last_success=_oldest(part.last_success for part in parts),
        state=_whole(source, [part.state for part in parts]),
        error=next((part.error for part in parts if part.error), ""),
        read=sum(part.read for part in reading),
        expected=sum(part.expected or part.read for part in reading) if any(p.expected for p in reading) else None,
        rate=sum(part.rate for part in reading if part.rate is not None) or None,
        left=max(lefts, default=None),
        slices=parts,
        runs=tuple(runs[:RUNS]),
    )


def _slice(part: SourceSlice, run: SyncRun | None, busy: bool, now: datetime) -> SliceState:
    spent = now - run.started if run else timedelta()
    rate = run.read / spent.total_seconds() if run and run.read and spent >= SURE else None
    rest = max(part.expected - part.read, 0) if part.expected is not None else None
    return SliceState(
        id=part.pk,
        kind=part.kind,
        scope=part.scope,
        state=_state(part, busy, now),
        last_success=part.last_success,
        error=part.error,
        error_kind=part.error_kind,
        not_before=part.not_before,
        read=part.read,
        expected=part.expected,
        rate=rate,
        left=timedelta(seconds=rest / rate) if rate and rest is not None else None,
        busy=busy,
    )


def _state(part: SourceSlice, busy: bool, now: datetime) -> State:
    """Being read mends neither an error nor an age before it is done: it stands only for what is fresh or new."""
    if part.error:
        return State.STOPPED
    if part.last_success is not None and now - part.last_success > LATE:
        return State.LATE
    if busy:
        return State.READING
    return State.FRESH if part.last_success else State.NEVER


def _whole(source: Source, parts: Collection[State]) -> State:
    """A source is as its worst part; while one is read, that stands above what merely waits for its first time."""
    if source.paused:
        return State.PAUSED
    worst = max(parts or [State.NEVER], key=list(State).index)
    return State.READING if worst == State.NEVER and State.READING in parts else worst


def _oldest(successes: Iterable[datetime | None]) -> datetime | None:
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


def _by_source(rows: Iterable[Part]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows:
        found[row.source_id].append(row)
    return found


def _counts(model: type[WorkItem] | type[Repository]) -> dict[int, int]:
    rows = model.objects.filter(deleted__isnull=True).values("source").annotate(n=Count("pk")).order_by()
    return dict(rows.values_list("source", "n"))
