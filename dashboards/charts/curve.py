"""How sure for which date: the chance of being done by each day, split at the promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from dashboards import words
from dashboards.charts import outlook
from dashboards.charts.common import Figure, month_ticks
from delivery.core.promise import Promise

MOST_POINTS: Final = 90
INK: Final = {"color": "var(--ink)"}


def figure(promise: Promise) -> Figure:
    """The promise has a forecast; raises ValueError without one."""
    if not promise.quantiles:
        raise ValueError("a curve needs a forecast")
    first, last = _ends(promise)
    points = _points(promise, first, last)
    marks = _marks(promise, last)
    return Figure(
        id="curve",
        title="How sure for which date?",
        note="Read up from a date to the chance of being done by then.",
        alt=_finding(promise, marks),
        data=[*_areas(promise, points), _line(points), _dots(marks), *_diamond(promise)],
        layout=_layout(promise, marks, first, last),
        columns=("Done by", "Chance", "In words"),
        rows=_rows(promise, points, marks),
        height="tall",
    )


Points = Sequence[tuple[date, float]]


def _ends(promise: Promise) -> tuple[date, date]:
    soonest = outlook.day_of(promise, 1)
    starts = [soonest, promise.target] if promise.target else [soonest]
    first = max(min(starts) - timedelta(days=3), promise.day - timedelta(days=14))
    return outlook.axis(promise, min(first, promise.day + outlook.FURTHEST - timedelta(days=30)))


def _points(promise: Promise, first: date, last: date) -> list[tuple[date, float]]:
    step = max(1, -(-(last - first).days // MOST_POINTS))
    days = {first + timedelta(days=number) for number in range(0, (last - first).days + 1, step)}
    days |= {day for day in (promise.target, promise.p50, promise.p85) if day and first <= day <= last}
    return [(day, round(outlook.chance_by(promise, day), 4)) for day in sorted(days)]


def _marks(promise: Promise, last: date) -> list[tuple[date, float]]:
    """The likely and the almost sure finish, where they are in the picture and not the promise itself."""
    found = [day for day in (promise.p50, promise.p85) if day and day <= last and day != promise.target]
    return [(day, outlook.chance_by(promise, day)) for day in dict.fromkeys(found)]


def _finding(promise: Promise, marks: Points) -> str:
    told = [*([(promise.target, outlook.chance_by(promise, promise.target))] if promise.target else []), *marks]
    said = [f"{_shown(share)} by {words.long_day(day, promise.day)}" for day, share in sorted(told)]
    return f"Curve of the chance of being done by each date: {', '.join(said)}."


def _shown(share: float) -> str:
    return f"{_per_cent(share)}%"


def _per_cent(share: float) -> int:
    return int(100 * share + 1e-6)


def _area(points: Points, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [f"{day}" for day, _ in points],
        "y": [share for _, share in points],
        "fill": "tozeroy",
        "fillcolor": colour,
        "line": {"width": 0},
        "hoverinfo": "skip",
        "cliponaxis": True,
    }


def _areas(promise: Promise, points: Points) -> list[dict[str, Any]]:
    target = promise.target or date.max
    kept, missed = [one for one in points if one[0] <= target], [one for one in points if one[0] >= target]
    areas = [_area(kept, "var(--on-track) / 0.25")] if kept else []
    return areas + ([_area(missed, "var(--likely) / 0.10")] if missed else [])


def _line(points: Points) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [f"{day}" for day, _ in points],
        "y": [share for _, share in points],
        "line": {"color": "var(--accent)", "width": 2.5},
        "hovertemplate": "Done by %{x}: %{y:.0%}<extra></extra>",
    }


def _dots(marks: Points) -> dict[str, Any]:
    places = {"x": [f"{day}" for day, _ in marks], "y": [share for _, share in marks]}
    marker = {"color": "var(--accent)", "size": 9}
    return {"type": "scatter", "mode": "markers", **places, "marker": marker, "hoverinfo": "skip"}


def _diamond(promise: Promise) -> list[dict[str, Any]]:
    if not promise.target:
        return []
    looks = {"symbol": "diamond", "color": "var(--surface)", "size": 13, "line": INK | {"width": 1.75}}
    place = {"x": [f"{promise.target}"], "y": [outlook.chance_by(promise, promise.target)]}
    return [{"type": "scatter", "mode": "markers", **place, "marker": looks, "hoverinfo": "skip"}]


def _layout(promise: Promise, marks: Points, first: date, last: date) -> dict[str, Any]:
    lines = []
    if promise.target:
        upright = {"x0": f"{promise.target}", "x1": f"{promise.target}", "y0": 0}
        height = outlook.chance_by(promise, promise.target)
        lines = [{"type": "line", **upright, "y1": height, "line": INK | {"width": 1.25}}]
    return {
        "xaxis": {"type": "date", "range": [f"{first}", f"{last}"], **month_ticks(first, last, 4)},
        "yaxis": {"range": [0, 1.004], "tickvals": [0, 0.5, 0.85, 1], "ticktext": ["0%", "50%", "85%", "100%"]},
        "margin": {"l": 40, "r": 4, "t": 10, "b": 28},
        "shapes": lines,
        "annotations": _words(promise, marks, first, last),
    }


def _words(promise: Promise, marks: Points, first: date, last: date) -> list[dict[str, Any]]:
    """Dates beside their marks: to the right while there is room, the promise to the left."""
    middle = first + (last - first) / 2
    named = {promise.p50: 50, promise.p85: 85}
    found = [_word(day, share, named[day], left=day > middle) for day, share in marks]
    if promise.target:
        share = outlook.chance_by(promise, promise.target)
        left = promise.target > first + (last - first) * 0.3
        found.append(_word(promise.target, share, _per_cent(share), left=left))
    return found


def _word(day: date, share: float, per_cent: int, *, left: bool) -> dict[str, Any]:
    text = f"<b>{words.short_day(day)}</b><br>{words.chance_in_words(per_cent)}"
    side = {"xanchor": "right", "xshift": -12, "align": "right", "yshift": 12}
    other = {"xanchor": "left", "xshift": 12, "align": "left", "yshift": -12}
    return {"x": f"{day}", "y": share, "text": text, "font": INK, **(side if left else other)}


def _rows(promise: Promise, points: Points, marks: Points) -> tuple[tuple[str, str, str], ...]:
    """About one line a week, and the dates that are marked."""
    step = max(1, len(points) // 10)
    special = {day for day, _ in marks} | {promise.target}
    kept = [one for number, one in enumerate(points) if number % step == 0 or one[0] in special]
    return tuple(
        (words.long_day(day, promise.day), _shown(share), words.chance_in_words(_per_cent(share)))
        for day, share in kept
    )
