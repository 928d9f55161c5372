"""Days and weeks of a team's own time zone, from instants stored in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
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
    if isinstance(values.dtype, pd.DatetimeTZDtype) and values.dtype.tz is UTC:  # the whole road of to_datetime is slow
        return values
    return pd.to_datetime(values, utc=True)


def moments(values: pd.Series) -> npt.NDArray[np.datetime64]:
    """The same as an array in UTC: what is counted and subtracted, without the weight of a column."""
    return instants(values).to_numpy(dtype="datetime64[us]")


def moment(at: datetime) -> np.datetime64:
    """One instant as ``moments`` writes it."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def days_of(values: pd.Series, zone: str) -> pd.Series:
    """The midnight (without a zone) of the day in ``zone`` on which each instant falls; NaT stays NaT."""
    days: pd.Series = instants(values).dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return days


def within(values: pd.Series, period: Period, zone: str) -> pd.Series:
    """Which instants fall in the days of ``period`` in ``zone``; False where missing."""
    found, start, end = moments(values), moment(start_of(period.start, zone)), moment(start_of(period.end, zone))
    return pd.Series((found >= start) & (found < end), index=values.index)


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
    turns = [
        moment(start_of(day, zone)) for day in [*mondays, *(monday + timedelta(days=7) for monday in mondays[-1:])]
    ]
    found = np.sort(moments(values))  # NaT comes last, behind every turn
    counts = np.diff(np.searchsorted(found, np.array(turns, dtype="datetime64[us]")))
    return pd.Series(counts, index=pd.Index(mondays, name="week"), dtype=int)
