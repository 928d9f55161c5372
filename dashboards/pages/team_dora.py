"""The DORA tiles of a team: now against the period before, in words; what is missing is said. PURE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pandas as pd

from dashboards import words
from dashboards.definitions import COUNTED
from delivery.core.dora import Dora
from delivery.core.measure import Measure, Spread

SAME: Final = 0.1  # a change of less than a tenth is told as none
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tile:
    """One measure. Without enough data ``value`` is empty and ``why`` says what is missing."""

    title: str
    value: str
    unit: str
    trend: str  # Slower, Longer, About the same
    before: str  # than 4.1 before
    basis: str  # what it rests on and what was left out
    why: str = ""
    weekly: tuple[int, ...] = ()  # week by week, oldest first
    weekly_says: str = ""
    counted: str = ""  # its definition


def tiles(now: Dora, before: Dora, weekly: pd.DataFrame) -> tuple[Tile, ...]:
    """The four of the design; the fifth, rework, is told by ``rework``."""
    made = {
        "deployments": _frequency(now.frequency, before.frequency, [int(count) for count in weekly["deployments"]]),
        "lead_time": _duration(
            "Lead time for a change", now.lead_time, before.lead_time, "change", ("Longer", "Shorter")
        ),
        "fail_rate": _fail_rate(now.fail_rate, before.fail_rate, [int(count) for count in weekly["failed"]]),
        "restore": _duration("Time to restore", now.recovery, before.recovery, "failure", ("Slower", "Quicker")),
    }
    return tuple(replace(tile, counted=COUNTED[metric]) for metric, tile in made.items())


def rework(now: Measure) -> str:
    """The fifth measure as a sentence. Incidents without a linked fix make it a lower bound, and none of it no news."""
    if now.value is None:
        return ""
    if now.left_out and not now.value:
        return f"How many deployments were unplanned repairs is not known: {now.why}."
    least = "At least " if now.left_out else ""
    left_out = f"; {now.why}" if now.why else ""
    return f"{least}{_percent(now.value)} of {words.number(now.n)} deployments were unplanned repairs{left_out}."


def guesses(count: int) -> str:
    """How sure the links between incidents and deployments are."""
    if not count:
        return ""
    return f"{words.plural(count, 'link')} between an incident and its deployment {'is a guess' if count == 1 else 'are guesses'}."


def _frequency(now: Measure, before: Measure, weekly: Sequence[int]) -> Tile:
    title, basis = "Deployments", _basis(f"{words.plural(now.n, 'deployment')} to production", now.why)
    if now.value is None:
        return _missing(title, f"{words.plural(now.n, 'deployment')} in this time {_few(now.n)}", basis)
    daily = now.value >= 7
    value, earlier = (rate / 7 if daily and rate is not None else rate for rate in (now.value, before.value))
    trend, than = _trend(value, earlier, words.decimal, ("More often", "Less often"))
    says = f"Deployments a week: {_told(weekly)}"
    return Tile(
        title, words.decimal(value or 0), "a day" if daily else "a week", trend, than, basis, "", tuple(weekly), says
    )


def _fail_rate(now: Measure, before: Measure, weekly: Sequence[int]) -> Tile:
    title, basis = "Changes that failed", _basis(f"of {words.plural(now.n, 'deployment')}", now.why)
    if now.value is None:
        return _missing(title, f"{words.plural(now.n, 'deployment')} in this time {_few(now.n)}", basis)
    trend, than = _trend(now.value, before.value, _percent, ("More", "Fewer"))
    says = f"Deployments with an incident, week by week: {_told(weekly)}"
    return Tile(title, _percent(now.value), "of deployments", trend, than, basis, "", tuple(weekly), says)


def _duration(title: str, now: Spread, before: Spread, of: str, words_of_change: tuple[str, str]) -> Tile:
    basis = _basis(f"half of {words.plural(now.n, of)}", now.why)
    if now.p50 is None:
        return _missing(title, f"{words.plural(now.n, of)} in this time {_few(now.n)}", basis)
    unit, size = _unit(now.p50)
    earlier = before.p50 / size if before.p50 is not None else None
    trend, than = _trend(now.p50 / size, earlier, _short, words_of_change)
    return Tile(title, _short(now.p50 / size), unit, trend, than, basis)


def _missing(title: str, why: str, basis: str) -> Tile:
    return Tile(title, "", "", "", "", basis, f"Not enough data: {why}.")


def _few(count: int) -> str:
    return "is too few" if count == 1 else "are too few"


def _told(weekly: Sequence[int]) -> str:
    return ", ".join(words.number(count) for count in weekly)


def _percent(share: float) -> str:
    return f"{round(100 * share)}%"


def _basis(of: str, why: str) -> str:
    return f"{of}; {why}" if why else of


def _unit(span: timedelta) -> tuple[str, timedelta]:
    if span < 2 * HOUR:
        return "minutes", timedelta(minutes=1)
    return ("hours", HOUR) if span < 2 * DAY else ("days", DAY)


def _short(value: float) -> str:
    return words.number(round(value)) if value >= 20 else words.decimal(value)


def _trend(
    now: float | None, before: float | None, said: Callable[[float], str], change: tuple[str, str]
) -> tuple[str, str]:
    """The change as a word and what it is against."""
    if now is None or before is None:
        return "", "not enough data before to compare"
    told = said(before)
    if abs(now - before) <= SAME * max(now, before):
        return "About the same", f"as {told} before"
    return change[0] if now > before else change[1], f"than {told} before"
