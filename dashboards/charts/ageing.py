"""What is getting old: every item in progress by its status and age, over bands of what is usual for the team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from dashboards.charts.common import Figure, decimal, listed, plain, steps
from dashboards.charts.spans import DAY

SPREAD: Final = 0.22  # how far dots of one status stand to the side of each other
NAMED: Final = 6  # old items that carry their key in the picture
SHORT: Final = 8  # letters of a status on a phone


@dataclass(frozen=True, slots=True)
class Open:
    """An item in progress: its key, the source's own word for its status, and its age."""

    key: str
    status: str
    age: timedelta

    @property
    def days(self) -> float:
        return round(self.age / DAY, 1)


def figure(items: Sequence[Open], statuses: Sequence[str], half: timedelta | None, most: timedelta | None) -> Figure:
    """``items``, at least one; ``statuses`` in the order of the work; the team's p50 and p85 of cycle time, or None."""
    ordered = sorted(items, key=lambda item: (statuses.index(item.status), -item.age, item.key))
    old = [most is not None and item.age > most for item in ordered]
    named = {item.key for item in sorted(_old(ordered, most), key=lambda item: -item.age)[:NAMED]}
    dots = {
        "type": "scatter",
        "mode": "markers+text",
        "x": _places(ordered, statuses),
        "y": [item.days for item in ordered],
        "text": [plain(item.key) if item.key in named else "" for item in ordered],
        "textposition": [_beside(item.status, statuses) for item in ordered],
        "textfont": {"color": "var(--ink)", "size": 12},
        "marker": _marks(old),
        "customdata": [plain(item.key) for item in ordered],
        "hovertemplate": "%{customdata}<br>%{y} days old<extra></extra>",
    }
    return Figure(
        id="ageing",
        title="What is getting old?",
        note=_note(half, most),
        alt=_finding(ordered, most),
        data=[dots],
        layout=_layout(ordered, statuses, half, most),
        narrow={"layout.xaxis.ticktext": [plain(_short(status)) for status in statuses]},
        columns=("Item", "Status", "Age, days", "Unusual"),
        rows=tuple(
            (item.key, item.status, decimal(item.days), "yes" if unusual else "")
            for item, unusual in zip(ordered, old, strict=True)
        ),
    )


def _old(items: Sequence[Open], most: timedelta | None) -> list[Open]:
    return [item for item in items if most is not None and item.age > most]


def _places(items: Sequence[Open], statuses: Sequence[str]) -> list[float]:
    """Left and right of the middle of the status in turn, so that dots of the same age do not hide each other."""
    seen: dict[str, int] = {}
    places = []
    for item in items:
        turn = seen[item.status] = seen.get(item.status, -1) + 1
        places.append(round(statuses.index(item.status) + SPREAD * ((turn * 2) % 5 - 2) / 2, 3))
    return places


def _beside(status: str, statuses: Sequence[str]) -> str:
    """Keys of the last status stand to the left of their dots: to the right the picture ends."""
    return "middle left" if len(statuses) > 1 and status == statuses[-1] else "middle right"


def _marks(old: Sequence[bool]) -> dict[str, Any]:
    return {
        "size": 10,
        "symbol": ["diamond" if one else "circle" for one in old],
        "color": ["var(--likely)" if one else "var(--accent)" for one in old],
        "opacity": [1 if one else 0.7 for one in old],
    }


def _note(half: timedelta | None, most: timedelta | None) -> str:
    if half is None or most is None:
        return "Items in progress by status and age in days. Too few are finished to say which age is unusual."
    return "Items in progress by status and age in days. Diamonds are older than 6 in 7 finished items ever got."


def _finding(items: Sequence[Open], most: timedelta | None) -> str:
    old = sorted(_old(items, most), key=lambda item: -item.age)
    counted = f"{len(items)} items in progress by status and age."
    if most is None:
        return f"{counted} Too few are finished to say which age is unusual."
    if not old:
        return f"{counted} None is older than 6 in 7 finished items got."
    told = listed([f"{item.key} at {decimal(item.days)} days" for item in old[:NAMED]])
    return f"{counted} {len(old)} older than 6 in 7 finished items got; the oldest: {told}."


def _short(status: str) -> str:
    return status if len(status) <= SHORT else f"{status[: SHORT - 1].rstrip()}…"


def _layout(
    items: Sequence[Open], statuses: Sequence[str], half: timedelta | None, most: timedelta | None
) -> dict[str, Any]:
    top = max([item.days for item in items] + [value / DAY for value in (half, most) if value])
    counts = [sum(item.status == status for item in items) for status in statuses]
    return {
        "xaxis": {
            "range": [-0.5, len(statuses) - 0.5],
            "tickvals": list(range(len(statuses))),
            "ticktext": [f"{plain(status)} · {count}" for status, count in zip(statuses, counts, strict=True)],
            "ticks": "",
        },
        "yaxis": {"range": [0, top * 1.12], "tickvals": steps(top), "showgrid": False, "ticksuffix": " d"},
        "margin": {"l": 36, "r": 4, "t": 4, "b": 28},
        "shapes": [band for place in range(len(statuses)) for band in _bands(place, half, most)],
    }


def _bands(place: int, half: timedelta | None, most: timedelta | None) -> list[dict[str, Any]]:
    if half is None or most is None:
        return []
    low, high = half / DAY, most / DAY
    return [
        {
            "type": "rect",
            "x0": place - 0.46,
            "x1": place + 0.46,
            "y0": start,
            "y1": end,
            "fillcolor": f"var(--on-track) / {strength}",
        }
        for start, end, strength in ((0, low, "0.22"), (low, high, "0.10"))
    ]
