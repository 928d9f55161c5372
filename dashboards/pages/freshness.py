"""How old the data is, source by source: what the foot of the sidebar and the notices say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q

from dashboards import words
from delivery.access import visible_sources
from people.access import User

STALE: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SourceAge:
    """A source that is read. ``read``: when its oldest part was last read whole, None while a part never was."""

    name: str
    read: datetime | None
    late: bool  # read longer ago than STALE
    stopped: int  # parts whose last try failed
    says: str

    @property
    def in_trouble(self) -> bool:
        return self.late or self.stopped > 0


@dataclass(frozen=True, slots=True)
class Freshness:
    """All sources together, as old as the oldest."""

    age: str
    in_trouble: tuple[SourceAge, ...]
    known: bool  # whether there is any source, and everything was read once


def source_ages(user: User, now: datetime) -> list[SourceAge]:
    """Every source that is not paused; one query."""
    failed = Count("slices", filter=~Q(slices__error=""))
    unread = Count("slices", filter=Q(slices__last_success__isnull=True))
    rows = visible_sources(user).filter(paused=False).annotate(oldest=Min("slices__last_success"))
    rows = rows.annotate(parts=Count("slices"), unread=unread, stopped=failed).order_by("name")
    return [_age(*row, now=now) for row in rows.values_list("name", "oldest", "parts", "unread", "stopped")]


def freshness(ages: Sequence[SourceAge], now: datetime) -> Freshness:
    trouble = tuple(one for one in ages if one.in_trouble)
    read = [one.read for one in ages if one.read]
    if not ages:
        return Freshness("none yet", trouble, known=False)
    if len(read) < len(ages):
        return Freshness("reading", trouble, known=False)
    return Freshness(words.ago(min(read), now), trouble, known=True)


def _age(name: str, oldest: datetime | None, parts: int, unread: int, stopped: int, *, now: datetime) -> SourceAge:
    read = oldest if parts and not unread else None
    late = read is not None and now - read > STALE
    last = f"last read {words.ago(read, now)}" if read else "not read to the end yet"
    state = f"stopped in {stopped} of {words.plural(parts, 'part')}, " if stopped else ""
    return SourceAge(name, read, late, stopped, f"{name}: {state}{last}")
