"""The risk landscape: time left against the chance of missing; size is impact, the tail is last week's move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboards import words
from dashboards.charts.common import Figure, Key, Swatch, plain
from dashboards.charts.labels import Label, Line, Offer, Room, Spot, beside, box_of, further
from delivery.core.chance import Level
from delivery.core.promise import Promise

WEEK: Final = 7
MOST_LABELS: Final = 7
MOST_LABELS_NARROW: Final = 3
LONGEST_LABEL: Final = 24
SHORT_LABEL: Final = 16
TRIES: Final = 14  # so many of the likeliest are tried
WIDE: Final = (480.0, 326.0)  # the smallest plot without its margins
NARROW: Final = (250.0, 326.0)
FIRST: Final = -2  # days: the left edge
LOW, HIGH = -0.02, 1.004
OPACITY: Final = {Level.LIKELY: 1.0, Level.AT_RISK: 0.8, Level.ON_TRACK: 0.45}
GROUPS: Final[tuple[Swatch, ...]] = ("group-0", "group-1", "group-2")
LEVELS: Final = {  # how high the word of a level can stand in its part, best first
    Level.LIKELY: (0.96, 0.9, 0.84, 0.78, 0.72, 0.66, 0.6, 0.55),
    Level.AT_RISK: (0.46, 0.42, 0.38, 0.34, 0.3, 0.26, 0.22, 0.19),
    Level.ON_TRACK: (0.02, 0.06, 0.1),
}
MARKS: Final[tuple[dict[str, Any], ...]] = (
    {"color": "var(--group-ml)", "line": {"width": 1.5, "color": "var(--surface)"}, "symbol": "circle"},
    {"color": "var(--group-dp-soft)", "line": {"width": 2.5, "color": "var(--group-dp)"}, "symbol": "circle"},
    {"color": "var(--ink-3)", "line": {"width": 1.5, "color": "var(--surface)"}, "symbol": "square"},
)


@dataclass(frozen=True, slots=True)
class Place:
    """A promise in the landscape: days left (0 when its day is over), its shown chance, and the ring of its group."""

    promise: Promise
    x: int
    y: float
    group: int
    stands_out: str

    @property
    def size(self) -> float:
        return 12 + 4 * min(len(self.promise.waited_for_by), 4)


def figure(promises: Sequence[Promise], facts: Sequence[str]) -> Figure:
    """``facts``: what stands out about each of ``promises``. Those without a forecast or a date are not drawn."""
    groups = sorted({one.group for one in promises})
    places = [
        Place(one, max(one.days_left or 0, 0), _shown(one.missing), groups.index(one.group), fact)
        for one, fact in zip(promises, facts, strict=True)
        if one.missing is not None and one.target is not None
    ]
    places.sort(key=lambda one: -one.y)
    return Figure(
        id="landscape",
        title="Which promises are in danger, and how soon?",
        note="Higher: likelier to miss. Left: due sooner. Bigger: more wait for it. Tail: the move since last week.",
        alt=_finding(places),
        data=[_tails(places), *(_marks(places, number, name) for number, name in enumerate(groups))],
        layout=_layout(places),
        narrow=_narrow(places),
        columns=("Deliverable", "Group", "Days left", "Chance of missing", "Last week", "Wait for it"),
        rows=tuple(_row(one.promise) for one in places),
        key=tuple(Key(GROUPS[min(number, 2)], name) for number, name in enumerate(groups)),
        height="tall",
    )


def _shown(missing: float) -> float:
    return words.percent(missing) / 100


def _tails(places: Sequence[Place]) -> dict[str, Any]:
    xs: list[int | None] = []
    ys: list[float | None] = []
    for one in places:
        before = one.promise.missing_before
        if before is not None:
            xs += [one.x + WEEK, one.x, None]
            ys += [_shown(before), one.y, None]
    line = {"color": "var(--ink-3)", "width": 1.25}
    return {
        "type": "scatter", "mode": "lines", "x": xs, "y": ys, "line": line, "opacity": 0.45, "hoverinfo": "skip"
    }  # fmt: skip


def _marks(places: Sequence[Place], group: int, name: str) -> dict[str, Any]:
    here = [one for one in places if one.group == group]
    looks = {"size": [one.size for one in here], "opacity": [OPACITY[one.promise.level] for one in here]}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": [one.x for one in here],
        "y": [one.y for one in here],
        "marker": MARKS[min(group, 2)] | looks,
        "customdata": [_told(one) for one in here],
        "hovertemplate": (
            "<b>%{customdata[0]}</b><br>%{customdata[1]}, due %{customdata[2]}<br>"
            "%{customdata[5]} chance of missing, %{customdata[3]}<br>%{customdata[4]}<extra></extra>"
        ),
    }


def _told(one: Place) -> list[str]:
    promise = one.promise
    due = words.dated(promise.target, promise.day) if promise.target else ""
    in_words = words.chance_in_words(round(one.y * 100))
    chance = words.per_cent(promise.missing)
    return [plain(promise.title), plain(promise.team), due, in_words, plain(one.stands_out), chance]


def _row(promise: Promise) -> tuple[str, ...]:
    return (
        promise.title,
        promise.group,
        words.number(promise.days_left or 0),
        words.per_cent(promise.missing),
        words.per_cent(promise.missing_before),
        str(len(promise.waited_for_by)),
    )


def _finding(places: Sequence[Place]) -> str:
    counted = f"Scatter of {words.plural(len(places), 'deliverable')} by time left and chance of missing."
    if not places:
        return counted
    above = sum(one.promise.level == Level.LIKELY for one in places)
    top = places[0]
    highest = f"{top.promise.title} is highest at {words.per_cent(top.promise.missing)}"
    are = "is" if above == 1 else "are"
    return f"{counted} {above} {are} likely to miss; {highest} with {words.days(top.x)} left."


def _last(places: Sequence[Place]) -> int:
    return max([28, *(one.x for one in places)]) + 10


def _layout(places: Sequence[Place]) -> dict[str, Any]:
    last = _last(places)
    band = {"xref": "paper", "x0": 0, "x1": 1}
    return {
        "xaxis": _time(last, 5)
        | {"range": [FIRST, last], "hoverformat": "d", "title": {"text": "Time left until the promised date"}},
        "yaxis": {
            "range": [LOW, HIGH],
            "tickvals": [0, 0.15, 0.5, 1],
            "ticktext": ["0%", "15%", "50%", "100%"],
            "showgrid": False,
        },
        "margin": {"l": 44, "r": 0, "t": 10, "b": 44},
        "shapes": [
            {"type": "rect", **band, "y0": 0.5, "y1": 1, "fillcolor": "var(--likely-soft)", "opacity": 0.5},
            _limit(0.5, {"color": "var(--likely)", "width": 1}, 0.5),
            _limit(0.15, {"color": "var(--at-risk)", "width": 1, "dash": "dot"}, 0.8),
        ],
        "annotations": _annotations(places, WIDE, MOST_LABELS, LONGEST_LABEL),
    }


def _limit(at: float, line: dict[str, Any], opacity: float) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line, "opacity": opacity}


def _narrow(places: Sequence[Place]) -> dict[str, Any]:
    ticks = _time(_last(places), 3)
    return {
        "layout.annotations": _annotations(places, NARROW, MOST_LABELS_NARROW, SHORT_LABEL),
        "layout.xaxis.tickvals": ticks["tickvals"],
        "layout.xaxis.ticktext": ticks["ticktext"],
    }


def _time(last: int, most: int) -> dict[str, list[Any]]:
    """Ticks in weeks: every 2, 4, 8, … so that at most ``most`` follow today."""
    step = next(step for step in (2, 4, 8, 13, 26, 52, 520) if last // (step * WEEK) <= most)
    weeks = range(step, last // WEEK + 1, step)
    return {"tickvals": [0, *(week * WEEK for week in weeks)], "ticktext": ["Today", *(f"{w} weeks" for w in weeks)]}


def _annotations(places: Sequence[Place], size: tuple[float, float], most: int, longest: int) -> list[dict[str, Any]]:
    """The words of the levels, then names of the likeliest in danger; each where there is room for it."""
    scale = _scale(places, size)
    spots = [scale.spot(one) for one in places]
    room = Room(*size, spots, [scale.tail(one) for one in places if one.promise.missing_before is not None])
    found = [_level_word(level, heights, room, scale) for level, heights in LEVELS.items()]
    left = most
    for one, spot in list(zip(places, spots, strict=True))[:TRIES]:
        if not left or one.promise.level not in (Level.LIKELY, Level.AT_RISK):
            break
        named = _named(one, spot, room, longest)
        if named:
            left -= 1
            found.append(_name(one, *named, scale))
    return found


def _named(one: Place, spot: Spot, room: Room, longest: int) -> tuple[str, Offer] | None:
    """The name and its place; a shorter one where the longer finds none."""
    texts = dict.fromkeys(words.short(one.promise.title, letters) for letters in (longest, SHORT_LABEL))
    for text in texts:
        offer = room.place(Label(spot, len(text)), [*beside(spot), *further(spot)])
        if offer:
            return text, offer
    return None


@dataclass(frozen=True, slots=True)
class Scale:
    """How many pixels a day and the whole of the chances take."""

    per_x: float
    per_y: float

    def spot(self, one: Place) -> Spot:
        return Spot((one.x - FIRST) * self.per_x, (one.y - LOW) * self.per_y, one.size / 2)

    def tail(self, one: Place) -> Line:
        spot = self.spot(one)
        before = (_shown(one.promise.missing_before or 0) - LOW) * self.per_y
        return Line(spot.x, spot.y, spot.x + WEEK * self.per_x, before)


def _scale(places: Sequence[Place], size: tuple[float, float]) -> Scale:
    return Scale(size[0] / (_last(places) - FIRST), size[1] / (HIGH - LOW))


def _level_word(level: Level, heights: Sequence[float], room: Room, scale: Scale) -> dict[str, Any]:
    """At the right edge of its level, as high as there is room; further left where the edge is full."""
    word = words.LEVELS[level]
    choices = [(share, y) for share in (1.0, 0.8, 0.6, 0.4) for y in heights]
    labels = [Label(Spot(share * room.width, (y - LOW) * scale.per_y, 0), len(word)) for share, y in choices]
    offer = Offer(-8, 0, "right")
    at = next((number for number, label in enumerate(labels) if room.place(label, [offer])), None)
    if at is None:
        room.boxes.append(box_of(labels[0], offer))
    share, y = choices[at or 0]
    place = {"xref": "paper", "x": share, "xshift": -8, "xanchor": "right"}
    return {**place, "y": y, "text": word, "font": {"color": f"var(--{level}-ink)"}}


def _name(one: Place, text: str, offer: Offer, scale: Scale) -> dict[str, Any]:
    """A label in pixels from its mark; one with a leader stands on the axes, so that it moves with what it avoids."""
    name = {"x": one.x, "y": one.y, "text": plain(text), "xanchor": offer.xanchor, "font": {"color": "var(--ink)"}}
    if not offer.led:
        return name | {"xshift": round(offer.xshift, 1), "yshift": round(offer.yshift, 1)}
    end = {"ax": round(one.x + offer.xshift / scale.per_x, 2), "ay": round(one.y + offer.yshift / scale.per_y, 4)}
    line = {"showarrow": True, "arrowhead": 0, "arrowwidth": 1, "arrowcolor": "var(--ink-3)", "standoff": one.size / 2}
    return name | end | {"axref": "x", "ayref": "y"} | line
