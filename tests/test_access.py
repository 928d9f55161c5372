"""Every role against every thing, on one's own team and on another (PRODUCT.md "Roles")."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from delivery import access
from delivery.models import CheckIn, Commitment, Deliverable, Goal, KeyResult, Scenario
from people.access import User, can_manage_people, can_see_audit
from people.models import Person, Role
from teams import access as teams_access
from teams.access import (
    can_edit_team,
    can_see_person,
    visible_groups,
    visible_memberships,
    visible_people,
    visible_teams,
)
from teams.models import Group, Team
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
ROLES = ("director", "manager", "lead", "engineer", "executive", "admin")
GONE = ("anonymous", "inactive")


@dataclass
class World:
    """Two groups: ours with a team of three people and a manager above it, theirs with a team of strangers."""

    users: dict[str, User]
    people: dict[str, Person]
    own: Team
    other: Team
    goals: dict[str, Goal] = field(default_factory=dict)
    deliverables: dict[str, Deliverable] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
    people = {role: builders.person(role.title(), role=Role(role)) for role in ROLES}
    people |= {name: builders.person(name.title()) for name in ("member", "stranger", "left", "coming")}
    top = builders.group("Top", director=people["director"])
    ours, theirs = builders.group("Ours", parent=top), builders.group("Theirs")
    own = builders.team("Own", group=ours, manager=people["manager"], lead=people["lead"])
    other = builders.team("Other", group=theirs, manager=builders.person(role=Role.MANAGER))
    for name in ("lead", "engineer", "member", "executive", "admin"):
        builders.member(own, people[name])
    builders.member(other, people["stranger"])
    builders.member(own, people["left"], end=TODAY)
    builders.member(own, people["coming"], start=TODAY + timedelta(days=1))
    users: dict[str, User] = {role: people[role] for role in ROLES}
    users["inactive"] = builders.person(role=Role.DIRECTOR, is_active=False)
    users["anonymous"] = AnonymousUser()
    made = World(users, people, own, other)
    _promise(made)
    return made


def _promise(world: World) -> None:
    for name, team in (("own", world.own), ("other", world.other)):
        world.goals[name] = _goal("team", team=team)
        world.deliverables[name] = builders.deliverable(team, target=TODAY + timedelta(days=9))
    world.goals["group"] = _goal("group", group=world.own.group)
    world.goals["company"] = _goal("company")
    world.goals["confidential"] = _goal("team", team=world.own, confidential=True, owner=world.people["lead"])


def _goal(level: str, **fields: object) -> Goal:
    values: dict[str, object] = {"title": "G", "start": TODAY, "end": TODAY + timedelta(days=90)}
    return Goal.objects.create(level=level, **(values | fields))


SEEN_PEOPLE = {
    "director": {"director", "manager", "lead", "engineer", "member", "executive", "admin"},
    "manager": {"manager", "lead", "engineer", "member", "executive", "admin"},
    "lead": {"lead"},
    "engineer": {"engineer"},
    "executive": {"executive"},
    "admin": {"admin"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_persons_page_is_for_their_line_and_themselves(role: str, world: World) -> None:
    user = world.users[role]
    seen = {name for name, person in world.people.items() if can_see_person(user, person, day=TODAY)}
    assert seen == SEEN_PEOPLE[role]
    names = {person.name.lower() for person in visible_people(user, day=TODAY)}
    assert names == SEEN_PEOPLE[role]


def test_who_left_the_team_is_seen_no_longer_and_who_comes_not_yet(world: World) -> None:
    manager, left, coming = world.people["manager"], world.people["left"], world.people["coming"]
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    assert [can_see_person(manager, left, day=day) for day in (yesterday, TODAY)] == [True, False]
    assert [can_see_person(manager, coming, day=day) for day in (TODAY, tomorrow)] == [False, True]


def test_a_manager_of_managers_sees_what_is_below_but_nobody_beside(world: World) -> None:
    above = builders.person(role=Role.MANAGER)
    managers = builders.team("Managers", group=world.own.group, manager=above)
    builders.member(managers, world.people["manager"])
    assert can_see_person(above, world.people["engineer"], day=TODAY)
    assert not can_see_person(above, world.people["stranger"], day=TODAY)
    assert not can_see_person(world.people["manager"], above, day=TODAY)
    assert access.can_edit_goal(above, world.goals["own"])


@pytest.mark.parametrize("role", ["lead", "engineer", "executive", "admin"])
def test_the_role_decides_even_where_the_team_names_somebody_manager(role: str, world: World) -> None:
    Team.objects.filter(pk=world.own.pk).update(manager=world.people[role])
    assert not can_see_person(world.users[role], world.people["member"], day=TODAY)


@pytest.mark.parametrize("role", ROLES)
def test_everyone_logged_in_sees_what_was_promised_and_what_happened(role: str, world: World) -> None:
    user = world.users[role]
    for seen in (visible_groups, visible_teams, access.visible_deliverables, access.visible_commitments):
        assert seen(user).count() == seen(world.users["director"]).count() > 0
    assert not visible_memberships(user, day=TODAY).exclude(person__in=visible_people(user)).exclude(end=None).exists()
    assert {"own", "other", "group", "company"} <= {
        name for name, goal in world.goals.items() if access.can_see_goal(user, goal)
    }


@pytest.mark.parametrize("role", GONE)
def test_nobody_else_sees_anything(role: str, world: World) -> None:
    user = world.users[role]
    source = builders.project(world.own)
    builders.item(source)
    for app in (access, __import__("teams.access", fromlist=["access"])):
        for name in dir(app):
            if name.startswith("visible_"):
                assert not getattr(app, name)(user).exists(), name
    assert not can_see_person(user, world.people["member"])
    assert not access.can_edit_deliverable(user, world.deliverables["own"])
    assert not access.can_edit_goal(user, world.goals["company"])
    assert not access.can_manage_sources(user)


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("director", True),
        ("manager", True),
        ("lead", True),
        ("engineer", False),
        ("executive", False),
        ("admin", False),
    ],
)
def test_a_confidential_goal_is_for_its_owners_line_and_directors(role: str, sees: bool, world: World) -> None:
    goal, user = world.goals["confidential"], world.users[role]
    KeyResult.objects.create(goal=goal, title="K", start=0, target=1)
    CheckIn.objects.create(goal=goal, day=TODAY, status="on_track")
    assert access.can_see_goal(user, goal) is sees
    assert access.visible_key_results(user).exists() is sees
    assert access.visible_check_ins(user).exists() is sees


def test_another_lines_manager_does_not_see_a_confidential_goal(world: World) -> None:
    assert not access.can_see_goal(world.other.manager, world.goals["confidential"])  # type: ignore[arg-type]
    assert access.can_see_goal(builders.person(role=Role.DIRECTOR), world.goals["confidential"])


EDITS = {
    "director": {"own", "other", "group", "company", "confidential"},
    "manager": {"own", "confidential"},
    "lead": {"own", "confidential"},
    "engineer": set(),
    "executive": set(),
    "admin": set(),
}


@pytest.mark.parametrize("role", ROLES)
def test_who_edits_goals_and_deliverables(role: str, world: World) -> None:
    user = world.users[role]
    assert {name for name, goal in world.goals.items() if access.can_edit_goal(user, goal)} == EDITS[role]
    edited = {name for name, one in world.deliverables.items() if access.can_edit_deliverable(user, one)}
    assert edited == EDITS[role] & {"own", "other"}


def test_a_manager_edits_the_goals_of_a_group_they_direct(world: World) -> None:
    Group.objects.filter(pk=world.own.group_id).update(director=world.people["manager"])
    assert access.can_edit_goal(world.people["manager"], world.goals["group"])
    assert not access.can_edit_goal(world.people["manager"], world.goals["company"])


@pytest.mark.parametrize("role", ROLES)
def test_owners_check_in_on_their_own_when_they_lead(role: str, world: World) -> None:
    person = world.people[role]
    Goal.objects.filter(pk=world.goals["company"].pk).update(owner=person)
    Deliverable.objects.filter(pk=world.deliverables["other"].pk).update(owner=person)
    goal, deliverable = Goal.objects.get(level="company"), Deliverable.objects.get(pk=world.deliverables["other"].pk)
    may = role in ("director", "manager", "lead")
    assert access.can_check_in_goal(person, goal) is may
    assert access.can_check_in_deliverable(person, deliverable) is may


@pytest.mark.parametrize("role", ROLES)
def test_who_proposes_decides_and_withdraws_what_ifs(role: str, world: World) -> None:
    user, person = world.users[role], world.people[role]
    proposes = {name for name, one in world.deliverables.items() if access.can_propose_scenario(user, one)}
    leads = role in ("director", "manager", "lead")
    assert proposes == ({"own", "other"} if leads else {"own"} if role == "engineer" else set())
    kept = {
        name: Scenario.objects.create(deliverable=one, name=name, levers=[], day=TODAY, by=world.people["member"])
        for name, one in world.deliverables.items()
    }
    assert {name for name, one in kept.items() if access.can_decide_scenario(user, one)} == EDITS[role] & set(kept)
    assert access.visible_scenarios(user).count() == 2
    assert not access.can_withdraw_scenario(user, kept["own"])
    kept["own"].by = person
    assert access.can_withdraw_scenario(user, kept["own"])


def test_an_engineer_of_a_helping_team_proposes_too(world: World) -> None:
    world.deliverables["other"].helping_teams.add(world.own)
    assert access.can_propose_scenario(world.users["engineer"], world.deliverables["other"])


def test_what_ifs_are_put_before_who_may_decide_the_owner_first(world: World) -> None:
    own, people = world.deliverables["own"], world.people
    assert access.deciders(own) == [people["lead"], people["manager"], people["director"]]
    own.owner = people["director"]
    assert access.deciders(own)[0] == people["director"]
    own.owner = people["engineer"]
    assert people["engineer"] not in access.deciders(own)


@pytest.mark.parametrize("role", ROLES)
def test_administration_is_for_administrators(role: str, world: World) -> None:
    user = world.users[role]
    for may in (access.can_manage_sources, can_manage_people, can_see_audit):
        assert may(user) is (role == "admin")


@pytest.mark.parametrize("role", ROLES)
def test_who_edits_a_teams_capacity(role: str, world: World) -> None:
    user = world.users[role]
    assert can_edit_team(user, world.own, day=TODAY) is (role in ("director", "manager"))
    assert can_edit_team(user, world.other, day=TODAY) is (role == "director")


def test_past_memberships_are_only_of_people_one_may_see(world: World) -> None:
    own_past = visible_memberships(world.people["left"], day=TODAY).filter(end__isnull=False)
    assert [row.person for row in own_past] == [world.people["left"]]
    assert not visible_memberships(world.people["engineer"], day=TODAY).filter(end__isnull=False).exists()
    assert Commitment.objects.count() == access.visible_commitments(world.users["admin"]).count()


def test_a_manager_brings_nobody_elses_line_under_their_own() -> None:
    """Who is in a team decides who answers to its manager."""
    mine, other = builders.person("Mine", role=Role.MANAGER), builders.person("Other", role=Role.MANAGER)
    team, theirs = builders.team("A", manager=mine), builders.team("B", manager=other)
    own, foreign = builders.person("Own"), builders.person("Foreign")
    builders.member(team, own)
    builders.member(theirs, foreign)
    free, boss = builders.person("Free"), builders.person("Boss", role=Role.DIRECTOR)
    found = {one.name: teams_access.can_place(mine, one) for one in (own, foreign, free, boss, other)}
    assert found == {"Own": True, "Foreign": False, "Free": True, "Boss": False, "Other": False}
    assert all(teams_access.can_place(boss, one) for one in (own, foreign, free, boss, other))
    assert not teams_access.can_place_team(mine)
