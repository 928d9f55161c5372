"""A repository with a new name: what a team calls its work must go along."""

from __future__ import annotations

from typing import Any

import pytest

from delivery import mappings, missing
from delivery.connectors.contract import Gap
from delivery.models import Board, Missing, Source, SourceSlice, TeamScope
from delivery.store import pages, renames
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


def test_a_renamed_project_gives_all_its_items_their_new_keys_at_once_and_the_old_ones_go_on_being_known() -> None:
    """J15: what is not read again for months must not keep a key that nobody can look up any more."""
    source = builders.source("jira", scopes=["ABC"])
    stored(
        source,
        facts.item("1", key="ABC-1", level=1),
        facts.item("2", key="ABC-2", parent_key="ABC-1", blocked_by=("ABC-3", "XYZ-9")),
        facts.item("3", key="XYZ-4", project="XYZ", parent_key="ABC-1", blocked_by=("ABC-2",)),
        facts.item("4", key="ABCD-7", project="ABCD", parent_key="ABCD-1"),
        kind="issues",
    )
    renames.rename(source, "ABC", "NEW")
    found = {item.native_id: (item.key, item.parent_key, item.blocked_by) for item in source.items.all()}
    assert found == {
        "1": ("NEW-1", "", []),
        "2": ("NEW-2", "NEW-1", ["ABC-3", "XYZ-9"]),
        "3": ("XYZ-4", "NEW-1", ["NEW-2"]),
        "4": ("ABCD-7", "ABCD-1", []),
    }
    assert aliases_of(source) == {"ABC-1": "1", "ABC-2": "2"}


def test_a_project_that_is_renamed_back_and_forth_keeps_one_alias_for_each_key() -> None:
    source = builders.source("jira", scopes=["ABC"])
    stored(source, facts.item("1", key="ABC-1"), kind="issues")
    for old, new in (("ABC", "NEW"), ("NEW", "ABC"), ("ABC", "NEW")):
        renames.rename(source, old, new)
    assert source.items.get().key == "NEW-1"
    assert aliases_of(source) == {"ABC-1": "1"}


def test_an_item_that_moved_is_known_by_the_keys_it_had_before() -> None:
    """J15: by its history, and by what was stored where the history is silent."""
    source = builders.source("jira", scopes=["ABC"])
    stored(source, facts.item("1", key="ABC-1"), facts.item("2", key="ABC-2"), kind="issues")
    moved = facts.change("key", 3, "OLD-5", "ABC-2")
    stored(
        source,
        facts.item("1", key="XYZ-1", project="XYZ"),
        facts.item("2", key="ABC-2", changes=(moved,)),
        kind="issues",
    )
    assert aliases_of(source) == {"ABC-1": "1", "OLD-5": "2"}


def aliases_of(source: Source) -> dict[str, str]:
    return dict(source.key_aliases.values_list("key", "item__native_id"))


def test_what_is_missing_of_a_renamed_project_is_found_under_its_new_name() -> None:
    """Else nothing would ever strike it out: the source names it by its new key."""
    jira, github = builders.source("jira", scopes=["ABC"]), builders.source("github", scopes=["acme/ranker"])
    for source, kind, old, new, whats in (
        (jira, "issues", "ABC", "NEW", ("ABC-2 history", "ABC-7", "ABCD-3", "NEW-7")),
        (github, "pulls", "acme/ranker", "acme/ranking", ("acme/ranker#4 reviews", "deployment 7")),
    ):
        part = SourceSlice.objects.create(source=source, kind=kind, scope=old)
        missing.note(part, [Gap(what, "…") for what in whats], facts.day(1))
        renames.rename(source, old, new)
    assert set(Missing.objects.values_list("what", flat=True)) == {
        *("NEW-2 history", "NEW-7", "ABCD-3", "acme/ranking#4 reviews", "deployment 7")
    }


def test_a_board_belongs_to_its_project_by_the_new_name_too() -> None:
    source = builders.source("jira", scopes=["ABC"])
    board = Board.objects.create(source=source, native_id="1", name="Board", kind="scrum", project="ABC")
    renames.rename(source, "ABC", "NEW")
    board.refresh_from_db()
    assert board.project == "NEW"


def test_items_mean_what_the_kept_of_two_meanings_says_when_two_projects_become_one() -> None:
    source = builders.source("jira", scopes=["ABC", "NEW"])
    moves = facts.path("To Do", 1, "In Review")
    stored(source, facts.item("1", key="ABC-1", transitions=moves), kind="issues")
    for project, stage in (("ABC", "waiting"), ("NEW", "active")):
        mappings.apply(source, [mappings.Change(facts.status("In Review").native_id, stage, project)])
    assert source.items.get().stage == "waiting"
    renames.rename(source, "ABC", "NEW")
    assert source.items.get().stage == "active"
