"""Pages put together before they are stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery.connectors import paging
from delivery.connectors.contract import ConnectorError, Gap, Page
from delivery.core.records import StatusRecord


def page(number: int, size: int = 100, **more: object) -> Page:
    records = tuple(StatusRecord(f"{number}.{place}", "Open", "new") for place in range(size))
    return Page(records, f"after {number}", **more)  # type: ignore[arg-type]


def clock(*ticks: float) -> Iterator[float]:
    yield from ticks
    while True:
        yield ticks[-1]


def test_small_pages_come_as_one_with_the_cursor_of_the_last() -> None:
    joined = list(paging.together([page(1), page(2), page(3)], clock=lambda: 0.0))
    assert [len(one.records) for one in joined] == [300]
    assert joined[0].cursor == "after 3"
    assert [record.native_id for record in joined[0].records][::100] == ["1.0", "2.0", "3.0"]


def test_no_more_records_than_a_transaction_should_hold_wait_for_each_other() -> None:
    joined = list(paging.together([page(number) for number in range(12)], clock=lambda: 0.0))
    assert [len(one.records) for one in joined] == [500, 500, 200]
    assert [one.cursor for one in joined] == ["after 4", "after 9", "after 11"]


def test_a_slow_source_is_shown_page_by_page() -> None:
    ticks = clock(0.0, 3.0, 3.0, 6.0, 6.0)
    assert [one.cursor for one in paging.together([page(1), page(2)], clock=lambda: next(ticks))] == [
        "after 1",
        "after 2",
    ]


def test_a_new_name_of_the_scope_begins_a_page_of_its_own() -> None:
    joined = list(paging.together([page(1, scope="OLD"), page(2, scope="NEW")], clock=lambda: 0.0))
    assert [(one.scope, one.cursor) for one in joined] == [("OLD", "after 1"), ("NEW", "after 2")]


def test_the_estimate_and_what_could_not_be_read_are_kept() -> None:
    gap = Gap("ABC-1", "It has no creation date.")
    (joined,) = paging.together([page(1, expected=900), page(2, gaps=(gap,))], clock=lambda: 0.0)
    assert joined.expected == 900
    assert joined.gaps == (gap,)


def test_an_empty_last_page_still_moves_the_cursor() -> None:
    (joined,) = paging.together([page(1), page(2, size=0)], clock=lambda: 0.0)
    assert joined.cursor == "after 2"


def test_what_came_before_an_error_is_handed_on_before_the_error() -> None:
    def pages() -> Iterator[Page]:
        yield page(1)
        yield page(2)
        raise ConnectorError("The server is away.", kind="unreachable")

    coming = paging.together(pages(), clock=lambda: 0.0)
    assert next(coming).cursor == "after 2"
    with pytest.raises(ConnectorError):
        next(coming)
