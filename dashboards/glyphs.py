"""The small pictures that the server draws: their geometry, as percentages of a scale that rows share. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Protocol

from dashboards import words
from dashboards.sentences import WORST_FIRST
from delivery.core.chance import Level
from delivery.core.promise import Promise

LONGEST: Final = timedelta(days=400)  # a forecast that runs out further is cut at the edge
SHORTEST: Final = timedelta(days=28)
MONTHS_SHOWN: Final = 6
LEVEL_GAP: Final = 0.75  # per cent of the strip
WIDEST_MARK: Final = 4.0
SPARK_HEIGHT: Final = 36
HISTORY_WEEKS: Final = 12
GAP: Final = 0.3  # of a bar's step


class Stands(Protocol):
    """Whatever a range glyph can be drawn of: a promise, or how one would stand."""

    @property
    def day(self) -> date: ...
    @property
    def level(self) -> Level: ...
    @property
    def target(self) -> date | None: ...
    @property
    def missing(self) -> float | None: ...
    @property
    def p50(self) -> date | None: ...
    @property
    def p85(self) -> date | None: ...
    @property
    def delivered(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Scale:
    """From ``first`` to ``last``, in per cent of the width."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Where ``day`` is, held inside the picture."""
        share = (day - self.first) / (self.last - self.first)
        return round(100 * min(max(share, 0.0), 1.0), 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of the scale: a month at its first day."""

    x: float
    word: str


@dataclass(frozen=True, slots=True)
class Range:
    """One row's glyph. None: not drawn."""

    level: Level
    says: str
    today: float
    p50: float | None
    p85: float | None
    width: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class StripMark:
    """A promise in the strip; ``dot`` is the middle of the mark when it is newly likely to be missed."""

    level: Level
    x: float
    width: float
    says: str
    dot: float | None


def strip(promises: Sequence[Promise], new: frozenset[int]) -> list[StripMark]:
    """One mark per promise in the order of the levels, with a wider gap between levels."""
    ordered = sorted(promises, key=lambda one: WORST_FIRST.index(one.level))
    breaks = sum(one.level != after.level for one, after in pairwise(ordered))
    step = min((100 - breaks * LEVEL_GAP) / max(len(ordered), 1), WIDEST_MARK)
    width = round(step * 0.85, 2)
    marks, x = [], 0.0
    for number, one in enumerate(ordered):
        if number and ordered[number - 1].level != one.level:
            x += LEVEL_GAP
        dot = round(x + width / 2, 2) if one.id in new else None
        marks.append(StripMark(one.level, round(x, 2), width, _strip_says(one), dot))
        x += step
    return marks


def _strip_says(promise: Promise) -> str:
    chance = "" if promise.missing is None else f", {words.per_cent(promise.missing)} chance of missing"
    return f"{promise.title}: {words.LEVELS[promise.level]}{chance}"


def scale(promises: Iterable[Stands], today: date) -> Scale:
    """One scale for all rows: from the earliest of today and the promises to the latest of all dates."""
    found = list(promises)
    marks = [day for one in found for day in (one.target, one.p50, one.p85) if day and day <= today + LONGEST]
    first = min([today, *(one.target for one in found if one.target and one.target >= today - SHORTEST)])
    last = max([today + SHORTEST, *marks])
    margin = max((last - first) * 0.05, timedelta(days=2))
    return Scale(first - margin, last + margin)


def months(on: Scale) -> list[Mark]:
    """The first days of the months, thinned so that their words do not touch."""
    firsts = []
    year, month = on.first.year, on.first.month
    while (day := date(year, month, 1)) <= on.last:
        firsts.append(day)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    inside = [day for day in firsts if day >= on.first]
    step = -(-len(inside) // MONTHS_SHOWN) if inside else 1
    marks = [Mark(on.at(day), f"{day:%b}") for day in inside[::step]]
    return [mark for mark in marks if mark.x <= 94]


def range_of(promise: Stands, on: Scale) -> Range:
    """The glyph of a promise. A finish beyond the horizon runs to the edge."""
    p50, p85 = _at(promise.p50, on), _at(promise.p85, on)
    known = promise.missing is not None
    end = p85 if p85 is not None else 100.0
    return Range(
        level=promise.level,
        says=range_says(promise),
        today=on.at(promise.day),
        p50=p50 if known else None,
        p85=end if known else None,
        width=round(max(end - p50, 0.5), 1) if known and p50 is not None else None,
        target=_at(promise.target, on),
    )


def range_says(promise: Stands) -> str:
    """Promised 11 Dec, likely 22 Dec to 11 Jan."""
    target = f"Promised {words.dated(promise.target, promise.day)}" if promise.target else "No date promised"
    if promise.delivered:
        return f"{target}, delivered {words.dated(promise.delivered, promise.day)}"
    if promise.missing is None:
        return f"{target}, no forecast yet"
    if promise.p50 is None:
        return f"{target}, no end in sight"
    likely = words.dated(promise.p50, promise.day)
    if promise.p85 is None:
        return f"{target}, likely {likely}, no later end in sight"
    last = words.dated(promise.p85, promise.day)
    return f"{target}, likely {likely}" if likely == last else f"{target}, likely {likely} to {last}"


def _at(day: date | None, on: Scale) -> float | None:
    return None if day is None else on.at(day)


@dataclass(frozen=True, slots=True)
class HistoryBar:
    """A week of the overview's history, in pixels; ``label`` where its number is written."""

    x: float
    y: float
    height: float
    is_now: bool
    middle: float
    label: str
    label_y: float


def history(counts: Sequence[int]) -> list[HistoryBar]:
    """Weekly counts as the overview draws them, 212 by 76: first, one before last and last carry their number."""
    top = max([1, *counts])
    first = HISTORY_WEEKS - len(counts)
    bars = []
    for number, count in enumerate(counts):
        height = round(56 * count / top, 1)
        now = number == len(counts) - 1
        named = now or number in (0, len(counts) - 2)
        x, y = 18.0 * (first + number), round(76 - height, 1)
        bars.append(HistoryBar(x, y, height, now, x + 6.5, str(count) if named else "", round(y - 6, 1)))
    return bars


def bars(counts: Sequence[int], height: float = SPARK_HEIGHT) -> list[Bar]:
    """Bars from zero; the highest fills the picture but for two pixels."""
    if not counts:
        return []
    step, top = 100 / len(counts), max(max(counts), 1)
    tall = [round((height - 2) * count / top, 1) for count in counts]
    return [
        Bar(round(place * step, 2), round(height - tallness, 1), round(step * (1 - GAP), 2), tallness)
        for place, tallness in enumerate(tall)
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """Values over time in a picture of 100 by SPARK_HEIGHT; ``target``: how high the target is in it."""

    path: str
    target: float


def line(
    points: Sequence[tuple[date, float | None]], *, first: date, last: date, low: float, high: float
) -> Line | None:
    """From start (``low``) to target (``high``), which may lie below it; a value that is not known breaks the line.

    None for fewer than two values: a point is no way.
    """
    known = [value for _, value in points if value is not None]
    if len(known) < 2:
        return None
    bottom, top = min(low, high, *known), max(low, high, *known)
    on = Scale(first, last)
    path, pen = [], "M"
    for day, value in points:
        if value is not None:
            path.append(f"{pen}{on.at(day)} {_height(value, bottom, top)}")
        pen = "M" if value is None else "L"
    return Line("".join(path), _height(high, bottom, top))


def _height(value: float, bottom: float, top: float) -> float:
    return round((SPARK_HEIGHT - 2) * (1 - (value - bottom) / (top - bottom)) + 1, 1)
