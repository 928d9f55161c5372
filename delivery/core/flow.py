"""How work flows (METRICS.md "Flow"): throughput, cycle and lead time, work in progress, age.

Items are frames with aware columns ``created``, ``started``, ``finished`` and ``ended`` (finished or dropped), NaT
where it has not happened. Which items count (no bots' chores, epics, sub-tasks or deleted ones) the queries decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Final

import numpy as np
import pandas as pd

from delivery.core.measure import ENOUGH, Spread
from delivery.core.period import Period, weeks_back
from delivery.core.spread import Spans, spread
from delivery.core.zoned import end_of, instants, moments, week_starts, weekly_counts, within

NO_START: Final = "finished without a recorded start"
SPAN: Final = 4  # weeks that are held against each other
LOOK_BACK: Final = 12  # weeks, of which the first SPAN and the last are
CLEAR: Final = 1.5  # counts as far apart as this many times their own scatter differ; closer ones may be chance


@dataclass(frozen=True, slots=True)
class Throughput:
    """Finished items per whole week, oldest first, and those of the running week, which is not over."""

    weeks: tuple[tuple[date, int], ...]  # (Monday, exact count)
    running: int
    running_week: date

    @property
    def total(self) -> int:
        """Finished items of all whole weeks."""
        return sum(count for _, count in self.weeks)


def throughput(
    finished: pd.Series, today: date, zone: str, *, weeks: int = 12, since: date | None = None
) -> Throughput:
    """Items finished in each of the last whole weeks (Monday to Sunday in ``zone``), exact counts.

    Weeks that begin before ``since``, the first day the record covers, are left out: no data is not zero. Source:
    METRICS.md, throughput; Kanban Guide.
    """
    whole = weeks_back(today, weeks)
    counts = weekly_counts(finished, Period(whole.start, whole.end + timedelta(days=7)), zone)
    paired = zip(week_starts(whole), counts.to_list()[:-1], strict=True)
    known = tuple((week, int(n)) for week, n in paired if since is None or week >= since)
    return Throughput(known, int(counts.iloc[-1]), whole.end)


@dataclass(frozen=True, slots=True)
class PaceChange:
    """Items finished in the last SPAN weeks and in those from ``since``; ``known``: enough of them to compare at all,
    ``clear``: farther apart than chance alone explains.
    """

    since: date
    then: int
    now: int

    @property
    def known(self) -> bool:
        return self.then >= ENOUGH and self.then + self.now >= 2 * ENOUGH

    @property
    def clear(self) -> bool:
        return self.known and abs(self.now - self.then) > CLEAR * sqrt(self.now + self.then)


def compared(count: int) -> tuple[tuple[int, int], ...]:
    """Which of ``count`` weeks are held against each other, half-open: the first and the last SPAN of the LOOK_BACK.

    Only the last where they would overlap, none where there are fewer than SPAN.
    """
    if count < SPAN:
        return ()
    first, last = max(count - LOOK_BACK, 0), (count - SPAN, count)
    return ((first, first + SPAN), last) if count >= 2 * SPAN else (last,)


def pace_change(weeks: Sequence[tuple[date, int]]) -> PaceChange | None:
    """How the pace changed; None where there are not two spans to compare. ``weeks``: whole ones, oldest first."""
    spans = compared(len(weeks))
    if len(spans) < 2:
        return None
    then, now = (sum(count for _, count in weeks[start:end]) for start, end in spans)
    return PaceChange(weeks[spans[0][0]][0], then, now)


def cycle_times(items: pd.DataFrame) -> Spread:
    """finished - started of finished items, calendar time. Items that jumped to done have no start and are told."""
    return spread(_spans(items, "started", "finished"), NO_START)


def lead_times(items: pd.DataFrame) -> Spread:
    """finished - created of finished items, calendar time (DevLake: requirement lead time)."""
    return spread(_spans(items, "created", "finished"))


def finished_in(items: pd.DataFrame, period: Period, zone: str) -> pd.DataFrame:
    """The items whose finish falls in the days of ``period`` in ``zone``."""
    return items[within(items["finished"], period, zone)]


def work_in_progress(items: pd.DataFrame, period: Period, zone: str) -> pd.Series:
    """Items started and not ended at the end of each day of ``period`` in ``zone``; indexed by day.

    METRICS.md, WIP. No page draws it yet; ``arrivals`` is tested against it, as its growth.
    """
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    ends = pd.to_datetime([end_of(day, zone) for day in days], utc=True).to_numpy()
    begun = items[items["started"].notna()]
    started, ended = (np.sort(instants(begun[name]).dropna().to_numpy()) for name in ("started", "ended"))
    counts = np.searchsorted(started, ends, side="left") - np.searchsorted(ended, ends, side="left")
    return pd.Series(counts, index=pd.Index(days, name="day"), dtype=int)


def ages(items: pd.DataFrame, at: datetime) -> pd.Series:
    """``at`` - started of every item in progress (started and not ended by ``at``); NaT for the others."""
    started, ended = instants(items["started"]), instants(items["ended"])
    moment = pd.Timestamp(at)
    running = (started <= moment) & (ended.isna() | (ended > moment))
    return (moment - started).where(running)


def age_marks(found: pd.Series, usual: Spread) -> pd.Series:
    """Against the team's own cycle times: "usual" up to p50, "long" up to p85, "very long" beyond; else ""."""
    marks = pd.Series("", index=found.index, dtype=object)
    if usual.p50 is None or usual.p85 is None:
        return marks
    marks[found.notna()] = "usual"
    marks[found > usual.p50] = "long"
    marks[found > usual.p85] = "very long"
    return marks


def arrivals(items: pd.DataFrame, weeks: Period, zone: str) -> pd.DataFrame:
    """Per week: items ``started``, items ``left`` (ended after a start), and ``net``, the growth of WIP.

    Items that never started were never in progress: they are neither. A lasting positive ``net`` is growing WIP.
    """
    begun = items[items["started"].notna()]
    started, left = (weekly_counts(begun[name], weeks, zone) for name in ("started", "ended"))
    return pd.DataFrame({"started": started, "left": left, "net": started - left})


def _spans(items: pd.DataFrame, start: str, end: str) -> Spans:
    """Durations of what has its ``end``; NaT where the start is missing or lies after it."""
    ends = moments(items[end])
    known = ~np.isnat(ends)
    spans = ends[known] - moments(items[start])[known]
    return np.where(spans >= np.timedelta64(0), spans, np.timedelta64("NaT"))
