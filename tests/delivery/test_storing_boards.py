"""Boards, the sprints they show, and worklogs become rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from delivery import bulk
from delivery.core.records import BoardRecord, SprintRecord, WorklogRecord
from delivery.models import Board, Source, Sprint, Worklog
from delivery.store import accounts, boards, worklogs
from tests import builders
from tests.delivery.facts import account, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return builders.source()


def sprint(id: str, *shown: str) -> SprintRecord:
    return SprintRecord(id, f"Sprint {id}", "active", day(0), day(14), None, "", boards=shown)


def log(id: str, item: str, **fields: Any) -> WorklogRecord:
    plain = WorklogRecord(id, item, "ann", day(1), 3600, day(1))
    return replace(plain, **fields)


def test_boards_are_written_once_and_follow_their_name(source: Source) -> None:
    first = BoardRecord("5", "Ranking", "scrum", "ABC")
    assert boards.store_boards(source, [first]) == bulk.Written(inserted=1)
    assert boards.store_boards(source, [first]) == bulk.Written()
    boards.store_boards(source, [replace(first, name="Search", project="XYZ")])
    assert Board.objects.values_list("name", "project").get() == ("Search", "ABC")


def test_a_sprint_on_two_boards_is_one_row_that_names_both(source: Source) -> None:
    """J29: the two boards' projects are read one after the other, and over and over."""
    for _ in range(2):
        boards.store_sprint_boards(source, [sprint("21", "5")])
        boards.store_sprint_boards(source, [sprint("21", "6")])
    assert Sprint.objects.values_list("native_id", "boards").get() == ("21", ["5", "6"])
    assert boards.store_sprint_boards(source, [sprint("21", "5", "6")]) == bulk.Written()


def test_a_sprint_that_an_issue_names_says_nothing_of_boards(source: Source) -> None:
    boards.store_sprint_boards(source, [sprint("21", "5")])
    assert boards.store_sprint_boards(source, [replace(sprint("21"), boards=None)]) == bulk.Written()
    assert Sprint.objects.get().boards == ["5"]


def test_worklogs_of_known_items_are_kept_and_removed_ones_go(source: Source) -> None:
    """J27."""
    item = builders.item(source)
    known = accounts.store(source, [account("ann")], [])
    mine, other = log("1", item.native_id), log("2", "of another project")
    assert worklogs.store_worklogs(source, [mine, other], known) == bulk.Written(inserted=1)
    assert worklogs.store_worklogs(source, [mine], known) == bulk.Written()
    worklogs.store_worklogs(source, [replace(mine, seconds=60)], known)
    row = Worklog.objects.select_related("author").get()
    assert (row.item_id, row.seconds, row.author and row.author.native_id) == (item.pk, 60, "ann")
    gone = replace(mine, item="", removed=True)
    assert worklogs.store_worklogs(source, [mine, gone], known) == bulk.Written(deleted=1)
    assert not Worklog.objects.exists()


def test_another_sources_worklog_of_the_same_number_stays(source: Source) -> None:
    other = builders.source()
    item = builders.item(other)
    worklogs.store_worklogs(other, [log("1", item.native_id, author=None)], accounts.store(other, [], []))
    worklogs.store_worklogs(source, [log("1", "", removed=True)], accounts.store(source, [], []))
    assert Worklog.objects.count() == 1
