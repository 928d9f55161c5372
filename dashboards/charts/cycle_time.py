"""How long an item takes: one dot per finished item, lines at half and at 6 in 7 of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from dashboards.charts.common import Figure, day, decimal, plain, steps
from dashboards.charts.spans import DAY, length

LONGEST: Final = 20  # rows of the table
MONTHS_FROM: Final = 2  # first days of months in the picture, from which they are its ticks


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished item that has a start: ``took`` is its cycle time."""

    key: str
    on: date
    took: timedelta

    @property
    def days(self) -> float:
        return round(self.took / DAY, 1)


def figure(items: Sequence[Finished], half: timedelta | None, most: timedelta | None, left_out: str = "") -> Figure:
    """``items``, at least one. ``half``, ``most``: their p50 and p85, None below what is enough. ``left_out``: told."""
    inside = [most is None or item.took <= most for item in items]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": [item.on.isoformat() for item in items],
        "y": [item.days for item in items],
        "marker": {
            "size": 7,
            "color": ["var(--accent)" if usual else "var(--likely)" for usual in inside],
            "symbol": ["circle" if usual else "diamond" for usual in inside],
            "opacity": [0.5 if usual else 1 for usual in inside],
            "line": {"width": 0},
        },
        "customdata": [plain(item.key) for item in items],
        "hovertemplate": "%{customdata}<br>%{y} days, finished %{x}<extra></extra>",
    }
    longest = sorted(items, key=lambda item: (-item.took, item.key))[:LONGEST]
    return Figure(
        id="cycle-time",
        title="How long does an item take?",
        note=_note(left_out),
        alt=_finding(items, half, most),
        data=[dots],
        layout=_layout(items, half, most),
        narrow={"layout.margin.r": 84},
        columns=(f"Item (longest {LONGEST})" if len(items) > LONGEST else "Item", "Finished", "Days"),
        rows=tuple((item.key, day(item.on), decimal(item.days)) for item in longest),
    )


def _note(left_out: str) -> str:
    note = "Each dot is a finished item, in days from start to done; diamonds took longer than 6 in 7 of them."
    return f"{note} Left out: {left_out}." if left_out else note


def _finding(items: Sequence[Finished], half: timedelta | None, most: timedelta | None) -> str:
    if half is None or most is None:
        return f"{len(items)} finished items with a known start: too few to say what is usual."
    return f"Cycle time of {len(items)} items: half within {length(half)}, 6 in 7 within {length(most)}."


def _layout(items: Sequence[Finished], half: timedelta | None, most: timedelta | None) -> dict[str, Any]:
    top = max(item.days for item in items)
    first, last = min(item.on for item in items), max(item.on for item in items)
    known = [(words, value) for words, value in (("half within", half), ("6 in 7 within", most)) if value is not None]
    return {
        "xaxis": {"type": "date", **_time_ticks(first, last)},
        "yaxis": {"range": [0, max(top * 1.15, 4)], "tickvals": steps(top)},
        "margin": {"l": 28, "r": 100 if known else 8, "t": 4, "b": 28},
        "shapes": [_line(value) for _, value in known],
        "annotations": [
            _word(words, value, _apart(index, half, most, top)) for index, (words, value) in enumerate(known)
        ],
    }


def _time_ticks(first: date, last: date) -> dict[str, Any]:
    """The first days of the months in the picture; within two months or so plotly.js chooses days itself."""
    firsts = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    if len(firsts) < MONTHS_FROM:
        return {"nticks": 5, "tickformat": "%-d %b"}
    return {"tickvals": [start.isoformat() for start in firsts], "ticktext": [f"{start:%b}" for start in firsts]}


def _line(value: timedelta) -> dict[str, Any]:
    at = value / DAY
    line = {"color": "var(--ink)", "width": 1, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line}


def _word(words: str, value: timedelta, shift: int) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1,
        "y": value / DAY,
        "text": f"{words}<br>{length(value)}",
        "xshift": 8,
        "yshift": shift,
        "align": "left",
        "font": {"color": "var(--ink)"},
    }


def _apart(index: int, half: timedelta | None, most: timedelta | None, top: float) -> int:
    """Two words whose lines lie close are moved apart, in pixels."""
    if half is None or most is None or (most - half) / DAY > top * 0.16:
        return 0
    return 18 if index else -18
