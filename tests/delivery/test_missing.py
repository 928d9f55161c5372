"""What could not be read is told by name until it was: no run looks green that is not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from delivery import freshness, missing, secrets, sync
from delivery.connectors.contract import ConnectorError, Gap
from delivery.core.records import GoneRecord
from delivery.freshness import State
from delivery.models import Missing, SourceSlice, SyncRun
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day
from tests.delivery.scripted import Scripted

pytestmark = pytest.mark.django_db
NOW = day(30)
LOST = Gap("ABC-2 history", "Jira gave 40 of its 90 changes.")


def part_of(kind: str = "issues", scope: str = "ABC", source_kind: str = "jira") -> SourceSlice:
    source = builders.source(source_kind, token=secrets.seal("t"), scopes=[scope])
    return SourceSlice.objects.create(source=source, kind=kind, scope=scope)


def item(number: int) -> object:
    return facts.item(str(number), key=f"ABC-{number}")


def whats() -> list[str]:
    return list(Missing.objects.values_list("what", flat=True))


def synced(
    part: SourceSlice, *numbers: int, at: datetime = NOW, gaps: tuple[Gap, ...] = (), full: bool = False
) -> SyncRun:
    connector = Scripted([[item(number) for number in numbers]], gaps=gaps)
    return sync.sync_slice(part, now=at, connector=connector, full=full)


def test_a_gap_makes_the_run_one_in_part_and_the_rest_of_the_data_is_used() -> None:
    part = part_of()
    run = synced(part, 1, 2, gaps=(LOST, Gap("ABC-3", "It has no status.")))
    assert (run.state, run.read, run.written, run.failed) == (SyncRun.State.PARTIAL, 2, 2, 2)
    assert run.error == (
        "2 things could not be read and are missing here, all else is: "
        "ABC-2 history: Jira gave 40 of its 90 changes.; ABC-3: It has no status."
    )
    part.refresh_from_db()
    assert (part.error, part.bookmark) == ("", NOW)
    assert [(one.what, one.why, one.since) for one in missing.of_source(part.source)] == [
        ("ABC-2 history", "Jira gave 40 of its 90 changes.", NOW),
        ("ABC-3", "It has no status.", NOW),
    ]


def test_a_source_with_gaps_is_not_fresh_however_green_its_last_run_was() -> None:
    part = part_of()
    synced(part, 1, gaps=(LOST,))
    run = synced(part, 4, at=NOW + timedelta(minutes=5))
    assert run.state == SyncRun.State.DONE
    (state,) = freshness.freshness(NOW + timedelta(minutes=6))
    assert (state.state, state.missing, state.slices[0].missing) == (State.PARTIAL, 1, 1)


def test_a_gap_goes_when_the_thing_was_read_and_by_no_time() -> None:
    part = part_of()
    synced(part, 1, gaps=(LOST,))
    synced(part, 1, at=NOW + timedelta(minutes=5))
    assert whats() == ["ABC-2 history"]
    synced(part, 2, at=NOW + timedelta(minutes=10))
    assert whats() == []


def test_a_gap_that_stays_keeps_its_day_and_gets_todays_reason() -> None:
    part = part_of()
    synced(part, 1, gaps=(LOST,))
    synced(part, 2, at=NOW + timedelta(minutes=5), gaps=(Gap(LOST.what, "Jira gave 41 of its 91 changes."),))
    (one,) = Missing.objects.all()
    assert (one.since, one.why) == (NOW, "Jira gave 41 of its 91 changes.")


def test_what_has_moved_since_is_found_by_the_key_it_had() -> None:
    part = part_of()
    synced(part, 1, gaps=(Gap("OLD-2", "It has no status."),))
    moved = facts.item("2", key="ABC-2", changes=(facts.change("key", 1, "OLD-2", "ABC-2"),))
    sync.sync_slice(part, now=NOW, connector=Scripted([[moved]]))
    assert whats() == []


def test_once_an_hour_what_is_missing_is_asked_for_again_by_its_id() -> None:
    part = part_of()
    synced(part, 2, gaps=(LOST,))
    soon = Scripted([[item(5)]], things={"2": item(2)})
    sync.sync_slice(part, now=NOW + timedelta(minutes=5), connector=soon)
    assert (soon.reread_ids, whats()) == ([], ["ABC-2 history"])
    later = Scripted([[item(6)]], things={"2": item(2)})
    sync.sync_slice(part, now=NOW + timedelta(minutes=65), connector=later)
    assert (later.reread_ids, whats()) == (["2"], [])


def test_whoever_asks_for_a_part_again_gets_what_is_missing_of_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    part = part_of()
    synced(part, 2, gaps=(LOST,))
    part.refresh_from_db()
    again = Scripted([[item(6)]], things={"2": item(2)})
    monkeypatch.setattr(sync, "connect_to", lambda source: again)
    sync.retry_slice(part, now=NOW + timedelta(minutes=5))
    assert (again.reread_ids, whats()) == (["2"], [])


def test_what_is_gone_is_missing_no_more() -> None:
    part = part_of()
    synced(part, 2, gaps=(LOST,))
    run = sync.reread_slice(part, ["2"], now=NOW, connector=Scripted([]))
    assert (run.deleted, whats()) == (1, [])


def test_a_whole_reading_forgets_what_it_did_not_meet_again() -> None:
    part = part_of()
    synced(part, 1, gaps=(Gap("ABC-9", "It has no status."), LOST))
    synced(part, 1, at=NOW + timedelta(minutes=5), gaps=(LOST,), full=True)
    assert whats() == ["ABC-2 history"]


def test_what_is_read_whole_each_time_forgets_a_gap_that_is_mended() -> None:
    part = part_of("sprints")
    for at, gaps in ((0, (Gap("boards of ABC", "The token may see no boards."),)), (5, ())):
        sync.sync_slice(part, now=NOW + timedelta(minutes=at), connector=Scripted([[facts.status("Done")]], gaps=gaps))
        assert whats() == [gap.what for gap in gaps]


def test_of_a_repository_pull_requests_are_asked_for_by_their_numbers() -> None:
    part = part_of("pulls", "acme/ranker", "github")
    missing.note(part, [Gap("acme/ranker#12", "GitHub did not answer."), Gap("acme/ranker#7 reviews", "…")], NOW)
    assert missing.ids(part) == ["12", "7"]
    assert set(missing.names([GoneRecord("pulls", "12")], part)) >= {"acme/ranker#12"}


def test_a_look_at_single_things_that_fails_leaves_the_part_as_it_was() -> None:
    part = part_of()
    synced(part, 1)

    class Broken(Scripted):
        def reread(self, part: object, ids: object) -> object:  # type: ignore[override]
            raise ConnectorError("Nothing answers there.", kind="unreachable")

    run = sync.reread_slice(part, ["1"], now=NOW, connector=Broken([]))  # type: ignore[arg-type]
    part.refresh_from_db()
    assert (run.state, run.error, part.error, part.bookmark) == ("failed", "Nothing answers there.", "", NOW)


def test_only_what_has_a_number_is_asked_for_again() -> None:
    """An account or a sprint of a page of issues has none: asking for an issue of that name would find it gone."""
    part = part_of()
    whats_missing = [
        Gap("account 5b10", "Too long."),
        Gap("sprint 7", "…"),
        Gap("ABC-2 history", "…"),
        Gap("10012", "…"),
    ]
    synced(part, 1)
    missing.note(part, whats_missing, NOW)
    assert missing.ids(part) == ["ABC-2", "10012"]
    synced(part, 1, at=NOW + timedelta(minutes=65))
    assert set(whats()) >= {"account 5b10", "sprint 7"}
