"""A manager's week: everything that waits for their word, the oldest word first, and what they have said already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from dashboards import words
from dashboards.pages.disputes import DECLARED
from dashboards.pages.goals import said_says
from dashboards.sentences import Phrase, Sentence
from delivery.access import User
from delivery.core.chance import Level
from delivery.due_check_ins import MAY, Due, due
from people.access import has_role


@dataclass(frozen=True, slots=True)
class Line:
    title: str
    kind: str
    url: str
    level: Level | None
    word: str
    says: str
    stale: str
    draft: bool


@dataclass(frozen=True, slots=True)
class Week:
    headline: Sentence
    level: Level
    waiting: tuple[Line, ...]
    said: tuple[Line, ...]
    first: str  # address of the first form
    asked: bool  # whether the reader is ever asked


def week(user: User, *, day: date) -> Week:
    found = due(user, day=day)
    waiting = [one for one in found if one.waiting]
    return Week(
        headline=headline(found, day),
        level=Level.AT_RISK if any(one.stale for one in waiting) else Level.ON_TRACK,
        waiting=tuple(line(one, day) for one in waiting),
        said=tuple(line(one, day) for one in found if not one.waiting),
        first=address(waiting[0]) if waiting else "",
        asked=has_role(user, *MAY),
    )


def headline(found: Sequence[Due], day: date) -> Sentence:
    """5 things wait for your word; 2 have had none for two weeks."""
    waiting = [one for one in found if one.waiting]
    stale = sum(one.stale for one in waiting)
    if not found:
        return (Phrase("Nothing waits for your word."),)
    if not waiting:
        return (Phrase("You have said a word on everything this week."),)
    many = words.plural(len(waiting), "thing")
    first = Phrase(f"{many} {'waits' if len(waiting) == 1 else 'wait'} for your word", "em" if stale else "")
    minutes = f"about {words.plural(len(waiting), 'minute')} in all."
    if not stale:
        return (first, Phrase(f"; {minutes}", "quiet"))
    return (first, Phrase(f"; {stale} {'has' if stale == 1 else 'have'} had none for two weeks.", "quiet"))


def address(one: Due) -> str:
    return reverse("check_in", args=["goal" if one.is_goal else "deliverable", one.id])


def line(one: Due, day: date) -> Line:
    last = one.last
    return Line(
        title=one.title,
        kind="Goal" if one.is_goal else "Deliverable",
        url=address(one),
        level=DECLARED[last.status][0] if last else None,
        word=DECLARED[last.status][1] if last else "",
        says=said_says(last.confidence, last.day, day)
        if last
        else f"never a word since {words.long_day(one.start, day)}",
        stale=f"no word for {words.days((day - one.since).days)}" if one.stale else "",
        draft=one.draft,
    )
