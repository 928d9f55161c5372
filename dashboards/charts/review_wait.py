"""How long until a first review: changes by waiting time; the slow half in accent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from dashboards.charts.common import Figure
from dashboards.charts.spans import WORKING_DAY as DAY
from dashboards.charts.spans import length

BOUNDS: Final = (
    ("4 hours", DAY / 2),
    ("1 day", DAY),
    ("2 days", 2 * DAY),
    ("4 days", 4 * DAY),
    ("longer", timedelta.max),
)
GAP: Final = {"ticks": "outside", "ticklen": 6, "tickcolor": "var(--surface)"}  # between the words and their bars
SLOW: Final = 2 * DAY


def figure(waits: Sequence[timedelta], half: timedelta | None, left_out: str = "") -> Figure:
    """``waits``: ready for review → first review, working time. ``half``: their p50, None below what is enough."""
    names = [name for name, _ in BOUNDS]
    counts = _counts(waits)
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": counts,
        "text": [str(count) for count in counts],
        "textposition": "outside",
        "marker": {"color": ["var(--accent)" if bound > SLOW else "var(--on-track) / 0.55" for _, bound in BOUNDS]},
        "hovertemplate": "%{y}: %{x} changes<extra></extra>",
    }
    told = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
    return Figure(
        id="review-wait",
        title="How long until a first review?",
        note=_note(half, left_out),
        alt=f"First reviews of {len(waits)} changes by working time waited: {told}.",
        data=[bars],
        layout=_layout(counts),
        columns=("First review within", "Changes"),
        rows=tuple((name, str(count)) for name, count in zip(names, counts, strict=True)),
    )


def _counts(waits: Sequence[timedelta]) -> list[int]:
    counts = [0] * len(BOUNDS)
    for wait in waits:
        counts[next(index for index, (_, bound) in enumerate(BOUNDS) if wait <= bound)] += 1
    return counts


def _note(half: timedelta | None, left_out: str) -> str:
    said = f"Half of the changes wait more than {length(half, DAY)} of working time." if half else "In working time."
    return f"{said} Left out: {left_out}." if left_out else said


def _layout(counts: Sequence[int]) -> dict[str, Any]:
    return {
        "xaxis": {"visible": False, "range": [0, max(max(counts) * 1.2, 4)]},
        "yaxis": {"autorange": "reversed", "showgrid": False, **GAP},
        "margin": {"l": 60, "r": 8, "t": 4, "b": 4},
        "bargap": 0.4,
    }
