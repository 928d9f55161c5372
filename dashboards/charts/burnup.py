"""When will the work be done: what is done, the scope, and the fan of simulated futures against the promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from dashboards import words
from dashboards.charts import outlook
from dashboards.charts.burnup_words import ABOVE, FAINT, INK, NARROW, WIDE, Day, captions, highest, thinned
from dashboards.charts.common import Figure, Key, month_ticks, steps
from delivery.core.promise import Promise

__all__ = ["Day", "figure"]

BANDS: Final = ((5, 95, "0.10"), (15, 85, "0.16"))
MARKS: Final = ((50, 1.0), (85, 0.7), (95, 0.45))


def figure(promise: Promise, history: Sequence[Day]) -> Figure:
    """``history``: oldest first, at least one day, up to the day of the promise's forecast."""
    marks = _marks(promise)
    return Figure(
        id="burnup",
        title="When will the work be done?",
        note=_note(promise, marks),
        alt=_finding(promise, history[-1], marks),
        data=[*_fan(promise, history[-1]), *_past(history), *_dots(promise, history[-1], marks)],
        layout=_layout(promise, history, marks),
        narrow={"layout.annotations": captions(promise, history, marks, NARROW), "layout.margin.l": 28},
        columns=("Week of", "Scope", "Done", "Forecast"),
        rows=_rows(promise, history, marks),
        key=_key(promise, marks),
        height="tall",
    )


def _marks(promise: Promise) -> list[tuple[int, date]]:
    dates = {50: promise.p50, 85: promise.p85, 95: promise.p95}
    limit = promise.day + outlook.FURTHEST
    return [(share, day) for share, _ in MARKS if (day := dates[share]) and day <= limit and promise.quantiles]


def _note(promise: Promise, marks: Sequence[tuple[int, date]]) -> str:
    if not promise.quantiles:
        return "Items in scope and items done. There is no forecast to draw yet."
    if not marks:
        return "The fan holds 9 in 10 simulated futures. Not even half of them are done within a year, where it is cut off."
    return (
        "The fan holds 9 in 10 simulated futures. By the P50, P85 and P95 dates, 50, 85 and 95 of 100 futures are done."
    )


def _finding(promise: Promise, now: Day, marks: Sequence[tuple[int, date]]) -> str:
    said = (
        f"Burn-up: {now.done} of {words.plural(now.scope, 'item')} done on {words.long_day(promise.day, promise.day)}."
    )
    if marks:
        dates = words.listed([f"{words.long_day(day, promise.day)} at P{share}" for share, day in marks])
        said += f" The forecast meets the scope line on {dates}."
    if promise.target:
        said += f" Promised is {words.long_day(promise.target, promise.day)}."
    return said


def _fan(promise: Promise, now: Day) -> list[dict[str, Any]]:
    if not promise.quantiles or now.scope <= now.done:
        return []
    bands = [_band(promise, now, low, high, strength) for low, high, strength in BANDS]
    path = {"x": [f"{now.day}", f"{outlook.day_of(promise, 50)}"], "y": [now.done, now.scope]}
    return [*bands, _line(path, {"color": "var(--accent)", "width": 2}) | {"hoverinfo": "skip", "cliponaxis": True}]


def _band(promise: Promise, now: Day, low: int, high: int, strength: str) -> dict[str, Any]:
    first, last = outlook.day_of(promise, low), outlook.day_of(promise, high)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [f"{now.day}", f"{first}", f"{last}", f"{now.day}"],
        "y": [now.done, now.scope, now.scope, now.done],
        "fill": "toself",
        "fillcolor": f"var(--accent) / {strength}",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "cliponaxis": True,
    }


def _line(places: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines", **places, "line": line}


def _past(history: Sequence[Day]) -> list[dict[str, Any]]:
    shown = thinned(history)
    days = [f"{one.day}" for one in shown]
    scope = _line({"x": days, "y": [one.scope for one in shown]}, FAINT | {"width": 1.5, "shape": "hv"})
    done = _line({"x": days, "y": [one.done for one in shown]}, INK | {"width": 2.5})
    return [
        scope | {"name": "Scope", "hovertemplate": "%{x}<br>Scope: %{y} items<extra></extra>"},
        done | {"name": "Done", "hovertemplate": "%{x}<br>Done: %{y} items<extra></extra>"},
    ]


def _dots(promise: Promise, now: Day, marks: Sequence[tuple[int, date]]) -> list[dict[str, Any]]:
    """Today, the forecast's dates, the promise."""
    ring = {"width": 2, "color": "var(--surface)"}
    dots = [_dot([now.day], [now.done], {"color": "var(--ink)", "size": 9, "line": ring})]
    if marks:
        strengths = dict(MARKS)
        looks = {"color": "var(--accent)", "size": 9, "opacity": [strengths[share] for share, _ in marks]}
        said = [f"{words.capital(words.chance_in_words(share))} (P{share})" for share, _ in marks]
        told = {"customdata": said, "hovertemplate": "%{customdata}: %{x}<extra></extra>"}
        dots.append(_dot([day for _, day in marks], [now.scope] * len(marks), looks) | told)
    if promise.target:
        diamond = {"symbol": "diamond", "color": "var(--surface)", "size": 12, "line": INK | {"width": 1.75}}
        dots.append(_dot([promise.target], [0], diamond) | {"hovertemplate": "Promised %{x}<extra></extra>"})
    return dots


def _dot(days: Sequence[date], heights: Sequence[int], marker: dict[str, Any]) -> dict[str, Any]:
    places = {"x": [f"{day}" for day in days], "y": list(heights)}
    return {"type": "scatter", "mode": "markers", **places, "marker": marker, "hoverinfo": "skip"}


def _layout(promise: Promise, history: Sequence[Day], marks: Sequence[tuple[int, date]]) -> dict[str, Any]:
    first, last = outlook.axis(promise, history[0].day - timedelta(days=2))
    return {
        "xaxis": {"type": "date", "range": [f"{first}", f"{last}"], **month_ticks(first, last)},
        "yaxis": {"range": [0, highest(history) * ABOVE], "tickvals": steps(highest(history))},
        "margin": {"l": 32, "r": 4, "t": 4, "b": 28},
        "shapes": _shapes(promise, history[-1], last),
        "annotations": captions(promise, history, marks, WIDE),
    }


def _shapes(promise: Promise, now: Day, last: date) -> list[dict[str, Any]]:
    shapes = [_upright(promise.day, now.scope, FAINT | {"width": 1, "dash": "dot"})]
    if promise.target:
        late = {"x0": f"{promise.target}", "x1": f"{last}", "yref": "paper", "y0": 0, "y1": 1}
        shapes.append({"type": "rect", **late, "fillcolor": "var(--likely-soft)", "opacity": 0.42})
        shapes.append(_upright(promise.target, now.scope, INK | {"width": 1.25}))
    if promise.quantiles and now.scope > now.done:
        level = {"x0": f"{now.day}", "x1": f"{last}", "y0": now.scope, "y1": now.scope}
        shapes.append({"type": "line", **level, "line": FAINT | {"width": 1.5, "dash": "dot"}})
    return shapes


def _upright(day: date, height: int, line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "line", "x0": f"{day}", "x1": f"{day}", "y0": 0, "y1": height, "line": line}


def _key(promise: Promise, marks: Sequence[tuple[int, date]]) -> tuple[Key, ...]:
    path = (Key("path", "Most likely path"),) if marks else ()
    promised = (Key("target", "Promise"),) if promise.target else ()
    return (Key("done", "Done"), Key("scope", "Scope"), *path, *promised)


def _rows(
    promise: Promise, history: Sequence[Day], marks: Sequence[tuple[int, date]]
) -> tuple[tuple[str, str, str, str], ...]:
    """Each Monday and the last day; then the forecast's dates."""
    kept = [one for one in history[:-1] if one.day.weekday() == 0] + [history[-1]]
    past = [(words.dated(one.day, promise.day), str(one.scope), str(one.done), "") for one in kept]
    scope = str(history[-1].scope)
    ahead = [
        (words.dated(day, promise.day), scope, f"all, in {share} of 100 futures", f"P{share}") for share, day in marks
    ]
    return (*past, *ahead)
