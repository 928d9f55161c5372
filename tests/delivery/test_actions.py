"""Actions: added, changed, ended, and all of it kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery import access, actions
from delivery.models import Action, ActionEvent, Deliverable, Goal, Risk
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.dashboards.roles import Organisation, organisation

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def org() -> Organisation:
    return organisation()


@pytest.fixture
def promise(org: Organisation) -> Deliverable:
    return builders.deliverable(org.team, title="Event schema v3")


def added(org: Organisation, promise: Deliverable, **more: object) -> Action:
    told = actions.Told("Second reviewer", org.engineer, TODAY + 5 * DAY)
    return actions.add_action(told, by=org.lead, deliverable=promise, day=TODAY, **more)  # type: ignore[arg-type]


def kept(action: Action) -> list[tuple[str, str, str, str]]:
    events = ActionEvent.objects.filter(action=action).order_by("pk")
    return [(one.what, one.before, one.after, one.by.name if one.by else "") for one in events]


def test_what_it_should_bring_is_frozen_when_it_is_chosen(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise, expected=actions.Expected(0.14, 0.1, 0.2), kind="review", why="Reviews wait")
    assert (made.expected, made.expected_low, made.expected_high) == (0.14, 0.1, 0.2)
    changed = actions.start(made, by=org.lead, seen=made.version)
    changed.refresh_from_db()
    assert (changed.expected, changed.chosen) == (0.14, TODAY)


def test_every_change_is_in_its_history(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise)
    told = actions.Told("Third reviewer", org.lead, TODAY + 9 * DAY, Action.State.STARTED)
    made = actions.change(made, told, by=org.manager, seen=1, note="Agreed.", day=TODAY)
    assert kept(made) == [
        ("added", "", "Proposed", "Elif Aydin"),
        ("title", "Second reviewer", "Third reviewer", "Ines Duarte"),
        ("owner", "Noor Haddad", "Elif Aydin", "Ines Duarte"),
        ("due", "2026-11-28", "2026-12-02", "Ines Duarte"),
        ("state", "Proposed", "Started", "Ines Duarte"),
        ("note", "", "", "Ines Duarte"),
    ]
    assert ActionEvent.objects.get(what="note").note == "Agreed."


def test_nothing_is_kept_where_nothing_differs(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise)
    assert actions.change(made, actions.as_told(made), by=org.lead, seen=1).version == 1
    assert len(kept(made)) == 1


def test_two_owners_of_one_name_are_two(org: Organisation, promise: Deliverable) -> None:
    made, other = added(org, promise), builders.person(org.engineer.name)
    changed = actions.change(made, actions.Told(made.title, other, made.due), by=org.lead, seen=1)
    assert changed.owner_id == other.pk
    assert kept(changed)[-1][0] == "owner"


def test_whoever_looked_at_an_older_version_is_told_of_the_newer(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise)
    actions.start(made, by=org.lead, seen=1)
    with pytest.raises(actions.Conflict) as conflict:
        actions.drop(made, by=org.manager, seen=1)
    assert conflict.value.action.state == Action.State.STARTED
    assert Action.objects.get().state == Action.State.STARTED


def test_it_ends_on_a_day_and_can_be_taken_up_again(org: Organisation, promise: Deliverable) -> None:
    made = actions.finish(added(org, promise), by=org.lead, seen=1)
    assert made.ended is not None
    Action.objects.update(unknown="There was no forecast.")
    again = actions.start(Action.objects.get(), by=org.lead, seen=made.version)
    assert (again.ended, again.unknown) == (None, "")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"due": TODAY - DAY}, "due"),
        ({"state": "sleeping"}, "state"),
    ],
)
def test_what_cannot_be_kept_is_said_by_field(
    org: Organisation, promise: Deliverable, told: dict[str, object], field: str
) -> None:
    values = {"title": "Do it", "owner": None, "due": TODAY, "state": "proposed"} | told
    with pytest.raises(actions.Wrong) as wrong:
        actions.add_action(actions.Told(**values), by=org.lead, deliverable=promise, day=TODAY)  # type: ignore[arg-type]
    assert list(wrong.value.errors) == [field]
    assert not Action.objects.exists()


@pytest.mark.parametrize("role", ["executive", "admin"])
def test_nobody_gets_an_action_who_may_not_have_one(org: Organisation, promise: Deliverable, role: str) -> None:
    told = actions.Told("Do it", getattr(org, role), TODAY)
    with pytest.raises(actions.Wrong) as wrong:
        actions.add_action(told, by=org.lead, deliverable=promise, day=TODAY)
    assert list(wrong.value.errors) == ["owner"]


def test_who_left_stays_the_owner_until_another_takes_it(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise)
    Person.objects.filter(pk=org.engineer.pk).update(is_active=False)
    assert actions.start(Action.objects.get(), by=org.lead, seen=made.version).owner_id == org.engineer.pk


MAY = {
    "director": (True, True, True),
    "manager": (True, True, True),
    "lead": (True, True, True),
    "engineer": (False, False, True),  # whose own it is
    "colleague": (False, False, False),
    "executive": (False, False, False),
    "admin": (False, False, False),
}


@pytest.mark.parametrize("role", MAY)
def test_who_may_add_change_and_move_it(org: Organisation, promise: Deliverable, role: str) -> None:
    made, user = added(org, promise), getattr(org, role)
    found = (
        access.can_add_action(user, promise),
        access.can_edit_action(user, made),
        access.can_move_action(user, made),
    )
    assert found == MAY[role]
    assert access.visible_actions(user).count() == 1


def test_a_role_that_changes_nothing_moves_not_even_its_own(org: Organisation, promise: Deliverable) -> None:
    made = added(org, promise)
    Action.objects.update(owner=org.executive)
    assert not access.can_move_action(org.executive, Action.objects.get(pk=made.pk))


def test_other_teams_managers_change_nothing(org: Organisation, promise: Deliverable) -> None:
    stranger = builders.person("Stranger", Role.MANAGER)
    builders.team("Other", manager=stranger)
    assert not access.can_edit_action(stranger, added(org, promise))


def test_an_action_about_a_confidential_goal_shows_with_its_goal(org: Organisation) -> None:
    team: Team = org.team
    goal = Goal.objects.create(
        title="Secret", level="team", team=team, owner=org.lead, confidential=True, start=TODAY, end=TODAY + 9 * DAY
    )
    risk = Risk.objects.create(kind="other", goal=goal, title="Leak", seen=TODAY)
    made = actions.add_action(actions.Told("Talk", None, TODAY), by=org.lead, risk=risk, day=TODAY)
    seen = {role for role in MAY if access.visible_actions(getattr(org, role)).exists()}
    assert seen == {"director", "manager", "lead"}
    assert {role for role in MAY if access.can_edit_action(getattr(org, role), made)} == seen
