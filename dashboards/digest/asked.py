"""What is asked of one reader: decisions, overdue actions, new risks, gaps, and this week's check-ins, each with its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import words
from dashboards.digest.readers import Reader
from dashboards.digest.records import Line, Section
from dashboards.digest.seen import Portfolio
from dashboards.pages.disputes import disputes
from dashboards.pages.needs_you import Queue, queue
from delivery.core.chance import Level
from delivery.due_check_ins import Due, due
from delivery.needs import NeedKind, needs

MOST: Final = 7
WEIGHT: Final = list(NeedKind)
"""There is room for few: what others wait for comes before what is merely not written down."""
SINGLE: Final = 2  # check-ins that are named one by one
MOST_DISPUTED: Final = 5
TITLE: Final = "What is asked of you"
NOT_KEPT: Final = "What was asked of you that week is not kept."


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a reader. ``waiting``: how many things, each check-in one of them; ``decisions``: the deliverables
    that they are to decide something about.
    """

    section: Section
    waiting: int = 0
    decisions: frozenset[int | None] = frozenset()


def asked(folio: Portfolio, reader: Reader, *, today: date) -> Asked:
    """Nothing of somebody who is nobody in particular. What was asked on a day that is over is not known."""
    if not reader.is_person:
        return Asked(Section(TITLE, ()))
    if folio.seen.day != today:
        return Asked(Section(TITLE, (), note=NOT_KEPT))
    answered_for = due(reader.user, day=today)
    goals = [one for one in answered_for if one.is_goal]
    waits = needs(reader.user, folio.seen.open, day=today, goals=goals, among=folio.seen.asked)
    stale = {(one.deliverable is None, one.about) for one in waits if one.kind == NeedKind.STALE}
    said = [one for one in answered_for if one.waiting and one.key not in stale]
    check_ins = _check_ins(said, today)
    by_weight = sorted(waits, key=lambda one: WEIGHT.index(one.kind))  # of each kind still the oldest first
    lines, room = _lines(queue(by_weight, today)), MOST - len(check_ins)
    section = Section(TITLE, (*check_ins, *lines[:room]), max(len(lines) - room, 0), reverse("overview"))
    return Asked(
        section, len(said) + len(lines), frozenset(one.deliverable for one in waits if one.kind == NeedKind.DECISION)
    )


def _lines(found: Queue) -> list[Line]:
    return [Line(one.kind, one.title, f"{one.why}.", one.url, one.button) for one in (*found.first, *found.rest)]


def _check_ins(found: Sequence[Due], today: date) -> list[Line]:
    """One by one while they are few; else as one line, which the form leads through."""
    if len(found) <= SINGLE:
        return [_check_in(one, today) for one in found]
    ages = [(today - one.last.day).days for one in found if one.last]
    says = f"the oldest word is {words.days(max(ages))} old." if ages else "none was given yet."
    title = f"{words.plural(len(found), 'word')} for this week"
    return [Line("Check-ins", title, says, reverse("check_in_week"), "Check in")]


def _check_in(one: Due, today: date) -> Line:
    url = reverse("check_in", args=["goal" if one.is_goal else "deliverable", one.id])
    said = f"last word {words.days((today - one.since).days)} ago" if one.last else "there was none yet"
    return Line("Check-in", one.title, f"{said}.", url, "Check in")


def disputed(folio: Portfolio) -> Section:
    """Said to be on track, while the forecast says at risk or likely to miss."""
    seen = folio.seen
    goals = [one for one in seen.goals if folio.meant.concerns(team=one.team_id, group=one.group_id)]
    found = [one for one in disputes(folio.promises, goals, seen.day) if one.declared == Level.ON_TRACK]
    lines = tuple(
        Line(
            one.kind,
            one.title,
            f"said on track{_sure(one.sure)}; the forecast gives it {_chance(one.forecast)}.",
            one.url,
        )
        for one in found[:MOST_DISPUTED]
    )
    more_url = f"{reverse('disagreement')}?direction=hopeful"
    return Section("Said on track, forecast otherwise", lines, max(len(found) - MOST_DISPUTED, 0), more_url)


def _sure(said: str) -> str:
    return f" and {said}" if said else ""


def _chance(forecast: str) -> str:
    """19% to make it → a 19% chance to make it."""
    return f"a chance of {forecast}"
