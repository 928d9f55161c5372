"""Why the chance is what it is: from what is usual here, cause by cause, to the chance of missing.

An accounting of the model: the points add up to the per cent that is shown everywhere, and prove no cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import floor
from typing import Any, Final, NamedTuple

from dashboards import words
from dashboards.charts.common import Figure, plain
from dashboards.charts.driver_words import told
from delivery.core.chance import level_of
from delivery.core.drivers import Drivers

WORTH_A_BAR: Final = 0.01
LONGEST: Final = 27  # letters of a name beside its bar
ROUNDING: Final = 1e-6


class Bar(NamedTuple):
    """A cause: its name, its points and what was measured."""

    name: str
    points: int
    why: str


def figure(drivers: Drivers, titles: Mapping[int, str]) -> Figure:
    """``titles``: of the deliverables that it may wait for, by id."""
    found, total = bars(drivers, titles), words.percent(drivers.missing)
    return Figure(
        id="drivers",
        title="What drives the chance of missing?",
        note=f"Start from what is usual here; each cause adds or takes points; together they make {_percent(total)}.",
        alt=_finding(found, total),
        data=[_trace(found, total, str(level_of(1 - drivers.missing)))],
        layout=_layout(found, total),
        columns=("Cause", "Points", "What was measured"),
        rows=(*_rows(found), ("Chance of missing", _percent(total), "")),
        narrow={"layout.margin.l": 140, "layout.yaxis.tickfont.size": 11},
    )


def bars(drivers: Drivers, titles: Mapping[int, str]) -> tuple[Bar, ...]:
    """What is usual, then the causes, the strongest first; whole points that add up to the shown per cent."""
    large = [share for share in drivers.shares if abs(share.share) >= WORTH_A_BAR]
    large.sort(key=lambda share: (share.share < 0, -abs(share.share)))
    small = sum(share.share for share in drivers.shares if abs(share.share) < WORTH_A_BAR)
    named = [told(share, titles) for share in large]
    values = [drivers.usual, *(share.share for share in large), small]
    whole = whole_points(values, words.percent(drivers.missing))
    found = [Bar("Usual here", whole[0], _usual(drivers.usual_n))]
    found += [Bar(one.name, points, one.why) for one, points in zip(named, whole[1:-1], strict=True)]
    if whole[-1]:
        found.append(Bar("Smaller causes", whole[-1], "Each of them is less than a point"))
    return tuple(found)


def whole_points(values: Sequence[float], total: int) -> list[int]:
    """``values`` (0-1) in whole points that add up to ``total``: the largest remainders get what is left over."""
    exact = [100 * value + ROUNDING for value in values]
    whole = [floor(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    left = total - sum(whole)
    each, rest = divmod(left, len(whole))
    for rank, place in enumerate(order):
        whole[place] += each + (rank < rest)
    return whole


def _usual(count: int) -> str:
    if not count:
        return "No promise has ended here yet: an assumption, not a measurement"
    return f"How often promises are missed here, of {words.plural(count, 'promise')}"


def _percent(total: int) -> str:
    return f"{words.short_of_certain(total)}%"


def _signed(points: int) -> str:
    return f"{'+' if points > 0 else ''}{words.number(points)}"


def _finding(found: Sequence[Bar], total: int) -> str:
    usual, *causes = found
    said = [f"{one.name} {'adds' if one.points > 0 else 'takes'} {abs(one.points)}" for one in causes if one.points]
    middle = f"; {', '.join(said)}" if said else ""
    return f"Waterfall in points: usual here {usual.points}{middle}; the chance of missing is {_percent(total)}."


def _rows(found: Sequence[Bar]) -> tuple[tuple[str, str, str], ...]:
    usual, *causes = found
    first = (usual.name, f"{usual.points}%", usual.why)
    return (first, *((one.name, _signed(one.points), one.why) for one in causes))


def _ends(found: Sequence[Bar]) -> list[int]:
    return list(accumulate(one.points for one in found))


def _label(name: str) -> str:
    return plain(words.short(name, LONGEST))


def _trace(found: Sequence[Bar], total: int, level: str) -> dict[str, Any]:
    _, *causes = found
    starts = [0, *_ends(found)[:-1]]
    colours = ["var(--likely) / 0.62" if one.points > 0 else "var(--accent)" for one in causes]
    texts = [f"{found[0].points}%", *(_signed(one.points) for one in causes), f"<b>{_percent(total)}</b>"]
    places = list(range(len(found) + 1))
    return {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "x": [*(abs(one.points) for one in found), total],
        "base": [*(min(start, start + one.points) for start, one in zip(starts, found, strict=True)), 0],
        "text": texts,
        "textposition": "outside",
        "textfont": {"color": "var(--ink)"},
        "marker": {"color": ["var(--ink-3)", *colours, f"var(--{level})"]},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _layout(found: Sequence[Bar], total: int) -> dict[str, Any]:
    ends = _ends(found)
    names = [*(_label(one.name) for one in found), "<b>Chance of missing</b>"]
    line = {"color": "var(--line-strong)", "width": 1}
    links = [
        {"type": "line", "x0": end, "x1": end, "y0": place - 0.3, "y1": place + 1.3, "line": line, "layer": "below"}
        for place, end in enumerate(ends)
    ]
    ticks = {"tickvals": list(range(len(names))), "ticktext": names, "tickfont": {"color": "var(--ink)"}}
    lowest, highest = min([0, *ends]), max([1, total, *ends])
    return {
        "xaxis": {"visible": False, "range": [lowest - (8 if lowest < 0 else 0), highest * 1.16]},
        "yaxis": {"range": [len(names) - 0.5, -0.5], "showgrid": False, "ticks": "", "ticklen": 8, **ticks},
        "margin": {"l": 190, "r": 8, "t": 0, "b": 0},
        "bargap": 0.42,
        "shapes": links,
    }
