"""Whose turn it is to be read: the slices that are due, the sources that were read and never settled."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from delivery import locks
from delivery.models import Source, SourceSlice

EVERY = timedelta(minutes=5)  # the beat of sync_due in settings
SLOW = timedelta(hours=1)  # between tries that only a person can make succeed
HOPELESS = ("credentials", "expired", "address", "outdated")  # and asking often may lock the account
_READINGS = Q(runs__full=True) | Q(runs__since__isnull=False)  # what is neither looks at single things (runs.look)
_LIVE = {"paused": False, "disconnected__isnull": True, "removing": False}


def live() -> QuerySet[Source]:
    """Sources that are read: not paused, not disconnected, not being taken away."""
    return Source.objects.filter(**_LIVE)


def is_live(source: Source) -> bool:
    """As its row says now: a person may have paused it in another process."""
    return live().filter(pk=source.pk).exists()


def of_live_sources() -> Q:
    """The slices of such sources."""
    return Q(**{f"source__{name}": value for name, value in _LIVE.items()})


def behind() -> QuerySet[Source]:
    """Sources that brought something which nobody settled: the word for it was lost, or its process died.

    Not while a part of theirs that did is being read: whoever reads it has it settled at the end.
    """
    idle = SourceSlice.objects.filter(unsettled=True).exclude(pk__in=locks.numbers_held(locks.SLICE))
    return Source.objects.filter(pk__in=idle.values("source"), removing=False)


def due(now: datetime, *, among: QuerySet[SourceSlice] | None = None) -> list[SourceSlice]:
    """The slices (of ``among``) whose turn it is: of a live source, not parked by a quota, not read since the beat.

    A look at single things or a count is no reading: where a webhook comes every minute, polling has its turn too.
    """
    parts = (SourceSlice.objects.all() if among is None else among).filter(of_live_sources())
    tried = parts.select_related("source").annotate(tried=Max("runs__started", filter=_READINGS))
    return [part for part in tried if _is_due(part, part.tried, now)]


def _is_due(part: SourceSlice, tried: datetime | None, now: datetime) -> bool:
    if part.not_before is not None and part.not_before > now:
        return False
    wait = SLOW if part.error_kind in (*HOPELESS, "permission") else EVERY
    return tried is None or now - tried >= wait - timedelta(minutes=1)  # a beat may come a little early
