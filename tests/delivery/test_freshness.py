"""Data that nobody reads any more must not look fresh to the teams that count on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dashboards.pages.freshness import SourceAge, freshness, source_ages
from delivery.models import Source, SourceSlice, TeamScope
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
