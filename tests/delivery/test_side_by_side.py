"""Several parts at once: as much is read as one after the other, and no more than is bearable."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from delivery import side_by_side, sync
from delivery.connectors.contract import ConnectorError, Page, Slice
from delivery.models import Source, SourceSlice, SyncRun, WorkItem
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
        time.sleep(0.05)
        yield from super().read(part, since=since, cursor=cursor)
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
