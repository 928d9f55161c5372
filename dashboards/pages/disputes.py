"""Declared against computed: where an owner's word and the forecast differ, the furthest apart first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import words
from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.goal_tree import GoalStanding

DECLARED: Final = {
    "on_track": (Level.ON_TRACK, "On track"),
    "at_risk": (Level.AT_RISK, "At risk"),
    "off_track": (Level.LIKELY, "Off track"),
}
SERIOUSNESS: Final = {Level.ON_TRACK: 0, Level.AT_RISK: 1, Level.LIKELY: 2}


@dataclass(frozen=True, slots=True)
class Dispute:
    """``gap``: declared confidence less the chance to make it, 0-1; None where no confidence was said."""

    title: str
    kind: str
    url: str
    declared: Level
    declared_word: str
    sure: str  # the owner's confidence: 80% sure, or empty
    level: Level
    forecast: str  # the chance to make it
    note: str
    reason: str
    gap: float | None
    hopeful: bool  # the word is better than the forecast


def disputes(
    promises: Iterable[Promise], goals: Iterable[GoalStanding] = (), day: date | None = None
) -> tuple[Dispute, ...]:
    """Promises and goals whose forecast is worse than their owner's last word, the widest gap first."""
    return tuple(one for one in differing(promises, goals, day) if one.hopeful)


def differing(promises: Iterable[Promise], goals: Iterable[GoalStanding], day: date | None) -> Sequence[Dispute]:
    """All whose declared and computed status are not the same, in both directions, the widest gap first."""
    found = [_of_promise(one) for one in promises if _differs(one.declared, one.level)]
    found += [_of_goal(one, day) for one in goals if day and one.said and _differs(one.said.status, one.computed)]
    return sorted(found, key=lambda one: (not one.hopeful, -abs(one.gap or 0), one.title))


def is_disputed(promise: Promise) -> bool:
    said = DECLARED.get(promise.declared)
    return said is not None and SERIOUSNESS.get(promise.level, -1) > SERIOUSNESS[said[0]]


def _differs(status: str, level: Level) -> bool:
    return status in DECLARED and level in SERIOUSNESS and DECLARED[status][0] != level


def _hopeful(status: str, level: Level) -> bool:
    return SERIOUSNESS[level] > SERIOUSNESS[DECLARED[status][0]]


def _of_promise(one: Promise) -> Dispute:
    level, word = DECLARED[one.declared]
    return Dispute(
        title=one.title,
        kind="Deliverable",
        url=reverse("deliverable", args=[one.id]),
        declared=level,
        declared_word=word,
        sure="" if one.confidence is None else f"{one.confidence}% sure",
        level=one.level,
        forecast=f"{words.to_make_it(one.missing or 0)} to make it",
        note=_note(one.owner, one.declared_on, one.disagreement, one.day),
        reason=one.declared_reason,
        gap=one.disagreement,
        hopeful=_hopeful(one.declared, one.level),
    )


def _of_goal(one: GoalStanding, day: date | None) -> Dispute:
    assert one.said is not None
    assert day is not None
    level, word = DECLARED[one.said.status]
    sure = one.said.confidence
    return Dispute(
        title=one.title,
        kind="Goal",
        url=reverse("goal", args=[one.id]),
        declared=level,
        declared_word=word,
        sure="" if sure is None else f"{sure}% sure",
        level=one.computed,
        forecast=f"{words.to_make_it(1 - (one.chance or 0))} to make it",
        note=_note(one.owner, one.said.day, one.gap, day),
        reason=one.said.reason,
        gap=one.gap,
        hopeful=_hopeful(one.said.status, one.computed),
    )


def _note(owner: str, on: date | None, gap: float | None, day: date) -> str:
    who = owner or "Nobody owns it"
    said = f", {words.near_day(on, day)}" if on else ""
    if gap is None:
        return f"{who}{said}"
    return f"{who}{said} · {words.plural(round(100 * abs(gap)), 'point')} apart"
