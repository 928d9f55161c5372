"""The book of a part's readings tells the truth: every thing is counted once, and nothing is called fresh that is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connection, transaction

from delivery import reading, runs, secrets, sync
from delivery.connectors.contract import ConnectorError, Gap, Page
from delivery.core.records import GoneRecord, ReleaseRecord, WorklogRecord
from delivery.models import Missing, Source, SourceSlice, SyncRun
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(30)
State = SyncRun.State


def made(kind: str = "issues", source_kind: str = "jira", scope: str = "ABC") -> SourceSlice:
    source = builders.source(source_kind, token=secrets.seal("t"), scopes=[scope])
    return SourceSlice.objects.create(source=source, kind=kind, scope=scope)


def read(part: SourceSlice, *pages: Any, minutes: float = 0, **fields: Any) -> SyncRun:
    return sync.sync_slice(part, now=NOW + timedelta(minutes=minutes), connector=Scripted(pages, **fields))


def test_looks_at_single_things_do_not_put_off_the_polling_of_their_part() -> None:
    """Polling heals what webhooks miss, also where one comes every minute (J16, G25)."""
    part = made()
    read(part, [facts.item("1")])
    for minute in range(1, 6):
        things = {"1": facts.item("1")}
        sync.reread_slice(part, ["1"], now=NOW + timedelta(minutes=minute), connector=Scripted([], things=things))
    assert sync.due(NOW + timedelta(minutes=3)) == []
    assert sync.due(NOW + timedelta(minutes=5)) == [part]


def test_a_thing_that_could_not_be_read_counts_once_however_often_it_was_met() -> None:
    part = made()
    read(part, [facts.item("2", key="ABC-2")], gaps=[Gap("ABC-2 history", "Jira gave 40 of its 90 changes.")])
    again = Scripted([[facts.item("3")], [facts.item("4")]], gaps=[Gap("ABC-2 history", "Jira gave 40 of 90.")])
    run = sync.sync_slice(part, now=NOW + timedelta(minutes=65), connector=again)
    assert again.reread_ids == []  # it was asked for a moment ago
    assert (run.failed, run.state) == (1, State.PARTIAL)
    assert run.error == "1 thing could not be read and is missing here, all else is: ABC-2 history: Jira gave 40 of 90."


def test_time_that_was_taken_back_counts_as_deleted() -> None:
    part = made("worklogs")
    builders.item(part.source, native_id="7")
    log = WorklogRecord("1", "7", None, day(1), 60, day(1))
    assert read(part, [log]).written == 1
    gone = WorklogRecord("1", "7", None, None, None, day(2), removed=True)
    run = read(part, [gone], minutes=5)
    part.refresh_from_db()
    assert (run.written, run.deleted, part.unsettled) == (0, 1, True)
    assert runs.forget_old(NOW + timedelta(days=3)) == 0  # it found something


def test_a_tag_that_gave_way_to_its_release_counts_as_deleted() -> None:
    part = made("releases", "github", "acme/ranker")
    values = ("v1", "", "", None, day(1), day(1), False)
    read(part, [facts.repository(), ReleaseRecord("tag:v1", "900", *values, tag_only=True)])
    run = read(part, [ReleaseRecord("77", "900", *values)], minutes=5)
    assert (run.written, run.deleted) == (1, 1)


def test_a_part_of_history_makes_no_part_fresh() -> None:
    part = made()
    sync.sync_slice(part, now=NOW, since=day(29), connector=Scripted([[facts.item("1")]]))
    part.refresh_from_db()
    assert (part.bookmark, part.last_success) == (None, None)
    read(part, [facts.item("1")], minutes=5)
    part.refresh_from_db()
    before = part.last_success
    sync.sync_slice(part, now=day(40), since=day(39), connector=Scripted([[facts.item("1")]]))
    part.refresh_from_db()
    assert (part.bookmark, part.last_success) == (NOW + timedelta(minutes=5), before)


def test_a_page_that_stood_in_anothers_way_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL lets one of two go at any statement, also when the page was counted already."""
    part, left = made(), [1]
    whole = SyncRun.save

    def save(self: SyncRun, *args: Any, **fields: Any) -> None:
        whole(self, *args, **fields)
        if self.read and left and left.pop():
            raise _deadlock()

    monkeypatch.setattr(SyncRun, "save", save)
    run = read(part, [facts.item("1", key="NEW-1", project="NEW")], scope="NEW")
    part.refresh_from_db()
    assert (run.read, run.written, run.state, left) == (1, 1, State.DONE, [])
    assert (part.scope, Source.objects.get().scopes) == ("NEW", ["NEW"])


class _Deadlock(psycopg2.OperationalError):
    pgcode = reading.DEADLOCK  # type: ignore[assignment]


def _deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = _Deadlock()
    return error


def test_what_a_source_said_is_told_without_what_no_column_holds() -> None:
    part = made()
    error = ConnectorError("Jira said no\x00.", kind="answer", detail="no\x00 \udc00")
    run = read(part, error)
    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "Jira said no.")
    run = read(part, [facts.item("1")], minutes=5, gaps=[Gap("ABC-1", "It said \x00\nno \udc00.")])
    run.refresh_from_db()
    assert (run.state, Missing.objects.count()) == (State.PARTIAL, 1)


def test_the_questions_of_a_run_that_failed_count_too() -> None:
    run = read(made(), ConnectorError("x", kind="answer"))
    assert (run.state, run.requests) == (State.FAILED, 1)


def test_worklogs_reach_no_further_than_the_items_they_are_of() -> None:
    """Those of an item that is not here yet were passed over: they must be asked for again (J27)."""
    source = builders.source()
    worklogs = SourceSlice.objects.create(source=source, kind="worklogs", scope="ABC")
    issues = SourceSlice.objects.create(source=source, kind="issues", scope="ABC")

    def bookmark(items: datetime | None) -> datetime | None:
        SourceSlice.objects.filter(pk=issues.pk).update(bookmark=items)
        run = runs.begin(worklogs, now=NOW, full=True, since=None)
        runs.finish(worklogs, run, NOW)
        return worklogs.bookmark

    assert bookmark(None) is None
    assert bookmark(NOW - timedelta(hours=3)) == NOW - timedelta(hours=3)
    assert bookmark(NOW + timedelta(hours=1)) == NOW


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_asked_for_before_a_deletion_does_not_bring_the_item_back() -> None:
    """A webhook told of the deletion while the page was on its way (J16, J34)."""
    part = made()
    read(part, [facts.item("1"), facts.item("2")])

    class Late(Scripted):
        def read(self, *args: Any, **how: Any) -> Iterator[Page]:
            pages = list(super().read(*args, **how))  # asked for, and on its way
            gone = Page((GoneRecord("issues", "1"),), "")
            with transaction.atomic():
                reading._store(part, gone, NOW + timedelta(minutes=11))
            connection.close()  # this thread's own
            yield from pages

    late = Late([[facts.item("1", title="As it was"), facts.item("2")]])
    sync.sync_slice(part, now=NOW + timedelta(minutes=10), connector=late)
    items = part.source.items
    assert items.get(native_id="1").deleted is not None
    assert items.get(native_id="2").deleted is None
    read(part, [facts.item("1")], minutes=20)  # restored at the source
    assert items.get(native_id="1").deleted is None
