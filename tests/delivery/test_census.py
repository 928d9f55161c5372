"""What was deleted at the source is found by counting (J16), and what only seems so is not believed (J17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from delivery import census, secrets, sync
from delivery.connectors.contract import ConnectorError
from delivery.models import Source, SourceSlice, SyncRun, WorkItem
from delivery.store import pages
from tests import builders
from tests.delivery import facts, served
from tests.delivery.changing import LATER, placed
from tests.delivery.facts import day
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(30)
State = SyncRun.State


def part_of(count: int, **fields: Any) -> SourceSlice:
    """A part with ``count`` items, numbered from 1."""
    source = builders.source(token=secrets.seal("t"), scopes=["ABC"], **fields)
    pages.store(source, "issues", [thing(number) for number in range(1, count + 1)])
    return SourceSlice.objects.create(source=source, kind="issues", scope="ABC", last_success=NOW)


def thing(number: int, **fields: Any) -> Any:
    return facts.item(str(number), **({"key": f"ABC-{number}"} | fields))


def ids(count: int, *but: int) -> list[str]:
    return [str(number) for number in range(1, count + 1) if number not in but]


def taken(part: SourceSlice, there: Sequence[str], at: float = 30, **things: Any) -> tuple[SyncRun, Scripted]:
    connector = Scripted([], there=there, things=things)
    run = census.take(part, now=day(at), connector=connector)
    part.refresh_from_db()
    return run, connector


def deleted() -> set[str]:
    return set(WorkItem.objects.filter(deleted__isnull=False).values_list("native_id", flat=True))


def test_what_is_absent_once_is_only_noted_and_absent_twice_and_by_its_id_it_is_marked_deleted() -> None:
    part = part_of(20)
    run, connector = taken(part, ids(20, 7))
    assert (run.state, run.deleted, connector.reread_ids, deleted()) == (State.DONE, 0, [], set())
    assert WorkItem.objects.get(native_id="7").absent == day(30)
    run, connector = taken(part, ids(20, 7), at=31)
    assert (run.deleted, connector.reread_ids, deleted()) == (1, ["7"], {"7"})
    assert WorkItem.objects.get(native_id="7").deleted == day(31)
    assert (part.count, part.counted, part.alarm, part.unsettled) == (19, day(31), "", True)


def test_what_a_search_does_not_show_but_answers_by_its_id_stays() -> None:
    """J8: the index is late, or the item moved within what is read."""
    part = part_of(20)
    taken(part, ids(20, 7))
    run, _ = taken(part, ids(20, 7), at=31, **{"7": thing(7)})
    assert (run.deleted, run.read, deleted()) == (0, 1, set())
    assert WorkItem.objects.get(native_id="7").absent is None


def test_what_was_absent_once_and_is_there_again_is_as_if_it_never_was() -> None:
    part = part_of(20)
    taken(part, ids(20, 7))
    taken(part, ids(20), at=31)
    assert WorkItem.objects.get(native_id="7").absent is None
    run, connector = taken(part, ids(20, 7), at=32)
    assert (run.deleted, connector.reread_ids) == (0, [])


def test_what_moved_to_where_nobody_reads_is_out_of_every_number() -> None:
    part = part_of(20)
    taken(part, ids(20, 7))
    run, _ = taken(part, ids(20, 7), at=31, **{"7": thing(7, key="HID-1", project="HID")})
    assert (run.deleted, deleted()) == (1, {"7"})
    assert part.source.key_aliases.get().key == "ABC-7"


def test_what_polling_missed_is_read_and_what_was_restored_comes_back() -> None:
    part = part_of(20)
    WorkItem.objects.filter(native_id="3").update(deleted=day(1))
    run, connector = taken(part, ids(21), **{"3": thing(3), "21": thing(21)})
    assert sorted(connector.reread_ids) == ["21", "3"]
    assert (run.read, deleted(), WorkItem.objects.count()) == (2, set(), 21)


def test_a_sudden_drop_is_an_alarm_and_marks_nothing() -> None:
    part = part_of(100)
    taken(part, ids(100))
    run, connector = taken(part, ids(60), at=31)
    assert (run.state, run.deleted, connector.reread_ids) == (State.DONE, 0, [])
    assert part.alarm.startswith(
        "The token sees 60 of the 100 items of ABC that it saw before. If it lost a permission"
    )
    assert part.alarm.endswith("Nothing was marked deleted.")
    assert not WorkItem.objects.filter(absent__isnull=False).exists()
    taken(part, ids(60), at=31.1)  # a moment later says no more than the first time
    assert not WorkItem.objects.filter(absent__isnull=False).exists()


def test_a_drop_that_goes_by_clears_its_alarm() -> None:
    part = part_of(100)
    taken(part, ids(60))
    taken(part, ids(99, 5), at=30.5)
    assert (part.alarm, part.count) == ("", 98)


def test_a_drop_of_days_is_believed_and_goes_on_being_told() -> None:
    part = part_of(100)
    taken(part, ids(100))
    for at in (31, 32, 33):
        run, connector = taken(part, ids(60), at=at)
    assert (run.deleted, len(connector.reread_ids), len(deleted())) == (40, 40, 40)
    assert "is marked deleted" in part.alarm
    back = {str(number): thing(number) for number in range(61, 101)}
    taken(part, ids(100), at=34, **back)
    assert (part.alarm, deleted()) == ("", set())


@pytest.mark.parametrize("days", [1, 4])
def test_nothing_at_all_is_never_believed(days: int) -> None:
    """J16, J17: also not when it is so for days."""
    part = part_of(100)
    for at in range(days):
        taken(part, [], at=30 + at)
    assert "sees 0 of the 100 items" in part.alarm
    assert not WorkItem.objects.filter(absent__isnull=False).exists()


def test_an_administrators_word_is_believed_at_once_but_each_is_asked_for_by_its_id() -> None:
    part = part_of(100)
    taken(part, ids(60))
    census.accept(part)
    assert part in census.due(day(30.1))
    run, connector = taken(part, ids(60), at=30.1, **{"61": thing(61)})
    assert (len(connector.reread_ids), run.deleted, len(deleted())) == (40, 39, 39)
    assert (part.alarm, part.count) == ("", 60)


def test_a_few_of_a_few_are_no_alarm() -> None:
    part = part_of(12)
    taken(part, ids(4))
    assert part.alarm == ""
    assert WorkItem.objects.filter(absent__isnull=False).count() == 8


def test_a_census_that_ended_early_says_so_and_marks_nothing() -> None:
    part = part_of(20)
    taken(part, ids(20, 7))
    error = ConnectorError("Nothing answers there.", kind="unreachable")
    run = census.take(part, now=day(31), connector=Scripted([], there=error))
    part.refresh_from_db()
    assert (run.state, run.error, deleted(), part.counted) == (State.FAILED, "Nothing answers there.", set(), day(30))


def test_history_that_is_not_wanted_is_not_read_because_it_was_counted() -> None:
    """Where a window was chosen, the census knows many things that should not be here."""
    source = builders.source(token=secrets.seal("t"), scopes=["ABC"], backfill_from=day(10).date())
    pages.store(source, "issues", [thing(50, created=day(11)), thing(3, created=day(1))])
    part = SourceSlice.objects.create(source=source, kind="issues", scope="ABC", last_success=NOW)
    _, connector = taken(part, ids(60))
    assert connector.reread_ids == ids(60)[50:]


def test_it_is_due_once_a_day_for_what_was_read_whole_and_is_well() -> None:
    part = part_of(3)
    assert census.due(NOW) == [part]
    taken(part, ids(3))
    assert census.due(NOW + timedelta(hours=22)) == []
    assert census.due(NOW + timedelta(hours=24)) == [part]
    SourceSlice.objects.update(error="It stopped.")
    assert census.due(NOW + timedelta(hours=24)) == []
    SourceSlice.objects.update(error="")
    Source.objects.update(disconnected=NOW)
    assert census.due(NOW + timedelta(hours=24)) == []


def counted(source: Source, at: datetime) -> list[SyncRun]:
    return census.take_all(source, now=at)


def test_over_http_a_deleted_issue_goes_after_two_counts_and_a_restored_one_comes_back() -> None:
    """J16: a deletion leaves no trace in the search, and a restored issue is not newer than it was."""
    with placed() as place:
        source = place.jira()
        issue = place.issues.issues(place.project, LATER)[5]
        place.issues.delete(issue.key)
        sync.sync_source(source, now=LATER)
        assert not source.items.filter(deleted__isnull=False).exists()
        counted(source, LATER)
        counted(source, LATER + timedelta(days=1))
        assert [item.key for item in source.items.filter(deleted__isnull=False)] == [issue.key]
        place.issues.restore(issue.id)
        (run,) = counted(source, LATER + timedelta(days=2))
        assert (run.read, source.items.filter(deleted__isnull=False).count()) == (1, 0)


def test_over_http_a_project_that_is_hidden_from_the_token_keeps_its_items() -> None:
    """J17 and lost permission: another sentence than for an expired token, and nothing goes."""
    with placed() as place:
        source = place.jira()
        held = source.items.count()
        place.issues.hide(project=place.project)
        runs = [run for run in sync.sync_source(source, now=LATER) if run.slice.kind == "issues"]
        assert {run.error_kind for run in runs} <= {"missing", "permission"}
        assert all(place.project in run.error for run in runs)
        for at in range(3):
            counted(source, LATER + timedelta(days=at))
        assert source.items.filter(deleted__isnull=True, absent__isnull=True).count() == held


def test_a_count_costs_the_same_number_of_requests_for_a_small_and_for_a_larger_project() -> None:
    """J6: ids come 5,000 a page."""
    with placed() as place:
        source = place.jira(scopes=[team.project for team in served.world().teams])
        for number, at in ((0, LATER), (150, LATER + timedelta(days=1))):
            for _ in range(number):
                place.issues.add(place.project)
            sync.sync_source(source, now=at)
            costs = [run.requests for run in counted(source, at)]
            assert costs == [4, 2]  # the first signs in, too


def test_open_pull_requests_that_the_feed_is_silent_about_are_looked_at_again() -> None:
    """G5."""
    with placed() as place:
        source = place.github()
        repository = source.repositories.get()
        silent = repository.pull_requests.order_by("-updated").first()
        assert silent is not None
        repository.pull_requests.filter(pk=silent.pk).update(
            merged=None, closed=None, updated=LATER - timedelta(days=9)
        )
        counted(source, LATER)
        silent.refresh_from_db()
        assert silent.updated > LATER - timedelta(days=9)
