"""Rules become dated rows: what is in a deliverable, since when, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import scopes
from delivery.bulk import Written
from delivery.models import Deliverable, Scope, ScopedItem, Source, WorkItem
from delivery.store import pages
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import change, day

pytestmark = pytest.mark.django_db
NOW = day(60)


def promised(source: Source, *rules: tuple[str, str]) -> Deliverable:
    made = builders.deliverable(builders.team())
    for rule, value in rules:
        Scope.objects.create(deliverable=made, source=source, rule=rule, value=value)
    return made


def store(source: Source, *records: Any) -> None:
    told = pages.store(source, "issues", records)
    assert not told.failed


def scoped(deliverable: Deliverable) -> dict[str, tuple[datetime, datetime | None]]:
    rows = ScopedItem.objects.filter(deliverable=deliverable)
    return {key: (since, until) for key, since, until in rows.values_list("item__key", "since", "until")}


def epic(key: str, **fields: Any) -> Any:
    return facts.item(key, key=key, type="Epic", level=1, **fields)


def child(key: str, parent: str = "E-1", **fields: Any) -> Any:
    return facts.item(key, key=key, parent_key=parent, **fields)


def test_an_epics_items_are_in_without_itself_and_its_sub_tasks() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "E-1"))
    store(source, epic("E-1"), child("A-1", created=day(1)), child("A-2", "A-1", level=-1), child("A-3", "E-2"))
    assert scopes.resolve(now=NOW) == Written(inserted=1)
    assert scoped(deliverable) == {"A-1": (day(1), None)}
    assert scopes.resolve(now=NOW) == Written()


def test_an_initiatives_items_are_those_of_its_epics() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "I-1"))
    store(
        source,
        facts.item("I-1", key="I-1", type="Initiative", level=2),
        epic("E-1", parent_key="I-1", changes=(change("parent", 5, "", "I-1"),)),
        child("A-1", created=day(1)),
        child("A-2", created=day(9)),
    )
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(5), None), "A-2": (day(9), None)}


def test_an_item_is_in_since_it_was_moved_there() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "E-1"))
    moves = (change("parent", 2, "", "E-9"), change("parent", 6, "E-9", "E-1"))
    store(source, child("A-1", changes=moves))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(6), None)}


def test_an_item_that_left_before_we_looked_is_kept_with_both_dates() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "E-1"))
    store(source, child("A-1", "E-2", created=day(1), changes=(change("parent", 8, "E-1", "E-2"),)))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(1), day(8))}


def test_an_item_that_leaves_keeps_its_row_and_gets_the_day_it_left() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "E-1"))
    store(source, child("A-1", created=day(1)))
    scopes.resolve(now=NOW)
    store(source, child("A-1", "", created=day(1), changes=(change("parent", 8, "E-1", ""),)))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(1), day(8))}
    back = (change("parent", 8, "E-1", ""), change("parent", 12, "", "E-1"))
    store(source, child("A-1", created=day(1), changes=back))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(12), None)}


def test_an_epic_that_moved_is_found_by_the_key_it_had() -> None:
    source = builders.source()
    deliverable = promised(source, ("parent", "OLD-1"))
    store(source, epic("NEW-7", changes=(change("key", 3, "OLD-1", "NEW-7"),)), child("A-1", "NEW-7"))
    scopes.resolve(now=NOW)
    assert list(scoped(deliverable)) == ["A-1"]


def test_labels_versions_and_milestones_add_up() -> None:
    source, github = builders.source(), builders.source("github")
    deliverable = promised(source, ("label", "search-q4"), ("fix_version", "2026.4"))
    Scope.objects.create(deliverable=deliverable, source=github, rule="milestone", value="Q4")
    store(source, facts.item("1", key="A-1", labels=("x", "search-q4")), facts.item("2", key="A-2", labels=("search",)))
    store(source, facts.item("3", key="A-3", fix_versions=("2026.4",), labels=("search-q4",)))
    store(github, facts.item("4", key="acme/r#4", fix_versions=("Q4",)), facts.item("5", key="acme/r#5"))
    assert scopes.resolve(now=NOW) == Written(inserted=3)
    assert set(scoped(deliverable)) == {"A-1", "A-3", "acme/r#4"}


def test_a_label_of_another_source_means_nothing() -> None:
    source = builders.source()
    deliverable = promised(source, ("label", "q4"))
    store(builders.source(), facts.item("1", labels=("q4",)))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {}


def test_a_label_taken_off_ends_it_when_we_see_that() -> None:
    source = builders.source()
    deliverable = promised(source, ("label", "q4"))
    store(source, facts.item("1", key="A-1", labels=("q4",)))
    scopes.resolve(now=NOW)
    store(source, facts.item("1", key="A-1"))
    assert scopes.resolve(now=NOW) == Written(deleted=1)
    assert scoped(deliverable) == {"A-1": (day(0), NOW)}


def test_a_deleted_item_ends_when_it_was_found_deleted() -> None:
    source = builders.source()
    deliverable = promised(source, ("label", "q4"))
    store(source, facts.item("1", key="A-1", labels=("q4",)))
    scopes.resolve(now=NOW)
    WorkItem.objects.update(deleted=day(30))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {"A-1": (day(0), day(30))}


def test_items_a_person_named_stay_in_a_deliverable_without_rules() -> None:
    source = builders.source()
    item = builders.item(source)
    deliverable = builders.deliverable(builders.team(), items=(item,))
    scopes.resolve(now=NOW)
    assert scoped(deliverable) == {item.key: (item.created, None)}


def test_a_deliverable_that_lost_its_last_rule_is_emptied_when_it_is_named() -> None:
    source = builders.source()
    deliverable = promised(source, ("label", "q4"))
    store(source, facts.item("1", key="A-1", labels=("q4",)))
    scopes.resolve(now=NOW)
    Scope.objects.all().delete()
    scopes.resolve(deliverables=[deliverable], now=NOW)
    assert scoped(deliverable) == {"A-1": (day(0), NOW)}


def test_one_source_is_resolved_without_touching_the_rules_of_others() -> None:
    one, other = builders.source(), builders.source()
    mine, theirs = promised(one, ("label", "q4")), promised(other, ("label", "q4"))
    both = promised(one, ("label", "q4"))
    Scope.objects.create(deliverable=both, source=other, rule="label", value="q4")
    store(one, facts.item("1", key="A-1", labels=("q4",)))
    store(other, facts.item("1", key="B-1", labels=("q4",)))
    scopes.resolve(source=one, now=NOW)
    assert (set(scoped(mine)), set(scoped(theirs)), set(scoped(both))) == ({"A-1"}, set(), {"A-1", "B-1"})


def test_any_number_of_deliverables_takes_two_statements() -> None:
    source = builders.source()
    for number in range(5):
        promised(source, ("label", f"label-{number}"), ("parent", f"E-{number}"))
    with CaptureQueriesContext(connection) as queries:
        scopes.resolve(now=NOW)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 2
