"""Days, working hours and holidays. A day is a proleptic ordinal (``date.toordinal``), an instant epoch seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = date(1970, 1, 1).toordinal()
OPEN, CLOSE = 9.0, 18.0  # working hours, local
_FIXED = {(1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)}


def easter(year: int) -> date:
    """Easter Sunday (Gregorian, Anonymous/Meeus)."""
    a, b, c = year % 19, *divmod(year, 100)
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


@lru_cache(maxsize=64)
def holidays(year: int) -> tuple[date, ...]:
    """The company's days off in ``year``, in order."""
    moving = [easter(year) + timedelta(days=d) for d in (-2, 1)]
    return tuple(sorted([date(year, m, d) for m, d in _FIXED] + moving))


@lru_cache(maxsize=16_384)
def share_of_day(day: int) -> float:
    """How much of a normal day's work gets done on ``day``: weekends, holidays and the year's end are thin."""
    at = date.fromordinal(day)
    if at.weekday() >= 5:
        return 0.03
    if at in holidays(at.year):
        return 0.04
    if (at.month, at.day) > (12, 24):
        return 0.15
    return 0.6 if (at.month, at.day) in {(12, 23), (1, 2)} else 1.0


@lru_cache(maxsize=16_384)
def works(day: int) -> bool:
    """Whether reviews, releases and the like may be expected on ``day``."""
    return share_of_day(day) >= 0.5


def workday_after(day: int, count: int) -> int:
    """The ``count``-th working day after ``day``; ``day`` itself for 0."""
    while count > 0:
        day += 1
        count -= works(day)
    return day


def after_work(day: int, work: float) -> int:
    """The day by which ``work`` normal days' work gets done after ``day``."""
    while work > 0:
        day += 1
        work -= share_of_day(day)
    return day


@lru_cache(maxsize=65_536)
def midnight(zone: str, day: int) -> int:
    """Epoch seconds of local 0:00, by the offset at noon (so a clock change moves the night, not the working day)."""
    at = datetime.combine(date.fromordinal(day), datetime.min.time().replace(hour=12), ZoneInfo(zone))
    return int(at.timestamp()) - 43_200


def instant(zone: str, day: int, hour: float) -> int:
    """Epoch seconds of the local ``hour`` (0-24, fractions allowed) of ``day``."""
    return midnight(zone, day) + int(hour * 3600)


def advance(day: int, hour: float, hours: float) -> tuple[int, float]:
    """The day and hour after ``hours`` of working time from a given one."""
    hour = min(max(hour, OPEN), CLOSE) + hours
    while hour > CLOSE:
        hour -= CLOSE - OPEN
        day = workday_after(day, 1)
    return day, hour


def working_hours(day: int, hour: float, end: int, end_hour: float) -> float:
    """Working time between two moments, in hours."""
    whole = sum(works(d) for d in range(day + 1, end + 1)) * (CLOSE - OPEN)
    return max(whole + end_hour - hour, 0.0)


def utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def seconds(now: datetime) -> int:
    """Epoch seconds, rounded down: events happen on whole seconds."""
    return int(now.timestamp() // 1)


def local_day(now: datetime, zone: str) -> int:
    return now.astimezone(ZoneInfo(zone)).date().toordinal()
