"""What a file may say of the end of goals and deliverables, and of scope: the checks of the forms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from delivery import csv_plans
from delivery.models import Goal, Scope
from teams.models import Team
from tests import builders
from tests.builders import TODAY
from tests.delivery.csv_world import imported

pytestmark = pytest.mark.django_db
DAYS = {"start": TODAY - timedelta(days=30), "end": TODAY + timedelta(days=30)}


@pytest.fixture
def team() -> Team:
    return builders.team("ML", slug="ml")


@pytest.mark.parametrize(
    ("column", "day", "says"),
    [("delivered", "2150-01-01", "what has happened"), ("dropped", "2150-01-01", "what has happened"),
     ("delivered", "2001-01-01", "The work starts on")],
)  # fmt: skip
def test_a_deliverable_ends_when_it_has_ended(column: str, day: str, says: str, team: Team) -> None:
    row = builders.deliverable(team, slug="one")
    text = f"slug,title,team,start,{column}\none,{row.title},ml,{row.start},{day}\n"
    (fault,) = csv_plans.plan("deliverables", text, user=None).faults
    assert (fault.column, says in fault.text) == (column, True)


def test_a_goal_is_dropped_when_it_was(team: Team) -> None:
    Goal.objects.create(slug="one", title="One", level="company", **DAYS)
    (fault,) = csv_plans.plan("goals", "slug,dropped\none,2150-01-01\n", user=None).faults
    assert (fault.column, "what has happened" in fault.text) == ("dropped", True)


def test_keys_in_rules_are_kept_as_they_are_compared(team: Team) -> None:
    builders.source(name="Jira")
    cell = '"[{""source"": ""Jira"", ""rule"": ""parent"", ""value"": "" abc-1 ""}]"'
    imported("deliverables", f"slug,title,team,start,scope\none,One,ml,{TODAY},{cell}\n")
    assert Scope.objects.get().value == "ABC-1"


@pytest.mark.parametrize("value", ["\\u0000", "\\ud800"])
def test_what_no_database_takes_is_said(value: str, team: Team) -> None:
    builders.source(name="Jira")
    cell = f'"[{{""source"": ""Jira"", ""rule"": ""label"", ""value"": ""{value}""}}]"'
    text = f"slug,title,team,start,scope\none,One,ml,{TODAY},{cell}\n"
    (fault,) = csv_plans.plan("deliverables", text, user=None).faults
    assert fault.column == "scope"
