"""The words in the burn-up: dates, what is done, today, the promise and the scope, each where nothing is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

from dashboards import words
from dashboards.charts import outlook
from dashboards.charts.labels import Label, Line, Offer, Room, Spot, box_of
from delivery.core.promise import Promise

MOST_DAYS: Final = 180
WIDE, NARROW, HEIGHT = 480.0, 260.0, 348.0  # the smallest plots without their margins, in pixels
ABOVE: Final = 1.2  # the axis of counts ends above the scope: there is room for the forecast's dates
APART: Final = 54.0  # pixels between two labelled dates: they stay apart on a phone that is narrower still
MARK_RISE: Final = 22
DOT: Final = 4.5
INK, FAINT = {"color": "var(--ink)"}, {"color": "var(--ink-3)"}


@dataclass(frozen=True, slots=True)
class Day:
    """How many items were in scope and done at the end of ``day``."""

    day: date
    scope: int
    done: int


def captions(
    promise: Promise, history: Sequence[Day], marks: Sequence[tuple[int, date]], width: float
) -> list[dict[str, Any]]:
    """The forecast's dates first, then today's count, the promise, today, and the scope, each where there is room."""
    now = history[-1]
    scale = scale_of(promise, history, width)
    kept = _apart(marks, scale.per_day)
    found = [_mark_word(share, day, now.scope) for share, day in kept]
    room = _room(promise, history, marks, scale)
    for share, day in kept:
        text = max(words.short_day(day), f"P{share}", key=len)
        room.boxes.append(box_of(Label(scale.spot(day, now.scope), len(text) + 1, 2), Offer(0, MARK_RISE, "center")))
    found += _word(room, scale, (now.day, now.done), f"{now.done} done", _around_today(now.done), INK, bold=True)
    found += _promised(room, scale, promise, width)
    if width > NARROW:
        side = _at_foot(first=promise.target is not None and promise.target < now.day)[:1]
        foot = _word(room, scale, (now.day, 0), "Today", side, FAINT)
        found += foot or _word(room, scale, (now.day, now.scope), "Today", AT_TOP, FAINT)
        first = history[0]
        grew = f"Scope, {first.scope}" + (f" to {now.scope}" if now.scope != first.scope else "")
        found += _word(room, scale, (first.day, first.scope), grew, ALONG_SCOPE, FAINT)
    return found


def highest(history: Sequence[Day]) -> int:
    return max(1, *(one.scope for one in history))


def thinned(history: Sequence[Day]) -> list[Day]:
    """Every day, or every so many days up to the last one."""
    step = max(1, -(-len(history) // MOST_DAYS))
    return list(history)[::-1][::step][::-1]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where days and counts stand in the smallest plot."""

    first: date
    per_day: float
    per_item: float
    width: float

    def spot(self, day: date, count: float, radius: float = 0) -> Spot:
        return Spot((day - self.first).days * self.per_day, count * self.per_item, radius)

    def line(self, start: tuple[date, float], end: tuple[date, float]) -> Line:
        one, two = self.spot(*start), self.spot(*end)
        return Line(one.x, one.y, two.x, two.y)


def scale_of(promise: Promise, history: Sequence[Day], width: float) -> Scale:
    first, last = outlook.axis(promise, history[0].day - timedelta(days=2))
    return Scale(first, width / max((last - first).days, 1), HEIGHT / (highest(history) * ABOVE), width)


def _room(promise: Promise, history: Sequence[Day], marks: Sequence[tuple[int, date]], scale: Scale) -> Room:
    """What labels keep clear of: the lines of the past, today's and the promise's, the likely path, the dots."""
    now, shown = history[-1], thinned(history)
    lines = [scale.line((one.day, one.done), (two.day, two.done)) for one, two in pairwise(shown)]
    for one, two in pairwise(shown):
        lines.append(scale.line((one.day, one.scope), (two.day, one.scope)))
        lines.append(scale.line((two.day, one.scope), (two.day, two.scope)))
    uprights = [now.day] + ([promise.target] if promise.target else [])
    lines += [scale.line((day, 0), (day, now.scope)) for day in uprights]
    if promise.quantiles and now.scope > now.done:
        lines.append(scale.line((now.day, now.done), (outlook.day_of(promise, 50), now.scope)))
        lines.append(scale.line((now.day, now.scope), (scale.first + timedelta(days=4000), now.scope)))
    spots = [scale.spot(now.day, now.done, DOT), *(scale.spot(day, now.scope, DOT) for _, day in marks)]
    if promise.target:
        spots.append(scale.spot(promise.target, 0, DOT + 2))
    return Room(scale.width, HEIGHT, spots, lines)


def _word(
    room: Room,
    scale: Scale,
    at: tuple[date, int],
    text: str,
    offers: Sequence[Offer],
    font: dict[str, str],
    *,
    bold: bool = False,
) -> list[dict[str, Any]]:
    own = next((one for one in room.spots if (one.x, one.y) == (scale.spot(*at).x, scale.spot(*at).y)), scale.spot(*at))
    offer = room.place(Label(own, len(text)), offers)
    if not offer:
        return []
    place = {"xshift": offer.xshift, "yshift": offer.yshift, "xanchor": offer.xanchor}
    return [{"x": f"{at[0]}", "y": at[1], "text": f"<b>{text}</b>" if bold else text, "font": font, **place}]


def _promised(room: Room, scale: Scale, promise: Promise, width: float) -> list[dict[str, Any]]:
    """The promise beside its line; the day alone where its word finds no room."""
    if not promise.target:
        return []
    offers, day = _at_foot(first=promise.target >= promise.day), words.short_day(promise.target)
    texts = [day] if width <= NARROW else [f"Promised {day}", day]
    tried = (_word(room, scale, (promise.target, 0), text, offers, INK) for text in texts)
    return next((found for found in tried if found), [])


def _around_today(done: int) -> list[Offer]:
    """Below the path to the right; when little is done, above the line of the past, or beside the path."""
    right = [Offer(10, -12, "left"), Offer(12, -22, "left")]
    left = [Offer(-10, rise, "right") for rise in (12, 18, 26)]
    beside = [Offer(across, rise, "left") for across, rise in ((14, 0), (18, 8), (26, 9), (36, 10), (48, 10))]
    above = [Offer(8, rise, "left") for rise in (24, 40, 60, 80)]
    return [*right, *left, *beside, *above] if done else [*left, *beside, *above]


def _at_foot(*, first: bool) -> list[Offer]:
    """At the foot of an upright line, right first or left first; then higher up."""
    sides = [Offer(10, 12, "left"), Offer(-10, 12, "right")]
    higher = [Offer(one.xshift, rise, one.xanchor) for rise in (28, 46, 70, 100) for one in sides]
    return [*(sides if first else sides[::-1]), *higher]


AT_TOP: Final = (
    Offer(0, 12, "center"),
    Offer(-6, -12, "right"),
    Offer(6, -12, "left"),
    Offer(-6, 12, "right"),
    *(Offer(0, rise, "center") for rise in (28, 42)),
)
ALONG_SCOPE: Final = tuple(
    Offer(across, rise, "left") for across in (2, 40, 90) for rise in (-12, 12, -18, 18, -26, 26, -36, 36, -48)
)


def _apart(marks: Sequence[tuple[int, date]], per_day: float) -> list[tuple[int, date]]:
    """The dates that can be labelled without touching; the first one always."""
    kept: list[tuple[int, date]] = []
    for share, day in marks:
        if not kept or (day - kept[-1][1]).days * per_day >= APART:
            kept.append((share, day))
    return kept


def _mark_word(share: int, day: date, height: int) -> dict[str, Any]:
    text = f"<b>{words.short_day(day)}</b><br>P{share}"
    return {"x": f"{day}", "y": height, "text": text, "yshift": MARK_RISE, "xanchor": "center", "font": INK}
