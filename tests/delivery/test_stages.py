"""Started and finished by hand-worked cases, on the one statement that derives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from delivery import stages
from delivery.models import Source, StageMapping, WorkItem
from delivery.store import pages
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day, path

pytestmark = pytest.mark.django_db
Outcome = tuple[str, datetime | None, datetime | None, datetime | None]


def derived(*steps: str | float, source: Source | None = None, **fields: Any) -> Outcome:
    """Stage, started, finished and ended of an item with that path."""
    source = source or known_source()
    record = facts.item("1", transitions=path(*steps) if steps else (), **fields)
    pages.store(source, "issues", [record])
    return outcome(WorkItem.objects.get(source=source, native_id="1"))


def known_source() -> Source:
    source = builders.source()
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    return source


def outcome(item: WorkItem) -> Outcome:
    assert item.stage_version == stages.STAGE_VERSION
    return item.stage, item.started, item.finished, item.ended


def test_an_item_that_nobody_touched_has_not_started() -> None:
    assert derived() == ("todo", None, None, None)


def test_an_ordinary_item() -> None:
    assert derived("To Do", 1, "In Progress", 3, "In Review", 4, "Done") == ("done", day(1), day(4), day(4))


def test_an_item_in_the_doing() -> None:
    assert derived("To Do", 1, "In Progress") == ("active", day(1), None, None)


def test_waiting_is_doing() -> None:
    assert derived("To Do", 2, "In Review") == ("waiting", day(2), None, None)


def test_started_is_the_first_entry_even_after_going_back() -> None:
    assert derived("To Do", 1, "In Progress", 2, "To Do", 5, "In Progress", 6, "Done") == (
        ("done", day(1), day(6), day(6))
    )


def test_an_item_created_in_a_doing_status_started_then() -> None:
    assert derived("In Progress", 3, "Done") == ("done", day(0), day(3), day(3))
    assert derived(now="In Progress") == ("active", day(0), None, None)


def test_a_jump_to_done_has_a_finish_and_no_start() -> None:
    assert derived("To Do", 4, "Done") == ("done", None, day(4), day(4))


def test_a_move_between_two_done_statuses_is_no_finish() -> None:
    assert derived("In Progress", 4, "Done", 90, "Released") == ("done", day(0), day(4), day(4))


def test_a_reopened_item_loses_its_finish_until_done_again() -> None:
    source = known_source()
    assert derived("To Do", 1, "In Progress", 2, "Done", source=source)[2] == day(2)
    reopened = ("To Do", 1, "In Progress", 2, "Done", 3, "In Progress")
    assert derived(*reopened, source=source) == ("active", day(1), None, None)
    assert derived(*reopened, 7, "Done", source=source) == ("done", day(1), day(7), day(7))


def test_a_dropped_item_ended_and_did_not_finish() -> None:
    assert derived("To Do", 1, "In Progress", 3, "Won't Do") == ("dropped", day(1), None, day(3))
    assert derived("To Do", 3, "Won't Do") == ("dropped", None, None, day(3))


def test_what_was_dropped_and_is_called_done_later_ended_when_it_was_dropped() -> None:
    assert derived("In Progress", 3, "Won't Do", 9, "Done") == ("done", day(0), day(3), day(3))


def test_done_without_an_entry_finished_when_the_source_says_so() -> None:
    assert derived(now="Done", resolved=day(5), updated=day(8)) == ("done", None, day(5), day(5))


def test_done_without_an_entry_or_a_word_has_an_unknown_finish_and_is_still_over() -> None:
    assert derived(now="Done", updated=day(8)) == ("done", None, None, day(8))


def test_a_history_that_does_not_lead_to_the_present_status_is_not_believed_about_the_end() -> None:
    assert derived("To Do", 1, "In Progress", now="Done", resolved=day(6)) == ("done", day(1), day(6), day(6))


def test_a_workflow_migration_is_no_finish() -> None:
    """EE-17 of CONNECTORS.md J24: resolved in July, and moved by a migration from a forgotten status in March."""
    steps = ("To Do", 1, "In Progress", 2, "Live now", 250, "Done")
    assert derived(*steps, resolved=day(2)) == ("done", day(1), day(2), day(2))
    assert derived("To Do", 1, "In Progress", 2, "Shelf", 250, "Done", resolved=day(2)) == (
        ("done", day(1), day(2), day(2))
    )


def test_from_a_known_status_the_history_is_believed_against_an_old_resolution() -> None:
    assert derived("To Do", 2, "Done", 3, "In Progress", 50, "Done", resolved=day(2))[2] == day(50)


def test_from_a_forgotten_status_a_finish_near_the_resolution_counts() -> None:
    assert derived("To Do", 1, "Coding", 5, "Done", resolved=day(5)) == ("done", day(1), day(5), day(5))


def test_a_status_that_lost_its_id_is_read_by_its_name() -> None:
    source = known_source()
    gone = facts.TransitionRecord("1", day(1), "1", "To Do", "77", "in review", None)
    pages.store(source, "issues", [facts.item("1", transitions=(gone,), now="In Review")])
    assert outcome(WorkItem.objects.get()) == ("waiting", day(1), None, None)
    assert not StageMapping.objects.filter(status_id="77").exists()


def test_a_status_nobody_listed_is_read_by_its_category() -> None:
    item = builders.item(builders.source(), status_id="9", status="Doing it", status_category="indeterminate")
    stages.restage_items([item.pk])
    item.refresh_from_db()
    assert outcome(item) == ("active", item.created, None, None)


def test_a_mapping_that_changes_restages_a_source_without_a_sync() -> None:
    source, other = known_source(), known_source()
    steps = ("To Do", 1, "In Progress", 3, "In Review", 5, "Done")
    before = derived(*steps, source=source)
    derived(*steps, source=other)
    StageMapping.objects.filter(source=source, status="In Progress").update(stage="todo", guessed=False)
    StageMapping.objects.filter(source=source, status="In Review").update(stage="done", guessed=False)
    assert stages.restage(source) == 1
    assert outcome(source.items.get()) == ("done", None, day(3), day(3))
    assert outcome(other.items.get()) == before
    assert stages.restage(source) == 0


def test_several_items_do_not_mix() -> None:
    source = known_source()
    records = [
        facts.item("1", transitions=path("To Do", 1, "In Progress", 2, "Done")),
        facts.item("2", transitions=path("To Do", 3, "In Progress")),
        facts.item("3", now="In Review"),
    ]
    pages.store(source, "issues", records)
    found = [outcome(item) for item in source.items.order_by("native_id")]
    assert found == [
        ("done", day(1), day(2), day(2)),
        ("active", day(3), None, None),
        ("waiting", day(0), None, None),
    ]
