"""Which projects and repositories are a team's, from a file."""

from __future__ import annotations

import json

import pytest

from delivery import csv_plans
from delivery.models import SourceSlice, TeamScope
from teams.models import Team
from tests import builders
from tests.delivery.csv_world import imported

pytestmark = pytest.mark.django_db


def line(*scopes: tuple[str, str], team: str = "ml") -> str:
    cell = json.dumps([{"source": source, "scope": scope} for source, scope in scopes]).replace('"', '""')
    return f'slug,name,group,scopes\n{team},ML,ours,"{cell}"\n'


@pytest.fixture
def team() -> Team:
    jira = builders.source(name="Jira")
    SourceSlice.objects.create(source=jira, kind="issues", scope="ABC")
    return builders.team("ML", slug="ml", group=builders.group("Ours", slug="ours"))


def test_a_team_gets_loses_and_keeps_its_projects(team: Team) -> None:
    plan = imported("teams", line(("Jira", "ABC"), ("Jira", "ABC"), ("Jira", "OLD")))
    assert [one.text.split(":")[0] for one in plan.warnings] == ["No source reads OLD yet"]
    kept = TeamScope.objects.get(scope="ABC")
    imported("teams", line(("Jira", "ABC"), ("Jira", "NEW")))
    assert set(TeamScope.objects.values_list("team", "scope")) == {(team.pk, "ABC"), (team.pk, "NEW")}
    assert TeamScope.objects.get(scope="ABC") == kept
    assert not csv_plans.plan("teams", "slug,name,group\nml,ML,ours\n", user=None).changes_something
    imported("teams", "slug,name,group,scopes\nml,ML,ours,\n")
    assert not TeamScope.objects.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (line(("Nowhere", "ABC")), "There is no source called “Nowhere”"),
        (line(("Jira", "")), "are texts in quotation marks"),
        ("slug,name,group,scopes\nml,ML,ours,ABC\n", "Enter a JSON list, such as"),
        (line(("Jira", "ABC"), team=""), "Only a team has projects"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(text: str, says: str, team: Team) -> None:
    faults = csv_plans.plan("teams", text, user=None).faults
    assert [(one.column, says in one.text) for one in faults] == [("scopes", True)]
