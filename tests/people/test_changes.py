"""People, teams and memberships as they are written: what is refused, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from people.models import Person, Role
from teams.changes import (
    Conflict,
    MembershipTold,
    PersonTold,
    TeamTold,
    Wrong,
    add_membership,
    add_person,
    add_team,
    change_membership,
    change_person,
    change_team,
    content_hash,
    membership_as_told,
    person_as_told,
    share_warning,
    team_as_told,
)
from teams.models import Membership
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db


def test_a_new_person_cannot_log_in_yet() -> None:
    made = add_person(PersonTold("Ada@Example.com", "Ada"))
    made.refresh_from_db()
    assert (made.email, made.has_usable_password()) == ("ada@example.com", False)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (PersonTold("ada", "Ada"), "email"),
        (PersonTold("HERE@example.com", "Ada"), "email"),
        (PersonTold("a@example.com", " "), "name"),
        (PersonTold("a@example.com", "Ada", role="king"), "role"),
        (PersonTold("a@example.com", "Ada", timezone="Mars/Olympus"), "timezone"),
    ],
)
def test_a_person_that_cannot_be_is_refused_beside_the_field(told: PersonTold, field: str) -> None:
    builders.person(email="here@example.com")
    with pytest.raises(Wrong) as wrong:
        add_person(told)
    assert list(wrong.value.errors) == [field]


def test_the_last_administrator_stays_one() -> None:
    admin = builders.person(role=Role.ADMIN)
    told = person_as_told(admin)
    with pytest.raises(Wrong) as wrong:
        change_person(admin, replace(told, role=Role.LEAD), seen=content_hash(told))
    assert list(wrong.value.errors) == ["role"]
    builders.person(role=Role.ADMIN)
    assert change_person(admin, replace(told, role=Role.LEAD), seen=content_hash(told)).role == Role.LEAD


def test_somebody_quicker_is_a_conflict_with_the_row_as_it_stands() -> None:
    ada, team = builders.person(), builders.team()
    seen_person, seen_team = content_hash(person_as_told(ada)), content_hash(team_as_told(team))
    Person.objects.filter(pk=ada.pk).update(name="Ada L.")
    with pytest.raises(Conflict) as clash:
        change_person(ada, PersonTold(ada.email, "Other"), seen=seen_person)
    assert clash.value.row.name == "Ada L."
    change_team(team, replace(team_as_told(team), name="New"), seen=seen_team)
    with pytest.raises(Conflict):
        change_team(team, replace(team_as_told(team), name="Newer"), seen=seen_team)


def test_a_team_keeps_its_slug_and_has_a_group() -> None:
    team = builders.team(slug="ml")
    with pytest.raises(Wrong) as wrong:
        change_team(team, TeamTold("other", "", None, timezone="x"), seen=content_hash(team_as_told(team)))
    assert set(wrong.value.errors) == {"slug", "name", "group", "timezone"}
    with pytest.raises(Wrong) as wrong:
        add_team(TeamTold("ml", "ML", team.group, lead=builders.person(is_active=False)))
    assert set(wrong.value.errors) == {"slug", "lead"}


def test_memberships_of_one_team_do_not_overlap() -> None:
    team, ada = builders.team(), builders.person()
    first = add_membership(MembershipTold(ada, team, TODAY, TODAY + timedelta(days=10)))
    for start, end in ((5, None), (-5, 1), (9, 10)):
        stop = None if end is None else TODAY + timedelta(days=end)
        with pytest.raises(Wrong) as wrong:
            add_membership(MembershipTold(ada, team, TODAY + timedelta(days=start), stop))
        assert list(wrong.value.errors) == ["start"]
    add_membership(MembershipTold(ada, team, TODAY + timedelta(days=10)))
    told = replace(membership_as_told(first), end=TODAY + timedelta(days=11))
    with pytest.raises(Wrong):
        change_membership(first, told, seen=content_hash(membership_as_told(first)))
    shorter = replace(told, end=TODAY + timedelta(days=3))
    change_membership(first, shorter, seen=content_hash(membership_as_told(first)))
    assert Membership.objects.get(pk=first.pk).end == TODAY + timedelta(days=3)


@pytest.mark.parametrize(("share", "is_told"), [("0.5", False), ("0.501", True)])
def test_more_than_all_of_somebodys_time_is_told(share: str, is_told: bool) -> None:
    ada = builders.person()
    builders.member(builders.team(), ada, share=Decimal("0.5"), start=TODAY + timedelta(days=5))
    told = MembershipTold(ada, builders.team(), TODAY, share=Decimal(share))
    assert bool(share_warning(told, Membership.objects.filter(person=ada))) is is_told
