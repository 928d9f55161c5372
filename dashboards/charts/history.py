"""How the forecast moved: a dot for the likely finish and a bar to almost surely done, week by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from dashboards import words
from dashboards.charts.common import Figure, month_ticks
from delivery.core.chance import Level

MOST_LABELS: Final = 8
INK: Final = {"color": "var(--ink)"}


@dataclass(frozen=True, slots=True)
class Past:
    """The forecast of one week; None: there was none, or it saw no end."""

    day: date
    p50: date | None
    p85: date | None
    target: date | None
    level: Level


def figure(weeks: Sequence[Past], today: date) -> Figure:
    """``weeks``: oldest first, at least one."""
    names = [_name(one.day, today) for one in weeks]
    drawn = [(name, one) for name, one in zip(names, weeks, strict=True) if one.p50]
    return Figure(
        id="history",
        title="How has the forecast moved?",
        note="Dot: likely finish. Bar: up to almost surely done. Line: the promise.",
        alt=_finding(weeks, today),
        data=[*_promise(names, weeks), *(_bar(name, one) for name, one in drawn if one.p85), _dots(drawn)],
        layout=_layout(names, weeks, today),
        narrow={"layout.xaxis.tickvals": _ticks(len(weeks), 4)},
        columns=("Forecast of", "Likely (P50)", "Almost surely (P85)", "Promised", "Level"),
        rows=tuple(_row(name, one, today) for name, one in zip(names, weeks, strict=True)),
        height="short",
    )


def _name(day: date, today: date) -> str:
    return "Today" if day == today else words.dated(day, today)


def _finding(weeks: Sequence[Past], today: date) -> str:
    known = [one for one in weeks if one.p50]
    if not known:
        return f"Weekly forecasts of {words.plural(len(weeks), 'week')}: none saw an end."
    first, last = known[0], known[-1]
    dates = [words.long_day(one.p50, today) for one in (first, last) if one.p50]
    said = f"Weekly forecasts of {words.plural(len(weeks), 'week')}: the likely finish "
    moved = f"moved from {dates[0]} to {dates[1]}" if dates[0] != dates[1] else f"stayed on {dates[0]}"
    promised = f", against the promised {words.long_day(last.target, today)}" if last.target else ""
    return f"{said}{moved}{promised}."


def _promise(names: Sequence[str], weeks: Sequence[Past]) -> list[dict[str, Any]]:
    """The promise as it stood each week: it steps where the date moved."""
    if not any(one.target for one in weeks):
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(names),
            "y": [f"{one.target}" if one.target else None for one in weeks],
            "line": INK | {"width": 1.25, "shape": "hvh"},
            "hovertemplate": "Promised %{y}<extra></extra>",
        }
    ]


def _bar(name: str, one: Past) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [name, name],
        "y": [f"{one.p50}", f"{one.p85}"],
        "line": {"color": f"var(--{one.level}) / 0.35", "width": 10},
        "hoverinfo": "skip",
    }


def _dots(drawn: Sequence[tuple[str, Past]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [name for name, _ in drawn],
        "y": [f"{one.p50}" for _, one in drawn],
        "marker": {"color": [f"var(--{one.level})" for _, one in drawn], "size": 10},
        "hovertemplate": "On %{x}: likely %{y}<extra></extra>",
    }


def _layout(names: Sequence[str], weeks: Sequence[Past], today: date) -> dict[str, Any]:
    days = [day for one in weeks for day in (one.p50, one.p85, one.target) if day] or [today]
    first, last = min(days), max(days)
    margin = max((last - first) * 0.1, timedelta(days=4))
    first, last = first - margin, last + margin
    return {
        "xaxis": {"type": "category", "range": [-0.6, len(names) - 0.4], "tickvals": _ticks(len(names), MOST_LABELS)},
        "yaxis": {
            "type": "date",
            "range": [f"{first}", f"{last}"],
            "hoverformat": "%-d %b %Y",
            **_dates(first, last, weeks[-1].target),
        },
        "margin": {"l": 60, "r": 8, "t": 4, "b": 28},
    }


def _dates(first: date, last: date, target: date | None) -> dict[str, list[str]]:
    """Months, and the promise in bold; a month that would touch it goes."""
    ticks = month_ticks(first, last, 4)
    near = (last - first) / 9
    kept = [day for day in ticks["tickvals"] if target is None or abs(date.fromisoformat(day) - target) > near]
    named = [(day, words.short_day(date.fromisoformat(day))) for day in kept]
    if target:
        named.append((f"{target}", f"<b>Promise<br>{words.short_day(target)}</b>"))
    return {"tickvals": [day for day, _ in named], "ticktext": [name for _, name in named]}


def _ticks(count: int, most: int) -> list[int]:
    """Every so many weeks, counted back from the last."""
    step = max(1, -(-count // most))
    return list(range(count))[::-1][::step][::-1]


def _row(name: str, one: Past, today: date) -> tuple[str, ...]:
    dates = [words.dated(day, today) if day else "not known" for day in (one.p50, one.p85, one.target)]
    return (name, *dates, words.LEVELS[one.level])
