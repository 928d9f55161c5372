"""Who is in a team on a day, in order of name; never with a count of what anybody did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from teams.models import Membership, Team, TimeOff


@dataclass(frozen=True, slots=True)
class Member:
    """``away`` are the days off that are not over yet, half-open (first day, first day back), soonest first."""

    person_id: int
    name: str
    initials: str
    role: str
    share: Decimal
    leads: bool
    manages: bool
    away: tuple[tuple[date, date], ...]


def members(team: Team, *, day: date) -> list[Member]:
    """The people who are in ``team`` on ``day``, in order of name; two queries."""
    rows = Membership.objects.on(day).filter(team=team).select_related("person")
    found = list(rows.order_by("person__name", "person_id"))
    away: dict[int, list[tuple[date, date]]] = {}
    off = TimeOff.objects.filter(person__in=[row.person_id for row in found], end__gt=day).order_by("start")
    for person, start, end in off.values_list("person_id", "start", "end"):
        away.setdefault(person, []).append((start, end))
    return [
        Member(
            person_id=row.person_id,
            name=row.person.name,
            initials=row.person.initials,
            role=row.role,
            share=row.share,
            leads=row.person_id == team.lead_id,
            manages=row.person_id == team.manager_id,
            away=tuple(away.get(row.person_id, ())),
        )
        for row in found
    ]
