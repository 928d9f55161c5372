"""Reading slices: what is kept, what is said and where the next run goes on, through a scripted connector."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from django.db import connection

from delivery import locks, secrets, sync
from delivery.connectors.contract import ConnectorError, Slice
from delivery.models import Source, SourceSlice, SyncRun, TeamScope, WorkItem
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day, path
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(30)
State = SyncRun.State


def made(**fields: Any) -> SourceSlice:
    source = builders.source(token=secrets.seal("t"), scopes=["ABC"], **fields)
    return SourceSlice.objects.create(source=source, kind="issues", scope="ABC")


def two(first: int) -> list[Any]:
    return [facts.item(str(first)), facts.item(str(first + 1))]


def test_a_whole_read_stores_its_pages_and_moves_the_bookmark_to_when_it_began() -> None:
    part, seen = made(), []
    connector = Scripted([two(1), two(3)])
    run = sync.sync_slice(part, now=NOW, connector=connector, progress=lambda *step: seen.append(step[1:]))
    assert (run.state, run.read, run.written, run.requests, run.full, run.error) == (State.DONE, 4, 4, 2, True, "")
    assert seen == [(4, 4)]  # small pages are stored together
    part.refresh_from_db()
    assert (part.bookmark, part.cursor, part.reading_began) == (NOW, "", None)
    assert part.last_success is not None
    assert part.last_success >= NOW
    assert WorkItem.objects.count() == 4


def test_the_next_read_asks_from_the_bookmark_with_some_slack() -> None:
    part, page = made(), two(1)
    sync.sync_slice(part, now=NOW, connector=Scripted([page]))
    again = Scripted([page])
    run = sync.sync_slice(part, now=NOW + timedelta(hours=1), connector=again)
    assert again.asked == [("ABC", NOW - sync.runs.SLACK, "")]
    assert (run.read, run.written, run.full) == (2, 0, False)


def test_a_failure_keeps_the_bookmark_the_data_and_the_sentence() -> None:
    part = made()
    error = ConnectorError("Nothing answers there.", kind="unreachable", detail="refused")
    run = sync.sync_slice(part, now=NOW, connector=Scripted([two(1), error]))
    assert (run.state, run.error, run.error_kind, run.detail) == (
        (State.FAILED, "Nothing answers there.", "unreachable", "refused")
    )
    part.refresh_from_db()
    assert (part.bookmark, part.cursor, part.error) == (None, "1", "Nothing answers there.")
    assert WorkItem.objects.count() == 2


def test_the_run_after_a_failure_goes_on_behind_the_last_page_and_clears_the_error() -> None:
    part = made()
    trouble = ConnectorError("Nothing answers there.", kind="unreachable")
    sync.sync_slice(part, now=NOW, connector=Scripted([two(1), trouble]))
    again = Scripted([two(1), two(3)])
    run = sync.sync_slice(part, now=NOW + timedelta(hours=1), connector=again)
    assert again.asked == [("ABC", None, "1")]
    assert (run.state, run.read) == (State.DONE, 2)
    part.refresh_from_db()
    assert (part.bookmark, part.error) == (NOW, "")  # when the whole read began, not when its last run did


def test_an_unfinished_read_that_is_too_old_is_begun_anew() -> None:
    part = made()
    sync.sync_slice(part, now=NOW, connector=Scripted([two(1), ConnectorError("x", kind="answer")]))
    again = Scripted([two(1)])
    sync.sync_slice(part, now=NOW + sync.runs.STALE + timedelta(hours=1), connector=again)
    assert again.asked == [("ABC", None, "")]


def test_a_full_read_is_not_satisfied_with_the_rest_of_a_smaller_one() -> None:
    part = made()
    sync.sync_slice(part, now=NOW, connector=Scripted([two(1)]))
    sync.sync_slice(part, now=day(31), connector=Scripted([two(1), ConnectorError("x", kind="answer")]))
    again = Scripted([two(1)])
    sync.sync_slice(part, now=day(31.1), full=True, connector=again)
    assert again.asked == [("ABC", None, "")]


def test_reading_since_a_day_leaves_no_gap_behind_the_bookmark() -> None:
    part = made()
    sync.sync_slice(part, now=day(20), since=day(15), connector=Scripted([two(1)]))
    part.refresh_from_db()
    assert part.bookmark is None  # what changed before day 15 was never read
    sync.sync_slice(part, now=day(21), connector=Scripted([two(1)]))
    sync.sync_slice(part, now=day(22), since=day(15), connector=Scripted([two(1)]))
    part.refresh_from_db()
    assert part.bookmark == day(22)


def test_over_the_quota_the_slice_is_parked_until_it_may_go_on() -> None:
    part = made()
    error = ConnectorError("Over the quota.", kind="limited", retry_at=day(31))
    sync.sync_slice(part, now=NOW, connector=Scripted([error]))
    part.refresh_from_db()
    assert part.not_before == day(31)
    assert sync.due(day(30.9)) == []
    assert sync.due(day(31.1)) == [part]


def test_what_headway_did_wrong_is_a_failed_run_too(caplog: pytest.LogCaptureFixture) -> None:
    part = made()
    run = sync.sync_slice(part, now=NOW, connector=Scripted([two(1), RuntimeError("boom")]))
    assert (run.state, run.error_kind, run.detail) == (State.FAILED, "internal", "RuntimeError: boom")
    assert "boom" in caplog.text
    assert WorkItem.objects.count() == 2


def test_an_interrupted_run_says_so_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        sync.sync_slice(made(), now=NOW, connector=Scripted([two(1), KeyboardInterrupt()]))
    assert SyncRun.objects.get().state == State.STOPPED


def test_a_run_that_a_dead_process_left_is_marked_by_the_next() -> None:
    part = made()
    SyncRun.objects.create(source=part.source, slice=part, started=day(1))
    sync.sync_slice(part, now=NOW, connector=Scripted([two(1)]))
    assert list(SyncRun.objects.order_by("started").values_list("state", flat=True)) == [State.STOPPED, State.DONE]


def test_a_record_that_could_not_be_stored_is_counted_and_named() -> None:
    bad = facts.item("9" * 61, key="BAD-1")
    run = sync.sync_slice(made(), now=NOW, connector=Scripted([[*two(1), bad]]))
    assert (run.state, run.read, run.written, run.failed) == (State.PARTIAL, 3, 2, 1)
    assert run.error.startswith("1 thing could not be read and is missing here, all else is: BAD-1: It was read and ")


def test_a_slice_that_another_process_reads_is_left_to_it() -> None:
    part = made()
    running = SyncRun.objects.create(source=part.source, slice=part, started=day(1))
    other = psycopg2.connect(dsn())
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [locks.SLICE, part.pk])
        connector = Scripted([two(1)])
        run = sync.sync_slice(part, now=NOW, connector=connector)
        assert (run, run.state, connector.asked) == (running, State.RUNNING, [])
        assert locks.numbers_held(locks.SLICE) == {part.pk}
    finally:
        other.cursor().execute("SELECT pg_advisory_unlock_all()")  # closing alone takes the server a moment
        other.close()
    assert sync.sync_slice(part, now=NOW, connector=Scripted([two(1)])).state == State.DONE
    assert locks.numbers_held(locks.SLICE) == set()


def dsn() -> str:
    params = connection.get_connection_params()
    return psycopg2.extensions.make_dsn(
        **{name: params[name] for name in ("dbname", "user", "password", "host", "port") if params.get(name)}
    )


def test_a_token_that_cannot_be_opened_fails_every_slice_with_the_way_out() -> None:
    part = made()
    part.source.token = "sealed by another key"
    part.source.save()
    (run,) = sync.sync_source(part.source, now=NOW)
    assert (run.state, run.error_kind) == (State.FAILED, "credentials")
    assert "FIELD_KEY" in run.error


def test_one_slice_that_fails_does_not_keep_the_others_from_being_read(monkeypatch: pytest.MonkeyPatch) -> None:
    part = made()
    missing = {"ABC": ConnectorError("There is no project ABC.", kind="missing")}
    connector = Scripted([two(1)], (Slice("issues", "ABC"), Slice("issues", "XYZ")), trouble=missing)
    monkeypatch.setattr(sync, "connect_to", lambda source: connector)
    done = sync.sync_source(part.source, now=NOW)
    assert [(run.slice.scope, run.state) for run in done] == [("ABC", State.FAILED), ("XYZ", State.DONE)]
    assert WorkItem.objects.count() == 2


def test_a_wrong_token_is_tried_once_and_not_for_every_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    part = made()
    refused = ConnectorError("Jira refused the token.", kind="credentials")
    connector = Scripted([refused], (Slice("issues", "ABC"), Slice("issues", "XYZ")))
    monkeypatch.setattr(sync, "connect_to", lambda source: connector)
    assert len(sync.sync_source(part.source, now=NOW)) == 1
    assert part not in sync.due(NOW + timedelta(minutes=30))
    assert part in sync.due(NOW + timedelta(hours=1))


def test_where_nothing_answers_two_slices_are_enough_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    part = made()
    scopes = ("ABC", "DEF", "GHI", "JKL")
    trouble = {scope: ConnectorError("Nothing answers there.", kind="unreachable") for scope in scopes}
    connector = Scripted([], tuple(Slice("issues", scope) for scope in scopes), trouble=trouble)
    monkeypatch.setattr(sync, "connect_to", lambda source: connector)
    assert len(sync.sync_source(part.source, now=NOW)) == 2


def test_due_is_what_was_not_read_since_the_last_beat_and_is_not_paused() -> None:
    part = made()
    assert sync.due(NOW) == [part]
    sync.sync_slice(part, now=NOW, connector=Scripted([two(1)]))
    assert sync.due(NOW + timedelta(minutes=3)) == []
    assert sync.due(NOW + timedelta(minutes=5)) == [part]
    Source.objects.update(paused=True)
    assert sync.due(NOW + timedelta(minutes=5)) == []


def test_slices_follow_the_scopes_of_the_source() -> None:
    part = made()
    connector = Scripted([], (Slice("issues", "XYZ"), Slice("issues", "ABC")))
    found = sync.slices_of(part.source, connector)
    assert [one.scope for one in found] == ["XYZ", "ABC"]
    assert found[1] == part
    sync.slices_of(part.source, Scripted([], (Slice("issues", "XYZ"),)))
    assert [one.scope for one in SourceSlice.objects.all()] == ["XYZ"]


def test_pages_are_right_as_soon_as_they_are_stored() -> None:
    part = made()
    item = facts.item("1", transitions=path("To Do", 1, "In Progress", 2, "Done"))
    sync.sync_slice(part, now=NOW, connector=Scripted([[item], ConnectorError("x", kind="answer")]))
    found = WorkItem.objects.get()
    assert (found.stage, found.started, found.finished) == ("done", day(1), day(2))


def test_a_project_with_a_new_key_takes_its_items_teams_and_parts_along(monkeypatch: pytest.MonkeyPatch) -> None:
    part = made()
    source, ours = part.source, TeamScope.objects.create(team=builders.team(), source=part.source, scope="ABC")
    moved = facts.item("3", key="XYZ-1", project="XYZ")  # into another project: that one's name is no new name of ours
    sync.sync_slice(part, now=NOW, connector=Scripted([[*two(1), moved]], scope="ABC"))
    ours.refresh_from_db()
    assert ours.scope == "ABC"
    changed = facts.item("1", key="NEW-1", project="NEW")
    run = sync.sync_slice(part, now=day(31), connector=Scripted([[changed]], scope="NEW"))
    for row in (source, part, ours):
        row.refresh_from_db()
    assert (run.state, source.scopes, part.scope, ours.scope) == (State.DONE, ["NEW"], "NEW", "NEW")
    assert dict(WorkItem.objects.values_list("native_id", "project")) == {"1": "NEW", "2": "NEW", "3": "XYZ"}
    connector = Scripted([], (Slice("issues", "NEW"),))
    assert sync.slices_of(Source(pk=source.pk, scopes=["ABC"]), connector) == [part]
    assert connector.wanted == ["NEW"]
