"""Many rows at once: exact counts, nothing written twice, nothing lost to odd text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from delivery import bulk
from delivery.bulk import Written
from delivery.models import Source, Sprint, Transition, WorkItem
from tests import builders
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db
SPRINT = ["source_id", "native_id", "name", "state", "start", "end", "completed", "goal"]
MOVE = ["item_id", "native_id", "at", "from_id", "from_name", "to_id", "to_name", "author_id"]


def write(source: Source, *rows: tuple[str, str], keep: tuple[str, ...] = ()) -> Written:
    full = [(source.pk, native_id, name, "active", day(0), None, None, "") for native_id, name in rows]
    return bulk.upsert(Sprint, SPRINT, full, key=("source_id", "native_id"), keep=keep)


def names() -> dict[str, str]:
    return dict(Sprint.objects.values_list("native_id", "name"))


def test_counts_tell_new_changed_and_untouched_rows_apart() -> None:
    source = builders.source()
    assert write(source, ("1", "One"), ("2", "Two")) == Written(inserted=2)
    assert write(source, ("1", "One"), ("2", "Zwei"), ("3", "Three")) == Written(inserted=1, updated=1)
    assert names() == {"1": "One", "2": "Zwei", "3": "Three"}


def test_an_unchanged_row_is_not_written() -> None:
    source = builders.source()
    write(source, ("1", "One"))
    assert versions("delivery_sprint") == versions_after(lambda: write(source, ("1", "One")), "delivery_sprint")


def test_of_rows_with_one_key_the_last_counts() -> None:
    source = builders.source()
    assert write(source, ("1", "early"), ("1", "late")) == Written(inserted=1)
    assert names() == {"1": "late"}


def test_the_same_id_in_another_source_is_another_row() -> None:
    write(builders.source(), ("1", "here"))
    assert write(builders.source(), ("1", "there")) == Written(inserted=1)


def test_a_kept_column_is_written_with_a_new_row_only() -> None:
    source = builders.source()
    write(source, ("1", "first"), keep=("name",))
    assert write(source, ("1", "second"), keep=("name",)) == Written()
    assert names() == {"1": "first"}


def test_nothing_to_write_asks_nothing() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert bulk.upsert(Sprint, SPRINT, [], key=("source_id", "native_id")) == Written()
    assert not queries.captured_queries


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("tab\there\nand there\r\\N \\", "tab\there\nand there\r\\N \\"),
        ("nul\x00 inside", "nul inside"),
        ("\\.", "\\."),
        ("ünïcode 🚀 'quotes\" {braces}, commas", "ünïcode 🚀 'quotes\" {braces}, commas"),
        ("half a pair \ud83d", "half a pair ?"),
        ("", ""),
    ],
)
def test_any_text_survives(text: str, stored: str) -> None:
    write(builders.source(), ("1", text))
    assert names() == {"1": stored}


def test_text_longer_than_its_column_is_cut_and_breaks_no_batch() -> None:
    write(builders.source(), ("1", "x" * 400), ("2", "fine"))
    assert names() == {"1": "x" * 255, "2": "fine"}


def test_a_key_is_never_cut() -> None:
    with pytest.raises(DataError), transaction.atomic():
        write(builders.source(), ("1" * 61, "too long an id"))


def test_lists_survive_with_quotes_commas_and_braces() -> None:
    labels = ["plain", 'a "quote"', "comma, and {brace}", "back\\slash", "NULL", "", "nul\x00", "y" * 300]
    item = builders.item(builders.source())
    columns = ["source_id", "native_id", "labels"]
    row = (item.source_id, item.native_id, labels)
    fields = {field.attname: getattr(item, field.attname) for field in WorkItem._meta.concrete_fields}
    rest = [name for name in fields if name not in (*columns, "id")]
    full = (*row, *(fields[name] for name in rest))
    assert bulk.upsert(WorkItem, [*columns, *rest], [full], key=columns[:2]) == Written(updated=1)
    item.refresh_from_db()
    assert item.labels == [*labels[:6], "nul", "y" * 255]


def test_children_become_exactly_the_given_ones() -> None:
    source = builders.source()
    mine, other = builders.item(source), builders.item(source)
    give(mine, ("1", "Done"), ("2", "To Do"))
    give(other, ("1", "Done"))
    before = versions("delivery_transition")
    assert give(mine, ("2", "To Do"), ("3", "Review")) == Written(inserted=1, deleted=1)
    assert give(mine, ("2", "Backlog"), ("3", "Review")) == Written(updated=1)
    assert moves(mine) == {"2": "Backlog", "3": "Review"}
    assert moves(other) == {"1": "Done"}
    assert len(versions("delivery_transition") & before) == 1  # the other item's was left alone


def test_an_owner_without_children_loses_the_ones_it_had() -> None:
    item = builders.item(builders.source())
    give(item, ("1", "Done"))
    assert give(item) == Written(deleted=1)


def test_batches_of_one_transaction_do_not_mix() -> None:
    source = builders.source()
    with transaction.atomic():
        write(source, ("1", "One"))
        assert write(source, ("2", "Two")) == Written(inserted=1)


def give(item: WorkItem, *rows: tuple[str, str]) -> Written:
    full = [(item.pk, id, day(0) + timedelta(hours=int(id)), "", "", "", name, None) for id, name in rows]
    return bulk.replace(Transition, MOVE, full, owner="item_id", key="native_id", owners=[item.pk])


def moves(item: WorkItem) -> dict[str, str]:
    return dict(item.transitions.values_list("native_id", "to_name"))


def versions(table: str) -> set[Any]:
    """Which version of each row is there: a row that is written gets a new one."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, ctid::text FROM {table}")
        return set(cursor.fetchall())


def versions_after(act: Any, table: str) -> set[Any]:
    act()
    return versions(table)


@pytest.mark.django_db(transaction=True)
def test_only_the_transaction_that_asked_for_it_does_not_wait_for_the_disk() -> None:
    def setting() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    before = setting()
    with transaction.atomic():
        bulk.without_waiting()
        assert setting() == "off"
    assert setting() == before


@pytest.mark.django_db(transaction=True)
def test_a_table_is_looked_at_again_only_when_it_grew_by_half() -> None:
    def looked_at() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(sum(analyze_count), 0) FROM pg_stat_user_tables WHERE relname = %s", [name])
            return int(cursor.fetchone()[0])

    name = Sprint._meta.db_table
    source = builders.source()
    with transaction.atomic():
        write(source, *((str(number), "Sprint") for number in range(100)))
    before = looked_at()
    bulk.take_stock([Sprint])
    assert looked_at() == before + 1
    with transaction.atomic():
        write(source, ("1", "Renamed"), ("2", "Renamed"))
    bulk.take_stock([Sprint])
    assert looked_at() == before + 1
