"""Days and weeks of a team's own time zone, from instants stored in UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from delivery.core.period import Period


def start_of(day: date, zone: str) -> datetime:
    """The first instant of ``day`` in ``zone``."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def end_of(day: date, zone: str) -> datetime:
    """The first instant after ``day`` in ``zone``: half-open, like every period."""
    return start_of(day + timedelta(days=1), zone)


def day_of(at: datetime, zone: str) -> date:
    """The day on which ``at`` falls in ``zone``."""
    return at.astimezone(ZoneInfo(zone)).date()


def instants(values: pd.Series) -> pd.Series:
    """Any aware datetimes as one UTC column; missing ones as NaT."""
    return pd.to_datetime(values, utc=True)


def days_of(values: pd.Series, zone: str) -> pd.Series:
    """The midnight (without a zone) of the day in ``zone`` on which each instant falls; NaT stays NaT."""
    days: pd.Series = instants(values).dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return days


def within(values: pd.Series, period: Period, zone: str) -> pd.Series:
    """Which instants fall in the days of ``period`` in ``zone``; False where missing."""
    days = days_of(values, zone)
    inside: pd.Series = (days >= pd.Timestamp(period.start)) & (days < pd.Timestamp(period.end))
    return inside


def week_starts(period: Period) -> list[date]:
    """The Monday of every week that begins in ``period``."""
    first = period.start + timedelta(days=-period.start.weekday() % 7)
    return [first + timedelta(days=7 * n) for n in range(-(-(period.end - first).days // 7))]


def weekly_counts(values: pd.Series, weeks: Period, zone: str) -> pd.Series:
    """How many instants fall in each week (Monday to Sunday in ``zone``) of ``weeks``; zeros are kept.

    Indexed by the Monday. Weeks are those that begin in the period; the last counts in full even where the period
    ends inside it.
    """
    mondays = week_starts(weeks)
    days = days_of(values, zone).dropna().to_numpy().astype("datetime64[D]")
    index = (days - np.datetime64(mondays[0] if mondays else weeks.start, "D")).astype(np.int64) // 7
    counts = np.bincount(index[(index >= 0) & (index < len(mondays))], minlength=len(mondays))
    return pd.Series(counts, index=pd.Index(mondays, name="week"), dtype=int)
