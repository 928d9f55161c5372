"""What statuses mean, said for a source and for one project of it, with the effect shown before it is true (U6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from delivery import delivered, deployments, kinds, locks, mappings
from delivery.mappings import Change
from delivery.models import Deliverable, Source, StageMapping, WorkItem
from delivery.store import pages, renames
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day, path

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REVIEWED = ("To Do", 1, "In Progress", 3, "In Review", 7, "Done")


@pytest.fixture
def source() -> Source:
    source = builders.source()
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    return source


def store(source: Source, project: str, *steps: str | float, count: int = 1, **fields: Any) -> None:
    items = [facts.item(project=project, transitions=path(*steps), **fields) for _ in range(count)]
    pages.store(source, "issues", items)


def flow_of(source: Source, project: str) -> set[tuple[Any, ...]]:
    rows = WorkItem.objects.filter(source=source, project=project)
    return set(rows.values_list("stage", "started", "finished", "ended"))


def everything(source: Source) -> list[tuple[Any, ...]]:
    items = WorkItem.objects.filter(source=source).order_by("pk")
    rows = StageMapping.objects.filter(source=source).order_by("pk")
    return [*items.values_list(), *rows.values_list()]


def test_a_projects_word_stands_above_the_sources(source: Source) -> None:
    store(source, "ABC", *REVIEWED)
    store(source, "XYZ", *REVIEWED)
    assert mappings.apply(source, [Change("4", "done", "XYZ")]) == 1
    assert flow_of(source, "ABC") == {("done", day(1), day(7), day(7))}
    assert flow_of(source, "XYZ") == {("done", day(1), day(3), day(3))}
    mappings.apply(source, [Change("3", "todo")])
    assert flow_of(source, "ABC") == {("done", day(3), day(7), day(7))}
    assert flow_of(source, "XYZ") == {("done", None, day(3), day(3))}


def test_items_that_come_later_are_read_by_their_projects_word_too(source: Source) -> None:
    mappings.apply(source, [Change("4", "done", "XYZ")])
    store(source, "XYZ", *REVIEWED)
    assert flow_of(source, "XYZ") == {("done", day(1), day(3), day(3))}


def test_a_status_the_source_forgot_follows_its_name_in_the_project(source: Source) -> None:
    """J23: a name has several ids; one that is no longer listed means what its name means there."""
    mappings.apply(source, [Change("4", "todo", "XYZ")])
    steps = [facts.transition("To Do", 1, "In Review"), facts.transition("In Review", 2, "Done")]
    old = [facts.TransitionRecord("9", day(1), "1", "To Do", "old-4", "In Review", None), steps[1]]
    for project in ("ABC", "XYZ"):
        pages.store(source, "issues", [facts.item(project=project, transitions=tuple(old))])
    assert flow_of(source, "ABC") == {("done", day(1), day(2), day(2))}
    assert flow_of(source, "XYZ") == {("done", None, day(2), day(2))}


def test_an_item_that_moves_is_read_as_its_new_project_reads(source: Source) -> None:
    """J15."""
    mappings.apply(source, [Change("4", "done", "XYZ")])
    record = facts.item("77", project="ABC", transitions=path(*REVIEWED))
    pages.store(source, "issues", [record])
    assert flow_of(source, "ABC") == {("done", day(1), day(7), day(7))}
    moved = facts.item("77", project="XYZ", transitions=path(*REVIEWED))
    pages.store(source, "issues", [moved])
    assert flow_of(source, "XYZ") == {("done", day(1), day(3), day(3))}


def test_back_to_the_guess_and_back_to_the_source(source: Source) -> None:
    store(source, "ABC", *REVIEWED)
    before = everything(source)
    mappings.apply(source, [Change("4", "todo"), Change("3", "waiting", "ABC")])
    assert everything(source) != before
    mappings.apply(source, [Change("4", None), Change("3", None, "ABC")])
    assert everything(source) == before


def test_a_persons_word_outlives_the_next_reading_of_the_statuses(source: Source) -> None:
    mappings.apply(source, [Change("4", "active"), Change("3", "waiting", "ABC")])
    pages.store(source, "statuses", list(facts.STATUSES.values()))
    told = StageMapping.objects.filter(source=source, guessed=False).order_by("project")
    assert list(told.values_list("project", "status_id", "stage")) == [("", "4", "active"), ("ABC", "3", "waiting")]


def test_an_unknown_status_changes_nothing(source: Source) -> None:
    assert mappings.apply(source, [Change("4711", "done")]) == 0
    assert not StageMapping.objects.filter(status_id="4711").exists()


def test_the_preview_is_what_then_happens_and_writes_nothing(source: Source) -> None:
    store(source, "ABC", *REVIEWED, count=6)
    store(source, "XYZ", *REVIEWED, count=6)
    store(source, "XYZ", "To Do", 2, "In Review", count=3)
    before = everything(source)
    changes = [Change("4", "done", "XYZ"), Change("3", "todo")]
    told = mappings.preview(source, changes, at=NOW)
    assert everything(source) == before
    assert mappings.apply(source, changes) == told.whole.changed == 15
    again = mappings.preview(source, [], at=NOW)
    assert (again.whole.before, again.whole.changed) == (told.whole.after, 0)
    for one in told.projects:
        WorkItem.objects.filter(source=source).update(deleted=NOW)
        WorkItem.objects.filter(source=source, project=one.project).update(deleted=None)
        assert mappings.preview(source, [], at=NOW).whole.before == one.after


def test_the_preview_tells_the_cycle_time_with_its_n(source: Source) -> None:
    store(source, "ABC", *REVIEWED, count=6)
    store(source, "ABC", "To Do", 2, "In Review", count=2)
    told = mappings.preview(source, [Change("4", "done")], at=NOW)
    assert told.whole.before.cycle.p50 == told.whole.before.cycle.p85 == timedelta(days=6)
    assert told.whole.after.cycle.p50 == timedelta(days=2)
    assert (told.whole.before.finished, told.whole.after.finished) == (6, 8)
    assert (told.whole.before.wip, told.whole.after.wip) == (2, 0)
    assert (told.whole.after.cycle.n, told.whole.after.cycle.left_out) == (6, 2)
    assert [(move.before, move.after, move.count) for move in told.moves] == [("waiting", "done", 2)]
    assert all(name.startswith("ABC-") for name in told.moves[0].examples)
    assert told.redated == 6


def test_items_that_ended_long_ago_are_not_looked_at(source: Source) -> None:
    store(source, "ABC", "In Progress", -700, "Done", created=day(-800))
    store(source, "ABC", "In Progress", -200, "Done", created=day(-800))
    told = mappings.preview(source, [Change("3", "todo")], at=NOW)
    assert (told.items, told.whole.changed) == (1, 1)


def test_another_sources_items_are_left_alone(source: Source) -> None:
    other = builders.source()
    pages.store(other, "statuses", list(facts.STATUSES.values()))
    store(other, "ABC", *REVIEWED)
    assert mappings.preview(source, [Change("4", "done")], at=NOW).items == 0
    assert mappings.apply(source, [Change("4", "done")]) == 0
    assert flow_of(other, "ABC") == {("done", day(1), day(7), day(7))}


def test_what_was_said_of_a_project_follows_it_to_another_name(source: Source) -> None:
    """J15, G10: and what was said of the new name before stays."""
    mappings.apply(source, [Change("4", "done", "OLD"), Change("3", "waiting", "OLD"), Change("3", "todo", "NEW")])
    kinds.apply(source, [kinds.Rule("OLD", "label", "ops", "bug"), kinds.Rule("ELSE", "label", "ops", "bug")])
    deployments.apply(source, [deployments.Rule("old", "tag", "v*"), deployments.Rule("NEW", "tag", "v*")])
    renames.rename(source, "OLD", "NEW")
    said = StageMapping.objects.exclude(project="").order_by("status_id")
    assert list(said.values_list("project", "status_id", "stage")) == [("NEW", "3", "todo"), ("NEW", "4", "done")]
    assert [rule.scope for rule in kinds.rules_of(source)] == ["NEW", "ELSE"]
    assert deployments.rules_of(source) == (deployments.Rule("NEW", "tag", "v*"),)


def test_work_that_left_what_is_done_in_its_project_only_takes_a_delivery_back(source: Source) -> None:
    """The day of a delivery is taken back by a reopened item, and what done means is the project's word."""
    team = builders.team()
    steps = ("To Do", 1, "In Progress", 2, "In Review", 9, "In Progress")
    for project in ("ABC", "XYZ"):
        store(source, project, *steps)
        item = WorkItem.objects.get(source=source, project=project)
        made = builders.deliverable(team, items=(item,), title=project, delivered=day(5).date())
        made.scoped.update(since=day(0))
    mappings.apply(source, [Change("4", "done", "XYZ")])
    delivered.mark_delivered(day(20).date())
    assert list(Deliverable.objects.filter(delivered=None).values_list("title", flat=True)) == ["XYZ"]
    mappings.apply(source, [Change("4", "done"), Change("4", "waiting", "XYZ")])
    Deliverable.objects.update(delivered=day(5).date())
    delivered.mark_delivered(day(20).date())
    assert list(Deliverable.objects.filter(delivered=None).values_list("title", flat=True)) == ["ABC"]


def test_who_changes_meanings_waits_for_the_page_that_is_being_stored(source: Source) -> None:
    """A page that was read by the old meanings cannot be stored after the new ones were applied."""
    with transaction.atomic():
        store(source, "ABC", *REVIEWED)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted",
                [locks.MEANINGS, source.pk],
            )
            assert ("ShareLock",) in cursor.fetchall()


def test_the_digest_follows_what_persons_said_and_nothing_else(source: Source) -> None:
    before = mappings.digest(source)
    pages.store(source, "statuses", [facts.StatusRecord("99", "New one", "new")])
    assert mappings.digest(source) == before
    mappings.apply(source, [Change("4", "waiting")])
    assert mappings.digest(source) != before
