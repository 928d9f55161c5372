"""Said against happened: a mark for each class of chance, with its band; on the diagonal a forecast keeps its word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.charts.common import Figure, Key
from delivery.core.reliability import Bin


def figure(bins: Sequence[Bin], name: str, title: str) -> Figure:
    """``bins`` in order of the chance; ``name`` the id of the figure."""
    said, came = [round(100 * one.said, 1) for one in bins], [round(100 * one.came, 1) for one in bins]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": said,
        "y": came,
        "customdata": [one.n for one in bins],
        "marker": {"size": 9, "color": "var(--accent)"},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [round(max(100 * (one.band.high - one.came), 0), 1) for one in bins],
            "arrayminus": [round(max(100 * (one.came - one.band.low), 0), 1) for one in bins],
            "color": "var(--accent) / 0.55",
            "thickness": 1.5,
            "width": 0,
        },
        "hovertemplate": "Said %{x:.0f} %, happened %{y:.0f} % (n %{customdata})<extra></extra>",
    }
    return Figure(
        id=name,
        title=title,
        note="Across: the chance we stated. Up: the share that came true, with its 95 % band. On the line, forecasts keep their word.",
        alt=_finding(bins),
        data=[marks],
        layout=_layout(),
        columns=("Said", "Happened", "95 % band", "n"),
        rows=tuple(_row(one) for one in bins),
        key=(Key("mark", "Forecasts of one class, with its 95 % band"), Key("exact", "Exactly as often as said")),
    )


def _row(one: Bin) -> tuple[str, ...]:
    band = f"{100 * one.band.low:.0f} to {100 * one.band.high:.0f} %"
    return f"{100 * one.said:.0f} %", f"{100 * one.came:.0f} %", band, f"{one.n:,}"


def _finding(bins: Sequence[Bin]) -> str:
    told = "; ".join(f"said {100 * one.said:.0f} %, happened {100 * one.came:.0f} % (n {one.n:,})" for one in bins)
    return f"{told[:1].upper()}{told[1:]}."


def _layout() -> dict[str, Any]:
    axis = {"range": [-3, 103], "tickvals": [0, 25, 50, 75, 100], "ticksuffix": " %", "zeroline": False}
    diagonal = {"type": "line", "x0": 0, "y0": 0, "x1": 100, "y1": 100, "layer": "below"}
    return {
        "xaxis": {**axis, "showgrid": False},
        "yaxis": axis,
        "margin": {"l": 44, "r": 12, "t": 8, "b": 28},
        "shapes": [{**diagonal, "line": {"color": "var(--ink-3)", "width": 1, "dash": "dot"}}],
    }
