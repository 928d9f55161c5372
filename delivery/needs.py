"""What waits for a person: decisions, overdue actions, new risks, stale check-ins, gaps; the oldest duty first.

Three queries, and one or two more for who runs teams; the deliverables are handed in. For many people ``somebody`` says
of whom nothing need be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from delivery import access, actions
from delivery.core.promise import Promise
from delivery.due_check_ins import MAY, STALE, Due, due_goals
from delivery.models import Action, Risk, Scenario
from people.access import User, has_role, is_known
from people.models import Role
from teams.access import teams_run


class NeedKind(StrEnum):
    DECISION = "decision"
    OVERDUE = "overdue"
    RISK = "risk"
    STALE = "stale"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Need:
    """One line. ``about``: the id of the scenario, action, risk, deliverable or goal (a stale one), as its kind says.

    ``who``: who asked, or whose action it is; empty where it is the reader. ``lacks``: what a gap lacks.
    """

    kind: NeedKind
    about: int
    deliverable: int | None
    title: str
    since: date | None
    who: str = ""
    lacks: str = ""


def needs(
    user: User,
    promises: Iterable[Promise],
    *,
    day: date,
    goals: Sequence[Due] | None = None,
    among: Collection[int] | None = None,
) -> list[Need]:
    """Everything that waits for ``user`` on ``day``; ``promises`` are the open ones, ``goals`` (asked for unless given)
    those that they are asked about, ``among`` what ``somebody`` says of the day.
    """
    if not is_known(user) or has_role(user, Role.EXECUTIVE, Role.ADMIN):
        return []
    runs = _runs(user)
    mine = [one for one in promises if one.owner_id == user.pk]
    found = _gaps(mine)
    if among is None or runs or runs is None or user.pk in among:
        found += [*_decisions(user), *_overdue(user, runs, day), *_risks(user, runs)]
    if has_role(user, *MAY):
        found += [*_stale(mine, day), *_stale_goals(due_goals(user, day=day) if goals is None else goals)]
    return sorted(found, key=lambda one: (one.since is None, one.since or day, one.title, one.about))


def somebody(*, day: date) -> frozenset[int]:
    """Ids of those for whom a decision, an overdue action or a new risk may wait though they run no team; four queries."""
    new = Risk.objects.filter(state=Risk.State.NEW)
    asked = (
        Scenario.objects.filter(state=Scenario.State.PROPOSED).values_list("proposed_to", flat=True),
        Action.objects.filter(state__in=actions.OPEN, due__lt=day).values_list("owner", flat=True),
        new.values_list("owner", flat=True),
        new.filter(owner=None).values_list("deliverable__owner", flat=True),
    )
    return frozenset(pk for rows in asked for pk in rows.order_by().distinct() if pk is not None)


def _runs(user: User) -> set[int] | None:
    """Ids of the teams that ``user`` runs; None is all of them."""
    return None if has_role(user, Role.DIRECTOR) else teams_run(user)


def _in_teams(runs: set[int] | None, *paths: str) -> Q:
    """Rows about one of the teams at ``paths``."""
    if runs is None:
        return ~Q(pk=None)
    of = Q(pk=None)
    for path in paths:
        of |= Q(**{f"{path}__in": runs})
    return of


def _decisions(user: User) -> list[Need]:
    rows = Scenario.objects.filter(state=Scenario.State.PROPOSED, proposed_to=user.pk)
    rows = rows.filter(deliverable__in=access.visible_deliverables(user)).select_related("by", "deliverable")
    return [
        Need(
            NeedKind.DECISION,
            row.pk,
            row.deliverable_id,
            f"{row.deliverable.title}: {row.name}",
            timezone.localdate(row.proposed_at) if row.proposed_at else None,
            row.by.name if row.by else "",
        )
        for row in rows
    ]


def _overdue(user: User, runs: set[int] | None, day: date) -> list[Need]:
    """One's own, and those about the teams one runs."""
    rows = access.visible_actions(user).filter(state__in=actions.OPEN, due__lt=day)
    rows = rows.filter(Q(owner=user.pk) | _in_teams(runs, "deliverable__team_id", "risk__team_id"))
    return [_late(row, user) for row in rows.select_related("owner")]


def _late(row: Action, user: User) -> Need:
    whose = "" if row.owner_id == user.pk else (row.owner.name if row.owner else "nobody")
    return Need(NeedKind.OVERDUE, row.pk, row.deliverable_id, row.title, row.due, whose)


def _risks(user: User, runs: set[int] | None) -> list[Need]:
    """New risks that are one's own, or that nobody in the teams one runs has taken yet."""
    rows = Risk.objects.filter(state=Risk.State.NEW)
    unowned = Q(owner__isnull=True) & (
        _in_teams(runs, "deliverable__team_id", "team_id", "goal__team_id") | Q(deliverable__owner=user.pk)
    )
    rows = rows.filter(Q(goal__isnull=True) | Q(goal__in=access.visible_goals(user)))
    rows = rows.filter(Q(owner=user.pk) | unowned).select_related("deliverable", "goal", "team").distinct()
    return [
        Need(NeedKind.RISK, row.pk, row.deliverable_id, f"{_threatened(row)}: {row.title}", row.opened) for row in rows
    ]


def _threatened(row: Risk) -> str:
    about = row.deliverable or row.goal
    return about.title if about else str(row.team)


def _stale(mine: Sequence[Promise], day: date) -> list[Need]:
    """No word for two weeks on what one owns; since it began where there never was one."""
    last = [(one, one.declared_on or one.start) for one in mine if one.start <= day]
    return [
        Need(NeedKind.STALE, one.id, one.id, one.title, on, lacks="" if one.declared_on else "check-in")
        for one, on in last
        if day - on >= STALE
    ]


def _stale_goals(found: Iterable[Due]) -> list[Need]:
    """The same of the goals that one is asked about."""
    return [
        Need(NeedKind.STALE, one.id, None, one.title, one.since, lacks="" if one.last else "check-in")
        for one in found
        if one.stale
    ]


def _gaps(mine: Sequence[Promise]) -> list[Need]:
    return [Need(NeedKind.GAP, one.id, one.id, one.title, one.start, lacks=_lacks(one)) for one in mine if _lacks(one)]


def _lacks(one: Promise) -> str:
    if one.target is None:
        return "no date"
    return "" if one.items else "no work items in its scope"
