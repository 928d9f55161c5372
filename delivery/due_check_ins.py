"""Whose word is due on what, this week: behind the check-in page, the needs-you queue, and the reminders of the digest.

A week begins on Monday. The owner is asked; where nobody owns it who may check in, the team's lead is, else its manager,
and for a group's goal the group's director.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from delivery import access
from delivery.last_words import last_check_ins
from delivery.models import CheckIn, CheckInDraft, Deliverable, Goal
from people.access import User, has_role
from people.models import Person, Role

STALE: Final = timedelta(days=14)
"""A word as old as this says nothing any more."""
MAY: Final = (Role.DIRECTOR, Role.MANAGER, Role.LEAD)


@dataclass(frozen=True, slots=True)
class Due:
    """A goal or a deliverable that somebody answers for this week, with its last word.

    ``since``: the day of the last word, or of its start; ``waiting``: whether this week's word is still to come;
    ``last``: None where there never was one; ``draft``: whether they have begun to type.
    """

    is_goal: bool
    id: int
    title: str
    start: date
    since: date
    last: CheckIn | None
    waiting: bool
    stale: bool
    draft: bool = False

    @property
    def key(self) -> tuple[bool, int]:
        return self.is_goal, self.id


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def answered_for(user: User, *, day: date) -> tuple[QuerySet[Goal], QuerySet[Deliverable]]:
    """Running goals and open deliverables that ``user`` is asked about on ``day``."""
    if not has_role(user, *MAY):
        return Goal.objects.none(), Deliverable.objects.none()
    goals = access.visible_goals(user).filter(start__lte=day, end__gt=day).filter(_lasts("dropped", day))
    rows = access.visible_deliverables(user).filter(start__lte=day)
    rows = rows.filter(_lasts("delivered", day), _lasts("dropped", day))
    group = Q(team=None, group__director=user.pk)
    return goals.filter(_asked(user, "team__") | _unowned() & group), rows.filter(_asked(user, "team__"))


def _lasts(end: str, day: date) -> Q:
    return Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": day})


def _unowned() -> Q:
    """Nobody owns it who may check in."""
    return Q(owner=None) | Q(owner__is_active=False) | ~Q(owner__role__in=MAY)


def _asked(user: User, team: str) -> Q:
    lead = Q(**{f"{team}lead": user.pk})
    manager = Q(**{f"{team}manager": user.pk}) & Q(**{f"{team}lead__isnull": True})
    return Q(owner=user.pk) & ~_unowned() | _unowned() & (lead | manager)


def due(user: User, *, day: date) -> list[Due]:
    """Everything ``user`` is asked about, what waits for a word first, the oldest word first; five queries or none."""
    if not has_role(user, *MAY):
        return []
    goals, deliverables = answered_for(user, day=day)
    found = [*_dues(goals, "goal", day), *_dues(deliverables, "deliverable", day)]
    drafts: set[tuple[int | None, int | None]] = set(
        CheckInDraft.objects.filter(by=user.pk).values_list("goal_id", "deliverable_id")
    )
    marked = (one if not _has_draft(one, drafts) else _with_draft(one) for one in found)
    return sorted(marked, key=lambda one: (not one.waiting, one.since, not one.is_goal, one.title, one.id))


def due_goals(user: User, *, day: date) -> list[Due]:
    """The goals alone, in no order; two queries."""
    return list(_dues(answered_for(user, day=day)[0], "goal", day))


def _has_draft(one: Due, drafts: Collection[tuple[int | None, int | None]]) -> bool:
    return ((one.id, None) if one.is_goal else (None, one.id)) in drafts


def _with_draft(one: Due) -> Due:
    return Due(one.is_goal, one.id, one.title, one.start, one.since, one.last, one.waiting, one.stale, draft=True)


def _dues(rows: QuerySet[Any], kind: str, day: date) -> Iterable[Due]:
    found = list(rows.only("pk", "title", "start"))
    said = last_check_ins(rows.model._default_manager.filter(pk__in=[one.pk for one in found]), day)
    last = {getattr(one, f"{kind}_id"): one for one in said.select_related("by")}
    return [_due(row, last.get(row.pk), kind == "goal", day) for row in found]


def _due(row: Goal | Deliverable, last: CheckIn | None, is_goal: bool, day: date) -> Due:
    since = last.day if last else row.start
    return Due(
        is_goal=is_goal,
        id=row.pk,
        title=row.title,
        start=row.start,
        since=since,
        last=last,
        waiting=last is None or last.day < monday(day),
        stale=day - since >= STALE,
    )


def reminders(*, day: date) -> dict[int, list[Due]]:
    """Whom the digest reminds, by their id: active directors, managers and leads for whose word something waits.

    Six queries for each who might be asked.
    """
    people = Person.objects.filter(is_active=True, role__in=MAY).order_by("pk")
    waiting = {one.pk: [each for each in due(one, day=day) if each.waiting] for one in people}
    return {pk: found for pk, found in waiting.items() if found}
