"""What every chart is: a figure with its title, its finding in words, and its data as a table.

Colours are token names, ``var(--ink)`` or ``var(--accent) / 0.2``; static/js/charts.js turns them into the colours of
the theme and adds the template. Tests check every figure against plotly.py; pages send the plain dictionaries, so that
no default template travels along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from math import floor, log10
from typing import Any, Final, Literal

from dashboards.words import decimal, listed
from dashboards.words import short_day as day

__all__ = ["Figure", "Key", "as_json", "day", "decimal", "listed", "month_ticks", "plain", "steps"]

Trace = Mapping[str, Any]
Swatch = Literal["group-0", "group-1", "group-2", "done", "scope", "path", "target", "likely", "mark", "exact"]

UNSAFE: Final = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})
MOST_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the key: a swatch (templates/components/_swatch.html) and its word."""

    swatch: Swatch
    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart. ``note`` says in one line how to read it, ``alt`` what it shows, with the numbers that matter.

    ``narrow`` replaces single settings where the plot is less than 440 px wide: {"layout.xaxis.nticks": 4}.
    ``height`` is tall, short, mini or empty.
    """

    id: str
    title: str
    note: str
    alt: str
    data: Sequence[Trace]
    layout: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    narrow: Mapping[str, Any] = field(default_factory=dict)
    key: tuple[Key, ...] = ()
    height: str = ""


def as_json(figure: Figure) -> str:
    """The figure for charts.js, safe inside a script element."""
    spec: dict[str, Any] = {"data": figure.data, "layout": figure.layout}
    if figure.narrow:
        spec["narrow"] = figure.narrow
    text = json.dumps(spec, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.translate(UNSAFE)


def plain(text: str) -> str:
    """Text of a person for a label: plotly.js reads tags and entities, these show as they were written."""
    return escape(text, quote=False)


def steps(top: float) -> list[int]:
    """Whole numbers for the ticks of an axis from 0 to ``top``, at most five steps."""
    if top < 1:
        return [0]
    size = 10 ** max(floor(log10(top / MOST_STEPS)), 0) if top >= MOST_STEPS else 1
    step = next(size * factor for factor in (1, 2, 5, 10) if top / (size * factor) <= MOST_STEPS)
    return list(range(0, floor(top) + 1, step))


def month_ticks(first: date, last: date, most: int = 7) -> dict[str, list[str]]:
    """Ticks of a time axis: the first days of the months between two days, thinned to at most ``most``."""
    months = [date(number // 12, number % 12 + 1, 1) for number in range(_number(first), _number(last) + 1)]
    inside = [month for month in months if month >= first]
    shown = inside[:: max(1, -(-len(inside) // most))]
    return {"tickvals": [f"{month}" for month in shown], "ticktext": [f"{month:%b}" for month in shown]}


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
