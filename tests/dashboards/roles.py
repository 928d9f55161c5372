"""Somebody of each role around one team: whoever a page must be tried with."""

from __future__ import annotations

from dataclasses import dataclass

from people.models import Person, Role
from teams.models import Group, Team
from tests import builders


@dataclass(frozen=True, slots=True)
class Organisation:
    """Mara directs the group, Ines manages the team, Elif leads it, Noor and Hanna work in it."""

    group: Group
    team: Team
    director: Person
    manager: Person
    lead: Person
    engineer: Person
    colleague: Person
    executive: Person
    admin: Person

    def everybody(self) -> tuple[Person, ...]:
        return (
            self.director,
            self.manager,
            self.lead,
            self.engineer,
            self.colleague,
            self.executive,
            self.admin,
        )


def organisation() -> Organisation:
    director = builders.person("Mara Lindqvist", Role.DIRECTOR)
    manager = builders.person("Ines Duarte", Role.MANAGER)
    lead = builders.person("Elif Aydin", Role.LEAD)
    group = builders.group("Data Platform", director=director)
    team = builders.team("Streaming & Events", slug="streaming", group=group, manager=manager, lead=lead)
    return Organisation(
        group=group,
        team=team,
        director=director,
        manager=manager,
        lead=builders.member(team, lead, role="lead"),
        engineer=builders.member(team, builders.person("Noor Haddad")),
        colleague=builders.member(team, builders.person("Hanna Kowal")),
        executive=builders.person("Tom Ek", Role.EXECUTIVE),
        admin=builders.person("Ada Admin", Role.ADMIN),
    )
