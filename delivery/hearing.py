"""What webhooks hinted at is read again. What is stored is what the source says now, never what a delivery said: old
ones, repeated ones and ones out of order do no harm (J34, G25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from delivery import locks, sources, sync
from delivery.connectors.contract import Connector, ConnectorError
from delivery.connectors.hook import SCOPES
from delivery.models import HookDelivery, Source, SourceSlice, SyncRun, WorkItem
from delivery.sync import HOPELESS

HEARING = 7190  # the lock of a source whose deliveries are being heard (delivery.locks)
PATIENCE = timedelta(hours=1)  # by then polling has brought what a delivery that cannot be heard was about
MANY = 200  # things of one slice: looking through what changed lately costs no more
ENDED = (SyncRun.State.DONE, SyncRun.State.PARTIAL)


@dataclass(frozen=True, slots=True)
class Heard:
    """``waits``: something is still to be heard, soon. ``changed``: links and scopes are to be settled."""

    runs: tuple[SyncRun, ...] = ()
    waits: bool = False
    changed: bool = False


@dataclass(slots=True)
class _Wish:
    """What deliveries want of one slice."""

    part: SourceSlice
    ids: dict[str, None] = field(default_factory=dict)
    whole: bool = False
    of: set[int] = field(default_factory=set)  # the deliveries


def hear(source: Source, *, now: datetime) -> Heard:
    """Read again what the open deliveries of ``source`` name, each slice and each thing once.

    A delivery is done once the rows are committed: killed in between, it is heard again. Never raises for what a
    source did wrong: then it stays open for an hour.
    """
    with locks.held(HEARING, source.pk) as mine:
        if not mine:
            return Heard(waits=True)
        still = HookDelivery.objects.filter(source=source, done=None)
        _tell(source, still)
        if source.paused or source.disconnected is not None:
            still.update(done=now)  # whoever resumes it has it read from its bookmarks
            return Heard()
        found = list(still.order_by("id"))
        heard = _hear(source, found, now)
        still.filter(pk__in=[one.pk for one in found], received__lt=now - PATIENCE).update(done=now)
        return heard


def _hear(source: Source, found: Sequence[HookDelivery], now: datetime) -> Heard:
    wishes = _wishes(source, found)
    join = [one for one in found if one.kind == SCOPES and source.patterns]
    wanted = {number for wish in wishes for number in wish.of} | {one.pk for one in join}
    _done([one.pk for one in found if one.pk not in wanted], now)
    if join:
        _join(source, join, now)
    return _heard(source, wishes, now) if wishes else Heard()


def unheard(before: datetime) -> QuerySet[Source]:
    """Sources with deliveries from before that instant that nobody has heard: the word for it was lost."""
    return Source.objects.filter(pk__in=HookDelivery.objects.filter(done=None, received__lt=before).values("source"))


def _heard(source: Source, wishes: Iterable[_Wish], now: datetime) -> Heard:
    try:
        connector = sync.connect_to(source)
    except ConnectorError:  # the slices say so for themselves, at the next beat
        return Heard()
    runs: list[SyncRun] = []
    waits = changed = False
    with closing(connector):
        for wish in wishes:
            mine = _fulfil(wish, connector, now)
            runs += mine
            changed = changed or any(run.written or run.deleted for run in mine)
            if mine and all(run.state in ENDED for run in mine):
                _done(wish.of, now)
            waits = waits or any(run.state == SyncRun.State.RUNNING for run in mine)
    return Heard(tuple(runs), waits, changed)


def _fulfil(wish: _Wish, connector: Connector, now: datetime) -> list[SyncRun]:
    """The runs of a wish. None where the slice rests: over a quota, or with a token that only a person can mend."""
    part = wish.part
    if part.error_kind in HOPELESS or (part.not_before is not None and part.not_before > now):
        return []
    runs = []
    few = 0 < len(wish.ids) <= MANY
    if few:
        runs.append(sync.reread_slice(part, list(wish.ids), now=now, connector=connector))
    if wish.whole or not few:
        runs.append(sync.sync_slice(part, now=now, connector=connector))
    return runs


def _wishes(source: Source, found: Sequence[HookDelivery]) -> list[_Wish]:
    """What the deliveries want, put together slice by slice."""
    parts = list(source.slices.select_related("source"))
    homes = _homes(source, found)
    wishes: dict[int, _Wish] = {}
    for one in found:
        for part in _parts_of(one, parts, homes):
            wish = wishes.setdefault(part.pk, _Wish(part))
            wish.ids |= dict.fromkeys(one.ids)
            wish.whole = wish.whole or not one.ids
            wish.of.add(one.pk)
    return list(wishes.values())


def _parts_of(one: HookDelivery, parts: Iterable[SourceSlice], homes: dict[str, set[str]]) -> list[SourceSlice]:
    """The slices to look in: the named one; also where we hold the thing, if it moved (J15); else all of the kind."""
    scopes = {one.scope.lower()} | {scope for id in one.ids for scope in homes[id]}
    anywhere = not one.scope and not one.ids
    return [part for part in parts if part.kind == one.kind and (anywhere or part.scope.lower() in scopes)]


def _homes(source: Source, found: Iterable[HookDelivery]) -> dict[str, set[str]]:
    """In which project we hold each thing that is named."""
    ids = {id for one in found if one.kind == "issues" for id in one.ids}
    homes: dict[str, set[str]] = defaultdict(set)
    held = WorkItem.objects.filter(source=source, native_id__in=ids).order_by() if ids else WorkItem.objects.none()
    for id, project in held.values_list("native_id", "project"):
        homes[id].add(project.lower())
    return homes


def _join(source: Source, found: Sequence[HookDelivery], now: datetime) -> None:
    """There are other projects or repositories: those that fit the patterns join."""
    try:
        sources.expand_patterns(source)
    except ConnectorError:
        return
    _done([one.pk for one in found], now)


def _done(numbers: Iterable[int], now: datetime) -> None:
    HookDelivery.objects.filter(pk__in=list(numbers)).update(done=now)


def _tell(source: Source, still: QuerySet[HookDelivery]) -> None:
    """Note when the last one came. Not while it is accepted: a renewal of the token may hold the row for seconds."""
    last = still.aggregate(last=Max("received"))["last"]
    if last is not None and (source.hook_heard is None or source.hook_heard < last):
        Source.objects.filter(pk=source.pk).update(hook_heard=last)
        source.hook_heard = last
