"""Several parts at once: as much is read as one after the other, and no more than is bearable."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from delivery import side_by_side, sync
from delivery.connectors.contract import ConnectorError, Page, Slice
from delivery.models import Source, SourceSlice, Sprint, SyncRun, WorkItem
from tests import builders
from tests.delivery import facts, served
from tests.delivery.facts import day
from tests.delivery.scripted import Scripted

NOW = day(30)


@pytest.mark.django_db(transaction=True)
def test_four_at_once_leave_the_same_rows_as_one_after_the_other() -> None:
    with served.office() as office:
        wide, narrow = office.jira("Wide"), office.jira("Narrow")
        runs = sync.sync_source(wide, now=office.now, at_once=4)
        assert {run.state for run in runs} == {SyncRun.State.DONE}
        assert {run.slice.kind for run in runs[: len(office.projects) * 2]} == {"statuses", "sprints"}
        sync.sync_source(narrow, now=office.now, at_once=1)
        assert served.rows(wide) == served.rows(narrow)
        assert WorkItem.objects.exists()


class Slow(Scripted):
    """Gives a page now and then, and counts how many are read at the same time."""

    reading = 0
    most = 0
    lock = threading.Lock()

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        with self.lock:
            Slow.reading += 1
            Slow.most = max(Slow.most, Slow.reading)
        try:
            time.sleep(0.05)
            yield from super().read(part, since=since, cursor=cursor)
        finally:
            with self.lock:
                Slow.reading -= 1


def several(count: int) -> tuple[Source, list[Slice]]:
    source = builders.source(scopes=[f"P{number}" for number in range(count)])
    return source, [Slice("issues", f"P{number}") for number in range(count)]


@pytest.mark.django_db(transaction=True)
def test_no_more_parts_are_read_at_once_than_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source, parts = several(9)
    Slow.most = 0
    monkeypatch.setattr(sync, "connect_to", lambda source: Slow([[facts.item()]], tuple(parts)))
    done = sync.sync_source(source, now=NOW, at_once=3)
    assert (len(done), Slow.most) == (9, 3)


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_refused_stops_the_parts_that_were_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    source, parts = several(9)
    refused = ConnectorError("Jira refused the token.", kind="expired")
    monkeypatch.setattr(sync, "connect_to", lambda source: Slow([refused], tuple(parts)))
    done = sync.sync_source(source, now=NOW, at_once=2)
    assert 1 <= len(done) <= 3
    assert {run.error for run in done} == {"Jira refused the token."}


@pytest.mark.django_db(transaction=True)
def test_a_polite_stop_ends_all_of_them_after_their_page(monkeypatch: pytest.MonkeyPatch) -> None:
    source, parts = several(4)
    enough = threading.Event()
    made = [SourceSlice.objects.create(source=source, kind="issues", scope=part.scope) for part in parts]

    def work(part: SourceSlice) -> SyncRun:
        pages = [[facts.item() for _ in range(500)] for _ in range(40)]
        return sync.sync_slice(part, now=NOW, connector=Slow(pages), enough=enough, progress=lambda *_: enough.set())

    with pytest.raises(sync.Interrupted):
        side_by_side.each(made, work, at_once=2, over=lambda done: False, enough=enough)
    stopped = SyncRun.objects.all()
    assert {(run.state, run.error) for run in stopped} == {
        (SyncRun.State.STOPPED, "It was interrupted; the next run goes on from its last page.")
    }
    assert WorkItem.objects.count() == 500 * len(stopped)
    assert all(part.cursor for part in SourceSlice.objects.filter(runs__in=stopped))


@pytest.mark.django_db
def test_a_source_that_is_paused_while_it_is_read_stops_after_the_page() -> None:
    source, (part, *_) = several(1)
    made = SourceSlice.objects.create(source=source, kind="issues", scope=part.scope)
    pages = [[facts.item() for _ in range(500)] for _ in range(4)]

    def pause(*_: object) -> None:
        Source.objects.update(paused=True)

    run = sync.sync_slice(made, now=NOW, connector=Scripted(pages), progress=pause)
    assert (run.state, run.read) == (SyncRun.State.STOPPED, 500)
    assert run.error == "The source was paused while it was read; the next run goes on from its last page."
    assert sync.sync_source(source, now=NOW) == []
    Source.objects.update(paused=False)
    again = Scripted(pages)
    run = sync.sync_slice(made, now=NOW + timedelta(hours=1), connector=again)
    assert (again.asked[0][2], run.state, WorkItem.objects.count()) == ("1", SyncRun.State.DONE, 2000)


@pytest.mark.django_db(transaction=True)
def test_a_part_that_is_taken_away_while_it_is_read_ends_there(caplog: pytest.LogCaptureFixture) -> None:
    """A person took the project out of the source: nothing failed, and no other part is the worse for it."""
    source, (part, other) = several(2)
    made = SourceSlice.objects.create(source=source, kind="issues", scope=part.scope)
    pages = [[facts.item() for _ in range(500)] for _ in range(3)]

    def without(*_: object) -> None:
        thread = threading.Thread(target=sliced, args=(source, other))
        thread.start()
        thread.join()

    run = sync.sync_slice(made, now=NOW, connector=Scripted(pages), progress=without)
    assert (run.state, run.error, WorkItem.objects.count()) == (
        (SyncRun.State.STOPPED, "Its project is not read any more.", 500)
    )
    assert [one.scope for one in SourceSlice.objects.all()] == [other.scope]
    assert not caplog.records


def sliced(source: Source, part: Slice) -> None:
    try:
        sync.slices_of(source, Scripted([], (part,)))
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_connector_that_cannot_be_made_fails_its_part_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    source, parts = several(4)
    made: list[Slow] = []

    def connect(_: object) -> Slow:
        if made:
            raise ConnectorError("The name of the server is not known.", kind="unreachable")
        made.append(Slow([[facts.item()]], tuple(parts)))
        return made[0]

    monkeypatch.setattr(sync, "connect_to", connect)
    done = sync.sync_source(source, now=NOW, at_once=2)
    states = [run.state for run in done]
    assert set(states) == {SyncRun.State.DONE, SyncRun.State.FAILED}
    assert {run.error for run in done} == {"", "The name of the server is not known."}


@pytest.mark.django_db(transaction=True)
def test_a_page_and_the_settling_of_its_source_do_not_stand_in_each_others_way() -> None:
    """A page holds its sprints until it is stored, and before that waits for the settling to let go of its part."""
    source, (part, _) = several(2)
    made = SourceSlice.objects.create(source=source, kind="issues", scope=part.scope, unsettled=True)
    sprint = Sprint.objects.create(source=source, native_id="7", name="Sprint 7", state="active", start=day(1))
    done: list[object] = []

    def settle() -> None:
        try:
            sync.settle(source, now=NOW)
            done.append("settled")
        finally:
            connection.close()

    thread = threading.Thread(target=settle)
    with transaction.atomic():
        Sprint.objects.select_for_update(no_key=True).get(pk=sprint.pk)
        thread.start()
        time.sleep(0.5)
        SourceSlice.objects.filter(pk=made.pk).update(unsettled=True)
    thread.join()
    assert done == ["settled"]
    sync.settle(source, now=NOW)
    sprint.refresh_from_db()
    assert sprint.parts_of
