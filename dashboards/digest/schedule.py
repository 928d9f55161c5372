"""When a reader's digest is due: a weekday and an hour of their own clock, once in a week. PURE.

A week is that of ISO 8601 and named by it: 2026-W48. An hour that the clock leaves out in spring is the one after it; one
that comes twice in autumn is the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEK: Final = timedelta(weeks=1)
_NAME: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slot:
    """``at``: the instant when a digest is due; ``day``: the reader's day of it, and ``week`` the week of that day."""

    week: str
    day: date
    at: datetime


def week_of(day: date) -> str:
    """The week of ``day``: 2026-W48."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02d}"


def monday_of(week: str) -> date:
    """The first day of a week as ``week_of`` names it. Raises ValueError for anything else."""
    found = _NAME.fullmatch(week)
    if found is None:
        raise ValueError(f"Write a week as 2026-W47, not “{week}”.")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise ValueError(f"There is no week {week}: a year has weeks 01 to 52 or 53.") from None


def clock(zone: str) -> ZoneInfo:
    """The clock of a time zone; that of UTC for a name that the system does not know any more."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day_of(now: datetime, zone: str) -> date:
    """Which day it is there."""
    return now.astimezone(clock(zone)).date()


def slot_of(week: str, *, zone: str, weekday: int, hour: int) -> Slot:
    """When the digest of ``week`` is due for a reader; ``weekday``: 0 is Monday."""
    return _slot(monday_of(week) + timedelta(days=weekday), zone, hour)


def last_slot(now: datetime, *, zone: str, weekday: int, hour: int) -> Slot:
    """The last one that is due at ``now``."""
    today = day_of(now, zone)
    slot = _slot(today - timedelta(days=(today.weekday() - weekday) % 7), zone, hour)
    return slot if slot.at <= now else _slot(slot.day - WEEK, zone, hour)


def next_slot(now: datetime, *, zone: str, weekday: int, hour: int) -> Slot:
    """The first one that is still to come."""
    return _slot(last_slot(now, zone=zone, weekday=weekday, hour=hour).day + WEEK, zone, hour)


def _slot(day: date, zone: str, hour: int) -> Slot:
    return Slot(week_of(day), day, datetime.combine(day, time(hour), clock(zone)).astimezone(UTC))


def is_quiet(now: datetime, *, zone: str, start: int, end: int) -> bool:
    """Whether ``now`` is in the hours [start, end) of the reader's clock; they may go over midnight, the same is none."""
    hour = now.astimezone(clock(zone)).hour
    if start <= end:
        return start <= hour < end
    return hour >= start or hour < end
