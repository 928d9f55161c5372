"""Declared against computed: where an owner's word is better than the forecast, the furthest apart first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dashboards import words
from delivery.core.chance import Level
from delivery.core.promise import Promise

DECLARED: Final = {
    "on_track": (Level.ON_TRACK, "On track"),
    "at_risk": (Level.AT_RISK, "At risk"),
    "off_track": (Level.LIKELY, "Off track"),
}
SERIOUSNESS: Final = {Level.ON_TRACK: 0, Level.AT_RISK: 1, Level.LIKELY: 2}


@dataclass(frozen=True, slots=True)
class Dispute:
    promise: Promise
    declared: Level
    declared_word: str
    sure: str  # the owner's confidence: 80% sure, or empty
    forecast: str  # the chance to make it
    note: str


def disputes(promises: Iterable[Promise]) -> tuple[Dispute, ...]:
    """Promises whose forecast is worse than their owner's last word."""
    found = [one for one in promises if is_disputed(one)]
    found.sort(key=lambda one: (-(one.disagreement or 0), -(one.missing or 0), one.title))
    return tuple(_dispute(one) for one in found)


def is_disputed(promise: Promise) -> bool:
    said = DECLARED.get(promise.declared)
    return said is not None and SERIOUSNESS.get(promise.level, -1) > SERIOUSNESS[said[0]]


def _dispute(promise: Promise) -> Dispute:
    level, word = DECLARED[promise.declared]
    return Dispute(
        promise=promise,
        declared=level,
        declared_word=word,
        sure="" if promise.confidence is None else f"{promise.confidence}% sure",
        forecast=f"{words.to_make_it(promise.missing or 0)} to make it",
        note=_note(promise),
    )


def _note(promise: Promise) -> str:
    who = promise.owner or "Nobody owns it"
    said = f", {words.near_day(promise.declared_on, promise.day)}" if promise.declared_on else ""
    if promise.disagreement is None:
        return f"{who}{said}"
    apart = round(100 * abs(promise.disagreement))
    return f"{who}{said} · {words.plural(apart, 'point')} apart"
