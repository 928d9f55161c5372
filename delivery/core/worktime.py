"""The working clock: time that passes only in working hours, because people live in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from delivery.core.zoned import instants

EPOCH = np.datetime64("2000-01-03", "D")  # a Monday


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Monday to Friday from ``opens`` to ``closes`` o'clock in ``zone``, without ``holidays``."""

    zone: str = "UTC"
    opens: int = 9
    closes: int = 17
    holidays: Collection[date] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.opens < self.closes <= 24:
            raise ValueError("working hours must open before they close, within one day")


def worked(start: pd.Series, end: pd.Series, hours: WorkingHours) -> pd.Series:
    """Working time from each ``start`` to its ``end`` (timedelta, eight hours a day); NaT where either is missing."""
    known = start.notna() & end.notna()
    spans = pd.Series(pd.NaT, index=start.index, dtype="timedelta64[ns]")
    passed = _clock(end[known], hours) - _clock(start[known], hours)
    spans[known] = pd.to_timedelta(passed, unit="s")
    return spans


def _clock(values: pd.Series, hours: WorkingHours) -> npt.NDArray[np.float64]:
    """Working seconds since EPOCH at each instant."""
    local = instants(values).dt.tz_convert(hours.zone).dt.tz_localize(None)
    days = local.to_numpy().astype("datetime64[D]")
    seconds = (local - local.dt.normalize()).dt.total_seconds().to_numpy(dtype=np.float64)
    holidays = np.array(sorted(hours.holidays), dtype="datetime64[D]")
    today = np.clip(seconds - hours.opens * 3600, 0, (hours.closes - hours.opens) * 3600)
    before = np.busday_count(EPOCH, days, holidays=holidays) * (hours.closes - hours.opens) * 3600
    return np.asarray(before + np.where(np.is_busday(days, holidays=holidays), today, 0), dtype=np.float64)
