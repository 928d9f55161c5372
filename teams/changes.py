"""What people write of groups, teams and memberships: checked, kept, and refused where somebody else was quicker.

Who may do so is for the caller to ask (teams.access). The same checks stand behind API and import. ``seen`` is
``content_hash`` of what was looked at, such as ``content_hash(team_as_told(team))``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from people.changes import (
    PersonTold,
    add_person,
    change_person,
    content_hash,
    locked,
    name_problem,
    person_as_told,
    person_problems,
    zone_problem,
)
from people.models import Person
from people.refused import Conflict, Wrong
from teams.models import Group, Membership, Team

__all__ = [
    "Conflict", "MembershipTold", "PersonTold", "TeamTold", "Wrong", "add_membership", "add_person", "add_team",
    "change_membership", "change_person", "change_team", "content_hash", "membership_as_told", "membership_problems",
    "person_as_told", "person_problems", "share_warning", "team_as_told", "team_problems",
]  # fmt: skip

LONGEST_NAME: Final = 120
LONGEST_SLUG: Final = 50
LONGEST_ROLE: Final = 60
FIRST_DAY: Final = date(1950, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class TeamTold:
    """What may be said of a team; its ``slug`` is its name in addresses and files, and never changes."""

    slug: str
    name: str
    group: Group | None
    manager: Person | None = None
    lead: Person | None = None
    timezone: str = "UTC"
    archived: bool = False


@dataclass(frozen=True, slots=True)
class MembershipTold:
    """Somebody in a team over the half-open days [start, end); ``share`` of their time, over 0 up to 1."""

    person: Person | None
    team: Team | None
    start: date
    end: date | None = None
    role: str = "engineer"
    share: Decimal = Decimal(1)


def team_as_told(row: Team) -> TeamTold:
    return TeamTold(row.slug, row.name, row.group, row.manager, row.lead, row.timezone, row.archived)


def membership_as_told(row: Membership) -> MembershipTold:
    return MembershipTold(row.person, row.team, row.start, row.end, row.role, Decimal(row.share).normalize())


def team_problems(told: TeamTold, *, before: Team | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. No queries."""
    found = {}
    if says := slug_problem(told.slug):
        found["slug"] = says
    elif before is not None and before.slug != told.slug:
        found["slug"] = f"A team keeps its short name: {before.slug}."
    if says := name_problem(told.name, LONGEST_NAME, "ML Platform"):
        found["name"] = says
    if told.group is None:
        found["group"] = "Choose the group that the team is in."
    if says := zone_problem(told.timezone):
        found["timezone"] = says
    for name in ("manager", "lead"):
        who, was = getattr(told, name), getattr(before, f"{name}_id", None)
        if who is not None and not who.is_active and who.pk != was:
            found[name] = f"{who.name} is switched off: choose somebody else, or nobody."
    return found


def slug_problem(slug: str) -> str:
    try:
        validate_slug(slug)
    except ValidationError:
        return "Use letters without accents, digits and hyphens, such as ml-platform."
    return f"Keep it to {LONGEST_SLUG} letters." if len(slug) > LONGEST_SLUG else ""


def membership_problems(told: MembershipTold, others: Iterable[Membership]) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; ``others``: the person's other memberships. No queries."""
    found = {}
    if told.person is None:
        found["person"] = "Choose who it is."
    if told.team is None:
        found["team"] = "Choose the team."
    if len(told.role.strip()) > LONGEST_ROLE or not told.role.strip():
        found["role"] = f"Say in up to {LONGEST_ROLE} letters what they do there, such as engineer."
    if not 0 < told.share <= 1:
        found["share"] = "Enter a share over 0 up to 1, such as 0.5 for half of the time."
    elif told.share != round(told.share, 3):
        found["share"] = "Keep it to three digits after the point, such as 0.333."
    return found | _days_problems(told, others)


def _days_problems(told: MembershipTold, others: Iterable[Membership]) -> dict[str, str]:
    if not FIRST_DAY <= told.start <= LAST_DAY or (told.end is not None and told.end > LAST_DAY):
        return {"start": "Enter days between 1950 and 2199, such as 2027-01-04."}
    if told.end is not None and told.end <= told.start:
        return {"end": "It is the first day after it, so it comes after the start; leave it empty where none is known."}
    same = (one for one in others if told.team is not None and _is_of(one, told.team) and _meets(one, told))
    for one in same:
        until = f"until {one.end}" if one.end else "without an end"
        return {
            "start": f"They are in this team from {one.start} {until} already: end that first, or change these days."
        }
    return {}


def _is_of(one: Membership, team: Team) -> bool:
    return one.team is team or (team.pk is not None and one.team_id == team.pk)


def _meets(one: Membership, told: MembershipTold) -> bool:
    """Whether they share a day."""
    return (told.end is None or one.start < told.end) and (one.end is None or told.start < one.end)


def share_warning(told: MembershipTold, others: Iterable[Membership]) -> str:
    """Where the shares of one person come to more than all of their time; empty otherwise. It may be meant."""
    meeting = [one for one in others if _meets(one, told)]
    days = {told.start, *(one.start for one in meeting if one.start >= told.start)}
    total, day = max((told.share + sum(one.share for one in meeting if _holds(one, day)), day) for day in days)
    if total <= 1 or told.person is None:
        return ""
    return f"{told.person.name} would be in teams for {total:.0%} of the time from {day} on: is that meant?"


def _holds(one: Membership, day: date) -> bool:
    return one.start <= day and (one.end is None or day < one.end)


@transaction.atomic
def add_team(told: TeamTold) -> Team:
    """Raises Wrong."""
    wrong = team_problems(told)
    if Team.objects.filter(slug=told.slug).exists():
        wrong["slug"] = f"There is a team called {told.slug} already: choose another name."
    if wrong:
        raise Wrong(wrong)
    return Team.objects.create(slug=told.slug, **team_columns(told))


@transaction.atomic
def change_team(team: Team, told: TeamTold, *, seen: str) -> Team:
    """Raises Conflict and Wrong."""
    row = locked(Team, team.pk, team_as_told, seen)
    if wrong := team_problems(told, before=row):
        raise Wrong(wrong)
    return _saved(row, team_columns(told))


@transaction.atomic
def add_membership(told: MembershipTold) -> Membership:
    """Raises Wrong."""
    if wrong := membership_problems(told, _others(told)):
        raise Wrong(wrong)
    return Membership.objects.create(**membership_columns(told))


@transaction.atomic
def change_membership(membership: Membership, told: MembershipTold, *, seen: str) -> Membership:
    """Raises Conflict and Wrong."""
    others = _others(told)
    row = locked(Membership, membership.pk, membership_as_told, seen)
    if wrong := membership_problems(told, [one for one in others if one.pk != row.pk]):
        raise Wrong(wrong)
    return _saved(row, membership_columns(told))


def _others(told: MembershipTold) -> list[Membership]:
    """The person's memberships, and the person locked, so that two cannot be given at once."""
    if told.person is None:
        return []
    Person.objects.select_for_update(no_key=True).get(pk=told.person.pk)
    return list(Membership.objects.filter(person=told.person))


def team_columns(told: TeamTold) -> dict[str, Any]:
    """Without the slug, which never changes."""
    return {
        "name": told.name.strip(),
        "group": told.group,
        "manager": told.manager,
        "lead": told.lead,
        "timezone": told.timezone,
        "archived": told.archived,
    }


def membership_columns(told: MembershipTold) -> dict[str, Any]:
    names = ("person", "team", "start", "end", "share")
    return {name: getattr(told, name) for name in names} | {"role": told.role.strip()}


def _saved(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row
