"""Who sees which team and which person (PRODUCT.md "Roles"). A line is who works for whom at this moment.

The role says how far somebody sees, the organisation says whom: a director their groups and everything below, a
manager the teams they manage and those that their reports manage. Administrators and executives have no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from people.access import User, has_role, is_known
from people.models import Person, Role
from teams.models import Group, Membership, Team

_GroupRow = tuple[int, int | None, int | None]  # id, parent, director


def visible_groups(user: User) -> QuerySet[Group]:
    return Group.objects.all() if is_known(user) else Group.objects.none()


def visible_teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if is_known(user) else Team.objects.none()


def visible_memberships(user: User, *, day: date | None = None) -> QuerySet[Membership]:
    """Who is in which team now, as the team pages show; what is over or to come only of people one may see."""
    if not is_known(user):
        return Membership.objects.none()
    day = day or timezone.localdate()
    now = Q(start__lte=day) & (Q(end__isnull=True) | Q(end__gt=day))
    return Membership.objects.filter(now | Q(person__in=visible_people(user, day=day)))


def visible_people(user: User, *, day: date | None = None) -> QuerySet[Person]:
    """People whose page ``user`` may see: their own line, and always themselves.

    ``day`` is when the line is looked at, and now unless said: a permission is about the present.
    """
    return Person.objects.filter(pk__in=ids_of_visible_people(user, day=day))


def ids_of_visible_people(user: User, *, day: date | None = None) -> set[int]:
    """The same as ids; without a query of who runs nothing."""
    return _line(user, day or timezone.localdate()) | {user.pk} if is_known(user) else set()


def can_see_person(user: User, person: Person, *, day: date | None = None) -> bool:
    return visible_people(user, day=day).filter(pk=person.pk).exists()


def onlookers(person: Person, *, day: date | None = None) -> list[Person]:
    """Everybody but ``person`` who may see their page, in order of name: those in whose line they are."""
    organisation, groups = _organisation(day or timezone.localdate()), _group_rows()
    bosses = Person.objects.filter(is_active=True, role__in=(Role.DIRECTOR, Role.MANAGER)).exclude(pk=person.pk)
    return [
        boss
        for boss in bosses
        if person.pk in _line_of(boss.pk, organisation, groups if boss.role == Role.DIRECTOR else [])
    ]


def teams_run(user: User, *, day: date | None = None) -> set[int]:
    """Ids of the teams whose plans ``user`` may change: a director all, a manager own and below, a lead own."""
    if has_role(user, Role.DIRECTOR):
        return set(Team.objects.values_list("pk", flat=True))
    if has_role(user, Role.MANAGER):
        return _organisation(day or timezone.localdate()).teams_below(user.pk)
    if has_role(user, Role.LEAD):
        return set(Team.objects.filter(lead_id=user.pk).values_list("pk", flat=True))
    return set()


def groups_run(user: User) -> set[int]:
    """Ids of the groups whose plans ``user`` may change: a director all, a manager those they direct, nested."""
    if has_role(user, Role.DIRECTOR):
        return set(Group.objects.values_list("pk", flat=True))
    return _groups_below(user.pk) if has_role(user, Role.MANAGER) else set()


def can_add_team(user: User) -> bool:
    """Groups and teams are made by directors, and by administrators who set an organisation up."""
    return has_role(user, Role.DIRECTOR, Role.ADMIN)


def can_change_team(user: User, team: Team, *, day: date | None = None) -> bool:
    """Its name, lead, time zone and who is in it: an administrator, a director, the managers above it."""
    return has_role(user, Role.ADMIN) or can_edit_team(user, team, day=day)


def placeable(user: User, *, day: date | None = None) -> QuerySet[Person]:
    """Whom ``user`` may put into a team that they may change, or name its lead: a director and an administrator anybody,
    a manager engineers and leads of their own line and those whom no team has; or they could bring others’ lines under
    their own.
    """
    if has_role(user, Role.DIRECTOR, Role.ADMIN):
        return Person.objects.all()
    on = day or timezone.localdate()
    taken = Q(pk__in=Membership.objects.on(on).values("person")) | Q(
        pk__in=Team.objects.exclude(lead=None).values("lead")
    )
    return Person.objects.filter(Q(pk__in=_line(user, on)) | ~taken, role__in=(Role.ENGINEER, Role.LEAD))


def can_place(user: User, person: Person, *, day: date | None = None) -> bool:
    return placeable(user, day=day).filter(pk=person.pk).exists()


def can_place_team(user: User) -> bool:
    """Say in which group a team is and who manages it: what decides whose line its people are in."""
    return has_role(user, Role.DIRECTOR, Role.ADMIN)


def teams_changed(user: User) -> set[int]:
    """Ids of the teams that can_change_team allows now."""
    if has_role(user, Role.ADMIN):
        return set(Team.objects.values_list("pk", flat=True))
    return teams_run(user) if has_role(user, Role.DIRECTOR, Role.MANAGER) else set()


def can_edit_team(user: User, team: Team, *, day: date | None = None) -> bool:
    """Capacity, time off, open roles and budget of a team: a director, and the managers above it."""
    return has_role(user, Role.DIRECTOR, Role.MANAGER) and team.pk in teams_run(user, day=day)


@dataclass(frozen=True, slots=True)
class _Organisation:
    """Who runs and who is in each team, by id, on one day."""

    teams: dict[int, Team]
    members: dict[int, set[int]]

    def people_in(self, teams: Iterable[int]) -> set[int]:
        return {person for team in teams for person in self.members.get(team, ())}

    def teams_below(self, manager: int) -> set[int]:
        """Teams that ``manager`` manages, and those that people in them manage, and so on."""
        found: set[int] = set()
        bosses = {manager}
        while new := {pk for pk, team in self.teams.items() if team.manager_id in bosses} - found:
            found |= new
            bosses |= self.people_in(new)
        return found


_remembered: ContextVar[dict[date, _Organisation] | None] = ContextVar("organisation", default=None)


@contextmanager
def organisation_remembered() -> Iterator[None]:
    """Inside the block who runs and who is in which team is read once for all whose line is looked at."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def _organisation(day: date) -> _Organisation:
    kept = _remembered.get()
    if kept is None:
        return _read_organisation(day)
    if day not in kept:
        kept[day] = _read_organisation(day)
    return kept[day]


def _read_organisation(day: date) -> _Organisation:
    members: dict[int, set[int]] = {}
    for team, person in Membership.objects.on(day).values_list("team_id", "person_id"):
        members.setdefault(team, set()).add(person)
    return _Organisation({team.pk: team for team in Team.objects.all()}, members)


def _line(user: User, day: date) -> set[int]:
    """Ids of everybody who works for ``user`` on ``day``."""
    if not has_role(user, Role.DIRECTOR, Role.MANAGER):
        return set()
    directs = has_role(user, Role.DIRECTOR)
    return _line_of(user.pk, _organisation(day), _group_rows() if directs else [])


def _line_of(boss: int, organisation: _Organisation, groups: Sequence[_GroupRow]) -> set[int]:
    """Everybody below ``boss``: of the teams they manage, and with ``groups`` of the groups they direct."""
    teams = organisation.teams_below(boss)
    leaders = {organisation.teams[pk].lead_id for pk in teams}
    directed = _below(boss, groups)
    run = {pk for pk, team in organisation.teams.items() if team.group_id in directed}
    leaders |= {person for pk in run for person in _heads(organisation.teams[pk])}
    leaders |= {director for pk, _, director in groups if pk in directed}
    return organisation.people_in(teams | run) | {pk for pk in leaders if pk}


def _heads(team: Team) -> set[int | None]:
    return {team.manager_id, team.lead_id}


def _group_rows() -> list[_GroupRow]:
    return list(Group.objects.values_list("pk", "parent_id", "director_id"))


def _groups_below(director: int) -> set[int]:
    """Ids of the groups that ``director`` directs, with all that nest in them."""
    return _below(director, _group_rows())


def _below(director: int, groups: Sequence[_GroupRow]) -> set[int]:
    found = {pk for pk, _, by in groups if by == director}
    while new := {pk for pk, parent, _ in groups if parent in found} - found:
        found |= new
    return found
