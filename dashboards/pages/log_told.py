"""What Headway itself tells in the log of a deliverable: levels that were crossed, scope that jumped, what actions brought.

By the week and over the last half year at most, from stored forecasts and the burn-up: what nobody wrote down is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

import pandas as pd

from dashboards import words
from dashboards.pages.actions import Line
from dashboards.pages.log import Entry
from delivery.core.chance import Level, level_of
from delivery.models import Action, Forecast

WEEKS: Final = 26
JUMP: Final = 0.1  # of the scope a week before
STEPS: Final = ((90, "9 in 10"), (80, "4 in 5"))  # shown per cent of missing, the highest first
SERIOUS: Final = {Level.ON_TRACK: 0, Level.AT_RISK: 1, Level.LIKELY: 2}
BECAME: Final = {Level.ON_TRACK: "on track", Level.AT_RISK: "at risk", Level.LIKELY: "likely to miss"}


def told(weeks: Sequence[Forecast], frame: pd.DataFrame, ended: Iterable[Line], day: date) -> tuple[Entry, ...]:
    """``weeks``: a forecast a week, oldest first. ``frame``: scope by day. ``ended``: actions that are over."""
    return (*_crossings(weeks, day), *_jumps(frame, day), *_done(ended, day))


def _crossings(weeks: Sequence[Forecast], day: date) -> Iterator[Entry]:
    known = [one for one in weeks if one.chance is not None]
    seen = {level_of(known[0].chance)} if known else set()
    for before, after in pairwise(known):
        strong = _crossed(before, after, seen)
        seen.add(level_of(after.chance))
        if strong:
            missing = [1 - (one.chance or 0) for one in (before, after)]
            text = f"The chance of missing went from {words.per_cent(missing[0])} to {words.per_cent(missing[1])}."
            yield _by_headway(after.day, strong, text, day)


def _crossed(before: Forecast, after: Forecast, seen: set[Level]) -> str:
    """A change of level, or within the worst one a step up; empty where neither."""
    was, now = level_of(before.chance), level_of(after.chance)
    shown = [words.percent(1 - (one.chance or 0)) for one in (before, after)]
    passed = next((name for limit, name in STEPS if shown[0] < limit <= shown[1]), "")
    if passed:
        return f"Forecast passed {passed}."
    if was == now:
        return ""
    again = " again" if now in seen else ""
    return f"Is {BECAME[now]}{again}."


def _jumps(frame: pd.DataFrame, day: date) -> Iterator[Entry]:
    """Weeks over which the scope rose by a tenth or more, counted back from the last day."""
    scopes = [(at, int(scope)) for at, scope in zip(frame["day"], frame["scope"], strict=True)][-7 * WEEKS - 1 :]
    for (_, before), (at, after) in pairwise(scopes[::-1][::7][::-1]):
        if before > 0 and after - before >= JUMP * before:
            rose = f"Scope rose from {words.number(before)} to {words.plural(after, 'item')}."
            yield _by_headway(pd.Timestamp(at).date(), rose, "", day)


def _done(ended: Iterable[Line], day: date) -> Iterator[Entry]:
    for one in ended:
        action = one.action
        if action.state == Action.State.DONE and action.ended is not None and action.ended <= day:
            yield _by_headway(action.ended, f"Done: {action.title}.", one.brought, day)


def _by_headway(on: date, strong: str, text: str, day: date) -> Entry:
    when = "Today" if on == day else f"{on:%a} {words.long_day(on, day)}"
    return Entry(on, False, strong, text, "", f"{when}, Headway")
