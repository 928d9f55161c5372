"""How much gets finished: one bar a week, and the means of the four-week spans that are held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from dashboards.charts.common import Figure, day, decimal, steps
from delivery.core.flow import SPAN, compared, pace_change

EARLIER, LATEST = "var(--on-track) / 0.55", "var(--accent)"

Weeks = Sequence[tuple[date, int]]


def figure(weeks: Weeks, begins: str = "") -> Figure:
    """``weeks``: each Monday with the exact count of items finished from then to Sunday, oldest first.

    ``begins``: the day the record begins, where that is why there are so few.
    """
    labels, counts = [day(monday) for monday, _ in weeks], [count for _, count in weeks]
    colours = [EARLIER] * max(len(weeks) - SPAN, 0) + [LATEST] * min(len(weeks), SPAN)
    bars = {
        "type": "bar",
        "x": labels,
        "y": counts,
        "marker": {"color": colours},
        "hovertemplate": "Week of %{x}: %{y} finished<extra></extra>",
    }
    return Figure(
        id="throughput",
        title="How much gets finished?",
        note="Items finished each week; lines are four-week means."
        + (f" The record begins on {begins}, so the weeks before are not known." if begins else ""),
        alt=_finding(weeks),
        data=[bars],
        layout=_layout(counts),
        narrow={"layout.xaxis.tickvals": _ticks(len(weeks), 2)},
        columns=("Week of", "Finished"),
        rows=tuple((label, str(count)) for label, count in zip(labels, counts, strict=True)),
    )


def mean(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts)


def _finding(weeks: Weeks) -> str:
    counts = [count for _, count in weeks]
    means, change = [mean(counts[start:end]) for start, end in compared(len(counts))], pace_change(weeks)
    if not means:
        return f"{sum(counts)} items finished in {len(counts)} whole weeks; too few weeks for a mean."
    if change is None:
        return f"{decimal(means[0])} items finished a week in the last four weeks."
    word = "rose" if means[1] > means[0] else "fell" if means[1] < means[0] else "went"
    return (
        f"Items finished a week {word} from a mean of {decimal(means[0])} in the four weeks from {day(change.since)} "
        f"to {decimal(means[1])} in the last four weeks{'' if change.clear else ', too few to tell a change'}."
    )


def _layout(counts: Sequence[int]) -> dict[str, Any]:
    top = max(counts, default=0)
    marks = compared(len(counts))
    return {
        "xaxis": {"type": "category", "tickvals": _ticks(len(counts), 4), "ticks": "", "showline": True},
        "yaxis": {"range": [0, max(top * 1.2, 4)], "tickvals": steps(top)},
        "margin": {"l": 28, "r": 8, "t": 4, "b": 28},
        "shapes": [_line(counts, start, end) for start, end in marks],
        "annotations": [_word(counts, start, end, last=end == len(counts)) for start, end in marks],
    }


def _line(counts: Sequence[int], start: int, end: int) -> dict[str, Any]:
    at = mean(counts[start:end])
    ends = {"x0": start - 0.5, "x1": end - 0.5, "y0": at, "y1": at}
    return {"type": "line", **ends, "line": {"color": "var(--ink)", "width": 1.5}, "layer": "above"}


def _word(counts: Sequence[int], start: int, end: int, *, last: bool) -> dict[str, Any]:
    """The mean in words, above the highest bar it covers."""
    return {
        "x": end - 0.5 if last else start - 0.5,
        "y": max(counts[start:end]),
        "text": f"{decimal(mean(counts[start:end]))} a week",
        "xanchor": "right" if last else "left",
        "yshift": 14,
        "font": {"color": "var(--ink)", "weight": 600},
    }


def _ticks(count: int, parts: int) -> list[int]:
    """Every so many weeks, and the last one where it does not touch its neighbour."""
    step = max(1, round(count / parts))
    ticks = list(range(0, count, step))
    if ticks and count - 1 - ticks[-1] >= max(2, step // 2):
        ticks.append(count - 1)
    return ticks
