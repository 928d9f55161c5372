"""What waits for a person, the oldest duty first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from delivery.models import Action, Goal, Risk, Scenario
from delivery.needs import Need, needs, somebody
from delivery.promises import promises
from people.models import Person
from tests import builders
from tests.builders import TODAY, at
from tests.dashboards.roles import Organisation, organisation
from tests.dashboards.rows import checked_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def org() -> Organisation:
    return organisation()


def waits(user: Person) -> list[Need]:
    return needs(user, promises(user, day=TODAY), day=TODAY)


def told(user: Person) -> list[tuple[str, str]]:
    return [(one.kind.value, one.title) for one in waits(user)]


def action(org: Organisation, title: str, owner: Person | None, late: int = 3, **fields: Any) -> Action:
    about = builders.deliverable(fields.pop("team", org.team), start=TODAY)
    return Action.objects.create(
        deliverable=about, title=title, owner=owner, chosen=TODAY - 30 * DAY, due=TODAY - late * DAY, **fields
    )


def test_an_overdue_action_waits_for_its_owner_and_for_who_runs_the_team(org: Organisation) -> None:
    action(org, "Late", org.engineer)
    action(org, "Due today", org.engineer, late=0)
    action(org, "Ended", org.engineer, state="done", ended=TODAY)
    for user in (org.engineer, org.lead, org.manager, org.director):
        assert told(user) == [("overdue", "Late")]
    assert waits(org.engineer)[0].who == ""
    assert waits(org.lead)[0].who == "Noor Haddad"
    assert [told(user) for user in (org.colleague, org.executive, org.admin)] == [[], [], []]


def test_a_proposal_waits_for_whom_it_was_put_to(org: Organisation) -> None:
    about = builders.deliverable(org.team, title="Schema", start=TODAY)
    values = {"deliverable": about, "levers": [], "day": TODAY, "by": org.lead, "proposed_to": org.manager}
    Scenario.objects.create(name="Later", state="proposed", proposed_at=at(TODAY - 3 * DAY), **values)
    Scenario.objects.create(name="Draft", **values)
    assert told(org.manager) == [("decision", "Schema: Later")]
    assert waits(org.manager)[0].who == "Elif Aydin"
    assert told(org.director) == []


def test_a_new_risk_waits_for_its_owner_or_where_there_is_none_for_the_team(org: Organisation) -> None:
    about = builders.deliverable(org.team, title="Schema", start=TODAY)
    for title, owner, state in (("Hers", org.engineer, "new"), ("Free", None, "new"), ("Seen", None, "accepted")):
        Risk.objects.create(
            kind="flow", deliverable=about, title=title, owner=owner, state=state, seen=TODAY, opened=TODAY
        )
    assert told(org.engineer) == [("risk", "Schema: Hers")]
    assert told(org.lead) == [("risk", "Schema: Free")]
    assert told(org.colleague) == []


def test_the_risk_of_a_confidential_goal_waits_for_nobody_who_may_not_see_it(org: Organisation) -> None:
    secret = Goal.objects.create(
        title="Secret", level="team", team=org.team, owner=org.director, confidential=True, start=TODAY, end=TODAY + DAY
    )
    Risk.objects.create(kind="other", goal=secret, title="Leak", seen=TODAY, opened=TODAY)
    assert told(org.lead) == []
    assert told(org.director) == [("risk", "Secret: Leak")]


def test_what_one_owns_waits_for_a_word_after_two_weeks(org: Organisation) -> None:
    jira = builders.project(org.team)
    for title, days in (("Silent", 14), ("Told", 13)):
        made = builders.deliverable(
            org.team, title=title, owner=org.lead, target=TODAY + DAY, items=(builders.item(jira),)
        )
        checked_in(made, "on_track", day=TODAY - days * DAY)
    assert told(org.lead) == [("stale", "Silent")]


def test_a_gap_is_no_date_or_nothing_in_its_scope(org: Organisation) -> None:
    jira = builders.project(org.team)
    builders.deliverable(org.team, title="Dateless", owner=org.lead, start=TODAY, items=(builders.item(jira),))
    builders.deliverable(org.team, title="Empty", owner=org.lead, start=TODAY, target=TODAY + DAY)
    assert [(one.title, one.lacks) for one in waits(org.lead)] == [
        ("Dateless", "no date"),
        ("Empty", "no work items in its scope"),
    ]


def test_the_oldest_duty_comes_first(org: Organisation) -> None:
    for late in (2, 9, 5):
        action(org, f"{late} late", org.engineer, late)
    assert [one.title for one in waits(org.engineer)] == ["9 late", "5 late", "2 late"]


@pytest.mark.parametrize("count", [1, 7])
def test_it_makes_a_fixed_number_of_queries(org: Organisation, count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        action(org, f"Late {number}", org.engineer)
    found = promises(org.lead, day=TODAY)
    with django_assert_num_queries(5):  # the lead's teams, decisions, actions, risks
        needs(org.lead, found, day=TODAY)


def test_whom_nothing_can_be_asked_needs_no_query(org: Organisation, django_assert_num_queries: Any) -> None:
    among = somebody(day=TODAY)
    assert among == frozenset()
    with django_assert_num_queries(0):
        assert needs(org.engineer, [], day=TODAY, among=among) == []


def test_somebody_is_everybody_of_whom_something_is_asked(org: Organisation) -> None:
    action(org, "Late", org.engineer)
    action(org, "Not due yet", org.executive, late=0)
    owned = builders.deliverable(org.team, title="Schema", start=TODAY, owner=org.colleague)
    about = {"deliverable": owned, "title": "Slow", "kind": "other", "state": "new", "opened": TODAY, "seen": TODAY}
    Risk.objects.create(**about)
    Risk.objects.create(**about, owner=org.manager)
    values = {"deliverable": owned, "levers": [], "day": TODAY, "by": org.lead, "proposed_to": org.lead}
    Scenario.objects.create(name="Later", state="proposed", proposed_at=at(TODAY), **values)
    among = somebody(day=TODAY)
    assert among == {org.engineer.pk, org.colleague.pk, org.manager.pk, org.lead.pk}
    for user in (org.director, org.manager, org.lead, org.engineer, org.colleague, org.executive, org.admin):
        found = promises(user, day=TODAY)
        assert needs(user, found, day=TODAY, among=among) == needs(user, found, day=TODAY)
