"""What was said and what was changed, with who and when, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from dashboards import words
from dashboards.pages.disputes import DECLARED
from delivery.core.chance import Level
from delivery.goal_names import told_to
from delivery.models import CheckIn, PlanChange
from people.access import User

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """``strong`` and ``text`` say what, ``note`` is a person's own words, ``reason`` why they differ from the forecast."""

    strong: str
    text: str
    note: str
    reason: str
    who_and_when: str
    level: Level | None = None


def words_on(rows: QuerySet[CheckIn], day: date) -> tuple[Told, ...]:
    """Check-ins on one goal or deliverable."""
    return tuple(_word(one, day) for one in rows.select_related("by").order_by("-day", "-id")[:MOST])


def _word(one: CheckIn, day: date) -> Told:
    level, word = DECLARED[one.status]
    sure = "" if one.confidence is None else f", {one.confidence}% sure"
    forecast = (
        "" if one.chance is None else f"The forecast said {words.to_make_it(1 - one.chance)} to make it that day."
    )
    return Told(f"{word}{sure}.", forecast, one.note, one.reason, _signed(one.day, one.by, day), level)


def changes_of(user: User, rows: Any, day: date) -> tuple[Told, ...]:
    """What was changed of one goal or deliverable, as far as the reader may know of other goals."""
    found = rows.select_related("by").order_by("-at", "-id")[:MOST]
    return tuple(_change(one, day) for one in told_to(user, list(found)))


def _change(one: PlanChange, day: date) -> Told:
    if one.before and one.after:
        text = f"from “{words.short(one.before, 200)}” to “{words.short(one.after, 200)}”"
    elif one.after or one.before:
        text = f"“{words.short(one.after, 200)}”" if one.after else f"no longer “{words.short(one.before, 200)}”"
    else:
        text = ""
    return Told(
        f"{one.what}{':' if text else '.'}", text, one.note, "", _signed(timezone.localdate(one.at), one.by, day)
    )


def _signed(on: date, who: Any, day: date) -> str:
    return f"{'Today' if on == day else words.near_day(on, day)}, {who.name if who else 'by the command line or somebody who left'}"
