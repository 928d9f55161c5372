"""A repository with a new name: what a team calls its work must go along."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.models import Source, SourceSlice, TeamScope
from delivery.store import pages
from tests import builders
from tests.delivery import facts

pytestmark = pytest.mark.django_db


def stored(source: Source, *records: Any, kind: str) -> pages.Stored:
    return pages.store(source, kind, records)


def test_a_renamed_repository_takes_its_teams_and_its_parts_along() -> None:
    source = builders.source("github", scopes=["acme/Ranker", "acme/store"])
    stored(source, facts.repository(name="acme/ranker"), kind="pulls")
    part = SourceSlice.objects.create(source=source, kind="pulls", scope="acme/Ranker")
    other = SourceSlice.objects.create(source=source, kind="pulls", scope="acme/store")
    ours = TeamScope.objects.create(team=builders.team(), source=source, scope="acme/ranker")
    item = builders.item(source, "acme/ranker")
    stored(source, facts.repository(name="acme/ranking"), kind="pulls")
    for row in (source, part, other, ours, item):
        row.refresh_from_db()
    assert source.scopes == ["acme/ranking", "acme/store"]
    assert (part.scope, other.scope, ours.scope, item.project) == (
        ("acme/ranking", "acme/store", "acme/ranking", "acme/ranking")
    )


def test_a_new_name_that_was_connected_already_is_not_taken_twice() -> None:
    source = builders.source("github", scopes=["acme/ranker", "acme/ranking"])
    stored(source, facts.repository(name="acme/ranker"), kind="pulls")
    team = builders.team()
    for scope in source.scopes:
        SourceSlice.objects.create(source=source, kind="pulls", scope=scope)
        TeamScope.objects.create(team=team, source=source, scope=scope)
    stored(source, facts.repository(name="acme/ranking"), kind="pulls")
    source.refresh_from_db()
    assert source.scopes == ["acme/ranking"]
    assert list(team.scopes.values_list("scope", flat=True)) == ["acme/ranking"]
