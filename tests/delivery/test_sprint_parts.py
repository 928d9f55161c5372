"""What a sprint was committed to, in cases worked out by hand (U15, devlake#1752)."""

from __future__ import annotations

from typing import Any

import pytest

from delivery import bulk, sprint_parts
from delivery.models import FieldChange, Source, Sprint, SprintItem, WorkItem
from tests import builders
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return builders.source()


def sprint(source: Source, id: str, start: float | None, completed: float | None = None) -> Sprint:
    state = "closed" if completed is not None else "active" if start is not None else "future"
    return Sprint.objects.create(
        source=source,
        native_id=id,
        name=f"Sprint {id}",
        state=state,
        start=None if start is None else day(start),
        completed=None if completed is None else day(completed),
    )


def item(source: Source, *changes: tuple[float, str, str], made: float = -10, **fields: Any) -> WorkItem:
    """An item made on a day, with sprint changes (day, from, to)."""
    found = builders.item(source, created=day(made), **fields)
    for at, before, after in changes:
        tell(found, "sprint", at, before, after)
    return found


def tell(item: WorkItem, field: str, at: float, before: str, after: str) -> None:
    number = FieldChange.objects.count() + 1
    FieldChange.objects.create(
        item=item, native_id=str(number), at=day(at), field=field, from_value=before, to_value=after
    )


def parts(source: Source) -> dict[tuple[str, int], list[Any]]:
    sprint_parts.freeze(source)
    rows = SprintItem.objects.values_list("sprint__native_id", "item_id", "committed", "added", "removed", "points")
    return {(sprint, item): rest for sprint, item, *rest in rows}


def test_what_was_in_it_at_the_start_is_committed_and_what_came_later_is_added(source: Source) -> None:
    sprint(source, "7", 0)
    planned = item(source, (-1, "", "7"), sprints=["7"], story_points=3)
    late = item(source, (2, "", "7"), sprints=["7"])
    other = item(source, (1, "", "8"), sprints=["8"])
    found = parts(source)
    assert found["7", planned.pk] == [True, None, None, 3.0]
    assert found["7", late.pk] == [False, day(2), None, None]
    assert ("7", other.pk) not in found


def test_what_was_taken_out_stays_committed_and_says_when(source: Source) -> None:
    """devlake#1752: today's field does not name the sprint any more."""
    sprint(source, "7", 0)
    out = item(source, (-1, "", "7"), (3, "7", ""), sprints=[])
    before = item(source, (-3, "", "7"), (-1, "7", ""), sprints=[])
    back = item(source, (-1, "", "7"), (3, "7", ""), (4, "", "7"), sprints=["7"])
    found = parts(source)
    assert found["7", out.pk] == [True, None, day(3), None]
    assert found["7", back.pk] == [True, None, None, None]
    assert ("7", before.pk) not in found


def test_what_came_and_went_again_after_the_start_is_told(source: Source) -> None:
    sprint(source, "7", 0)
    guest = item(source, (1, "", "7"), (2, "7", ""))
    assert parts(source)["7", guest.pk] == [False, day(1), day(2), None]


def test_what_is_carried_over_does_not_leave_the_closed_sprint(source: Source) -> None:
    sprint(source, "7", 0, completed=14)
    sprint(source, "8", 14.1)
    carried = item(source, (-1, "", "7"), (14, "7", "7,8"), sprints=["7", "8"])
    found = parts(source)
    assert found["7", carried.pk] == [True, None, None, None]
    assert found["8", carried.pk] == [True, None, None, None]


def test_an_item_made_in_a_sprint_has_no_entry_and_is_in_it_since_its_creation(source: Source) -> None:
    sprint(source, "7", 0)
    early = item(source, made=-2, sprints=["7"])
    late = item(source, made=3, sprints=["7"])
    left = item(source, (5, "7", "9"), made=-2, sprints=["9"])
    found = parts(source)
    assert found["7", early.pk][:3] == [True, None, None]
    assert found["7", late.pk][:3] == [False, day(3), None]
    assert found["7", left.pk][:3] == [True, None, day(5)]


def test_a_sprint_without_a_start_has_no_commitment(source: Source) -> None:
    planned = sprint(source, "7", None)
    one = item(source, (-1, "", "7"), sprints=["7"])
    assert parts(source) == {}
    Sprint.objects.filter(pk=planned.pk).update(start=day(0))
    assert parts(source) == {("7", one.pk): [True, None, None, None]}


def test_what_is_edited_after_the_end_changes_nothing(source: Source) -> None:
    sprint(source, "7", 0, completed=14)
    tidied = item(source, (-1, "", "7"), (30, "7", ""), sprints=[])
    smuggled = item(source, (20, "", "7"), sprints=["7"])
    found = parts(source)
    assert found["7", tidied.pk] == [True, None, None, None]
    assert ("7", smuggled.pk) not in found


def test_a_sprint_opened_again_listens_again(source: Source) -> None:
    """J29: closed by mistake, opened again; what happened meanwhile counts."""
    closed = sprint(source, "7", 0, completed=2)
    out = item(source, (-1, "", "7"), (3, "7", ""))
    assert parts(source)["7", out.pk] == [True, None, None, None]
    Sprint.objects.filter(pk=closed.pk).update(completed=None, state="active")
    assert parts(source)["7", out.pk] == [True, None, day(3), None]


def test_points_are_those_of_the_start_by_their_changes(source: Source) -> None:
    sprint(source, "7", 0)
    grown = item(source, (-1, "", "7"), sprints=["7"], story_points=8)
    tell(grown, "points", -2, "", "3")
    tell(grown, "points", 4, "3", "8")
    unknown = item(source, (-1, "", "7"), sprints=["7"], story_points=5)
    tell(unknown, "points", 1, "", "5")
    added = item(source, (2, "", "7"), sprints=["7"], story_points=13)
    tell(added, "points", 1, "1", "2.5")
    tell(added, "points", 3, "2.5", "13")
    found = parts(source)
    assert [found["7", one.pk][3] for one in (grown, unknown, added)] == [3.0, None, 2.5]


def test_points_without_a_history_stay_as_first_seen(source: Source) -> None:
    sprint(source, "7", 0)
    one = item(source, (-1, "", "7"), sprints=["7"], story_points=3)
    parts(source)
    WorkItem.objects.update(story_points=21)
    assert parts(source)["7", one.pk][3] == 3.0


def test_an_item_deleted_later_stays_committed(source: Source) -> None:
    sprint(source, "7", 0)
    one = item(source, (-1, "", "7"), sprints=["7"])
    WorkItem.objects.update(deleted=day(3))
    assert ("7", one.pk) in parts(source)


def test_freezing_again_writes_nothing(source: Source) -> None:
    sprint(source, "7", 0)
    item(source, (-1, "", "7"), sprints=["7"])
    item(source, (2, "", "7"), (4, "7", "8"), sprints=["8"])
    assert sprint_parts.freeze(source) == bulk.Written(inserted=2)
    assert sprint_parts.freeze(source) == bulk.Written()


def test_only_the_source_itself_is_frozen(source: Source) -> None:
    other = builders.source()
    sprint(other, "7", 0)
    item(other, (-1, "", "7"), sprints=["7"])
    assert sprint_parts.freeze(source) == bulk.Written()


def test_a_part_that_a_corrected_history_no_longer_shows_goes(source: Source) -> None:
    sprint(source, "7", 0)
    item(source, (-1, "", "7"), sprints=["7"])
    parts(source)
    FieldChange.objects.update(at=day(-1), from_value="", to_value="8")
    assert parts(source) == {}


def test_what_was_looked_at_is_not_looked_at_again(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost follows what changed: only a full look finds what was altered behind the changelog's back."""
    monkeypatch.setattr(sprint_parts, "OVERLAP", 0)
    sprint(source, "7", 0)
    one = item(source, (-1, "", "7"), sprints=["7"])
    parts(source)
    FieldChange.objects.update(to_value="8")
    assert sprint_parts.freeze(source) == bulk.Written()
    tell(one, "sprint", 2, "7", "")
    FieldChange.objects.filter(to_value="8").update(to_value="7")
    assert parts(source)["7", one.pk] == [True, None, day(2), None]
    FieldChange.objects.all().delete()
    assert sprint_parts.freeze(source) == bulk.Written()
    assert sprint_parts.freeze(source, whole=True) == bulk.Written(updated=1)


def test_a_sprint_whose_dates_changed_is_made_anew(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sprint_parts, "OVERLAP", 0)
    begun = sprint(source, "7", 0)
    out = item(source, (2, "", "7"), (5, "7", ""))
    assert parts(source)["7", out.pk] == [False, day(2), day(5), None]
    Sprint.objects.filter(pk=begun.pk).update(start=day(3))
    assert parts(source)["7", out.pk] == [True, None, day(5), None]
    Sprint.objects.filter(pk=begun.pk).update(start=None)
    assert parts(source) == {}
