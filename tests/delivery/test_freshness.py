"""Data that nobody reads any more must not look fresh to the teams that count on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboards.pages.freshness import SourceAge, concerning, freshness, source_ages
from delivery.models import Missing, Source, SourceSlice, TeamScope
from tests import builders
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db
NOW = day(30)


def connected(*scopes: str, ago: timedelta = timedelta(minutes=4), **fields: Any) -> Source:
    source = builders.source(name="Jira", scopes=list(scopes), **fields)
    for scope in scopes:
        SourceSlice.objects.create(source=source, kind="issues", scope=scope, last_success=NOW - ago)
    return source


def ages() -> list[SourceAge]:
    return source_ages(builders.person(), NOW)


def test_a_scope_of_a_team_that_is_no_longer_read_is_trouble() -> None:
    source, team = connected("ABC"), builders.team()
    for scope in ("abc", "RANK"):
        TeamScope.objects.create(team=team, source=source, scope=scope)
    (age,) = ages()
    assert (age.in_trouble, age.says) == (True, "Jira: RANK is no longer read, last read 4 min ago")
    assert freshness([age], NOW).level == "likely"


def test_what_is_read_and_what_only_an_archived_team_had_is_no_trouble() -> None:
    source, old = connected("ABC"), builders.team()
    TeamScope.objects.create(team=old, source=source, scope="RANK")
    old.archived = True
    old.save()
    assert [age.in_trouble for age in ages()] == [False]


def test_a_source_that_was_never_connected_with_anything_is_only_new() -> None:
    TeamScope.objects.create(team=builders.team(), source=connected(), scope="RANK")
    assert [age.in_trouble for age in ages()] == [False]


def test_a_paused_source_is_trouble_once_it_is_late() -> None:
    connected("ABC", paused=True, ago=timedelta(days=3))
    (age,) = ages()
    assert (age.in_trouble, age.read) == (True, NOW - timedelta(days=3))
    assert age.says == "Jira: paused since the last reading 3 days ago"
    assert freshness([age], NOW).level == "at-risk"


def test_a_source_that_was_paused_a_moment_ago_is_still_fresh() -> None:
    connected("ABC", paused=True)
    assert ages() == []


def test_what_could_not_be_read_is_told_where_it_matters_and_nowhere_else() -> None:
    source = connected("ABC", "XYZ")
    part = source.slices.get(scope="ABC")
    for what in ("ABC-1", "ABC-2 history"):
        Missing.objects.create(slice=part, what=what, why="Jira sent no history.", since=NOW)
    (age,) = ages()
    assert age.says == "Jira: 2 things of ABC could not be read, last read 4 min ago"
    assert (age.in_trouble, age.level, freshness([age], NOW).effect) == (True, "at-risk", "lack that")
    assert told(age, "ABC") == [age.says]
    assert told(age, "XYZ") == []


def test_an_alarm_is_told_to_the_teams_of_that_project() -> None:
    source = connected("ABC", "XYZ")
    source.slices.filter(scope="ABC").update(alarm="The token sees 4 of the 100 items of ABC that it saw before.")
    (age,) = ages()
    assert age.says == "Jira: the token sees much less of ABC than before, last read 4 min ago"
    assert (told(age, "abc"), told(age, "XYZ")) == ([age.says], [])


def test_a_project_that_is_no_longer_read_is_told_to_its_team_alone() -> None:
    source = connected("ABC")
    TeamScope.objects.create(team=builders.team(), source=source, scope="RANK")
    (age,) = ages()
    assert told(age, "ABC") == []
    assert told(age, "RANK") == ["Jira: RANK is no longer read"]


def test_a_disconnected_source_says_how_old_its_data_is() -> None:
    connected("ABC", disconnected=NOW, ago=timedelta(days=3))
    assert [age.says for age in ages()] == ["Jira: disconnected since the last reading 3 days ago"]


def told(age: SourceAge, scope: str) -> list[str]:
    found = concerning([age], [("Jira", scope)], NOW)
    return [one.says for one in found if one.in_trouble]


def test_a_right_that_a_token_was_never_given_stops_nothing_and_is_told_by_the_source() -> None:
    """A token without Actions: read must not make fresh pull requests look stopped (G13)."""
    source = connected("acme/x", kind="github", lacks=["The token may not read workflow runs of acme/x."])
    refused = {"scope": "acme/x", "error": "The token lacks Actions: read.", "error_kind": "permission"}
    part = SourceSlice.objects.create(source=source, kind="workflows", **refused)
    assert [age.in_trouble for age in ages()] == [False]
    part.last_success = NOW  # it was there, and is lost
    part.save()
    assert [age.in_trouble for age in ages()] == [True]


def test_a_part_that_more_than_numbers_of_its_own_rest_on_is_trouble_without_a_right() -> None:
    source = connected("acme/x", lacks=["The token may not read pull requests of acme/x."])
    SourceSlice.objects.create(source=source, kind="pulls", scope="acme/x", error="No.", error_kind="permission")
    assert [age.in_trouble for age in ages()] == [True]
