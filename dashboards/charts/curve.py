"""How sure for which date: the chance of being done by each day, split at the promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from dashboards import words
from dashboards.charts import outlook
from dashboards.charts.common import Figure, month_ticks
from dashboards.charts.labels import LINE, Label, Line, Offer, Room, Spot
from delivery.core.promise import Promise

MOST_POINTS: Final = 90
FURTHEST: Final = timedelta(days=3 * 365)
"""The axis reaches an almost sure finish up to here, so that the promise stays readable."""
YEAR: Final = timedelta(days=360)
PLOT: Final = (240.0, 342.0)  # the smallest plot without its margins, in pixels
RADIUS: Final = 7.0
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
        note=_note(promise),
        alt=_finding(promise, marks),
        data=[*_areas(promise, points), _line(points), _dots(marks), *_diamond(promise)],
        layout=_layout(promise, marks, first, last),
        columns=("Done by", "Chance", "In words"),
        rows=_rows(promise, points, marks),
        height="tall",
    )


Points = Sequence[tuple[date, float]]


def _note(promise: Promise) -> str:
    note = "Read up from a date to the chance of being done by then."
    beyond = promise.p85 is None or promise.p85 > promise.day + FURTHEST
    return f"{note} Almost surely done is more than 3 years away." if beyond else note


def _ends(promise: Promise) -> tuple[date, date]:
    """From before the soonest finish and the promise to just past the almost sure one."""
    usual = promise.day + outlook.FURTHEST
    marks = [day for day in (promise.p50, promise.p85) if day and day <= promise.day + FURTHEST]
    last = max(
        promise.target or promise.day, promise.day + timedelta(days=14), min(promise.p95 or usual, usual), *marks
    )
    soonest = min(outlook.day_of(promise, 1), last - timedelta(days=10))
    first = max(min(soonest, promise.target or soonest), promise.day - timedelta(days=11))
    margin = (last - first) * 0.04
    return first - max(margin, timedelta(days=3)), last + max(margin, timedelta(days=3))


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
    return f"{words.short_of_certain(_per_cent(share))}%"


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
        "customdata": [_shown(share) for _, share in points],
        "hovertemplate": "Done by %{x}: %{customdata}<extra></extra>",
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
        "xaxis": {"type": "date", "range": [f"{first}", f"{last}"], **_ticks(first, last)},
        "yaxis": {"range": [0, 1.004], "tickvals": [0, 0.5, 0.85, 1], "ticktext": ["0%", "50%", "85%", "100%"]},
        "margin": {"l": 40, "r": 4, "t": 10, "b": 28},
        "shapes": lines,
        "annotations": _words(promise, marks, first, last),
    }


def _ticks(first: date, last: date) -> dict[str, list[str]]:
    """Months; with their year where a month comes more than once."""
    if last - first < YEAR:
        return month_ticks(first, last, 4)
    ticks = month_ticks(first, last, 3)
    return ticks | {"ticktext": [f"{date.fromisoformat(day):%b %Y}" for day in ticks["tickvals"]]}


def _words(promise: Promise, marks: Points, first: date, last: date) -> list[dict[str, Any]]:
    """Dates beside their marks, the promise's first: above the curve or below it, where there is room."""
    told = [(promise.target, outlook.chance_by(promise, promise.target))] if promise.target else []
    scale = Scale(first, PLOT[0] / max((last - first).days, 1), last - first >= YEAR)
    named = {promise.p50: 50, promise.p85: 85}
    room = _room(promise, [*told, *marks], first, last, scale)
    found = []
    for day, share in (*told, *marks):
        per_cent = _per_cent(share) if day == promise.target else named[day]
        found += _word(day, share, words.chance_in_words(per_cent), room, scale, promise.day)
    return found


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a day and a chance stand in the smallest plot."""

    first: date
    per_day: float
    years: bool  # it is long enough for a month to come twice

    def spot(self, day: date, share: float) -> Spot:
        return Spot((day - self.first).days * self.per_day, share * PLOT[1], RADIUS)


def _room(promise: Promise, told: Points, first: date, last: date, scale: Scale) -> Room:
    line = [scale.spot(day, share) for day, share in _points(promise, first, last)]
    lines = [Line(one.x, one.y, two.x, two.y) for one, two in pairwise(line)]
    spots = [scale.spot(day, share) for day, share in told]
    if promise.target:
        lines.append(Line(spots[0].x, 0, spots[0].x, spots[0].y))
    return Room(*PLOT, spots, lines)


def _word(day: date, share: float, chance: str, room: Room, scale: Scale, today: date) -> list[dict[str, Any]]:
    """The date and its chance; the date alone where both find no room; nothing where it finds none either."""
    spot = scale.spot(day, share)
    dated = words.dated(day, today) if scale.years else words.short_day(day)
    left = spot.x > room.width / 2
    for lines in ([dated, chance], [dated, *_folded(chance)], [dated]):
        label = Label(spot, max(len(line) for line in lines), len(lines))
        offer = room.place(label, _offers(len(lines), left=left))
        if offer:
            text = "<br>".join([f"<b>{dated}</b>", *lines[1:]])
            shift = {"xshift": offer.xshift, "yshift": offer.yshift, "xanchor": offer.xanchor, "align": offer.xanchor}
            return [{"x": f"{day}", "y": share, "text": text, "font": INK, **shift}]
    return []


def _offers(lines: int, *, left: bool) -> list[Offer]:
    """Up to the left and down to the right are away from a rising curve; then along the axis, below, and above."""
    near, far = lines * LINE / 2 - 4, lines * LINE / 2 + RADIUS + 4
    up = [Offer(-12, near, "right"), Offer(-12, 0, "right"), Offer(-8, far, "right")]
    down = [Offer(12, -near, "left"), Offer(12, 0, "left"), Offer(8, -far, "left")]
    along = [Offer(across, rise, "left") for across, rise in ((14, 4), (18, 8), (24, 12), (30, 16))]
    below = [Offer(-12, -near, "right"), Offer(-10, -far, "right"), Offer(-10, -far - 12, "right")]
    above = [Offer(-6, far + more, "left") for more in (0, 12, 24, 40)]
    return [*up, *down, *along, *below, *above] if left else [*down, *up, *along, *below, *above]


def _folded(text: str) -> list[str]:
    """In two lines of about the same length."""
    parts = text.split(" ")
    halves = [[" ".join(parts[:at]), " ".join(parts[at:])] for at in range(1, len(parts))]
    return min(halves, key=lambda two: abs(len(two[0]) - len(two[1])), default=[text])


def _rows(promise: Promise, points: Points, marks: Points) -> tuple[tuple[str, str, str], ...]:
    """About one line a week, and the dates that are marked."""
    step = max(1, len(points) // 10)
    special = {day for day, _ in marks} | {promise.target}
    kept = [one for number, one in enumerate(points) if number % step == 0 or one[0] in special]
    return tuple(
        (words.long_day(day, promise.day), _shown(share), words.chance_in_words(_per_cent(share)))
        for day, share in kept
    )
