"""Pull requests' stages and the working clock, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from delivery.core import review
from delivery.core.worktime import WorkingHours, worked

HOUR = timedelta(hours=1)
FRIDAY = 20  # November 2026


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def road(**changes: datetime | None) -> review.Road:
    usual: dict[str, datetime | None] = {
        "first_commit": at(16, 9),
        "created": at(16, 12),
        "ready": at(16, 14),
        "first_review": at(17, 10),
        "approved": at(17, 11),
        "merged": at(17, 15),
    }
    return review.Road(**(usual | changes))  # type: ignore[arg-type]


def frame(*roads: review.Road) -> pd.DataFrame:
    names = ("first_commit", "created", "ready", "first_review", "approved", "merged")
    return pd.DataFrame([[getattr(one, name) for name in names] for one in roads], columns=list(names), dtype=object)


def test_the_stages_add_up_to_the_cycle_time() -> None:
    found = road()
    assert list(found.stages.values()) == [3 * HOUR, 2 * HOUR, 20 * HOUR, HOUR, 4 * HOUR]
    assert sum((stage or timedelta() for stage in found.stages.values()), timedelta()) == found.cycle == 30 * HOUR


def test_a_missing_instant_makes_its_stages_unknown_never_zero() -> None:
    found = road(first_review=None, approved=None)
    assert (found.pickup, found.review, found.merge) == (None, None, None)
    assert found.cycle == 30 * HOUR


def test_a_review_before_it_was_ready_is_no_pickup() -> None:
    assert road(first_review=at(16, 13)).pickup is None


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        ({"first_review": None, "approved": None, "merged": None}, at(16, 14)),
        ({"approved": None, "merged": None}, None),
        ({"first_review": None, "approved": None}, None),
        ({"first_review": None, "approved": None, "merged": None, "ready": None}, None),
    ],
)
def test_it_waits_from_ready_until_somebody_looks(changes: dict[str, None], since: datetime | None) -> None:
    assert road(**changes).waits_since == since


def test_spreads_tell_their_own_n() -> None:
    found = review.spreads(frame(*(road(merged=at(17, 15 + n)) for n in range(5)), road(approved=None)))
    assert found.merge.p50 == 6 * HOUR
    assert (found.merge.n, found.merge.left_out, found.merge.why) == (5, 1, "1 where this stage is not known")
    assert (found.pickup.n, found.pickup.left_out) == (6, 0)


def test_below_five_there_is_not_enough_data() -> None:
    found = review.spreads(frame(*(road() for _ in range(4))))
    assert (found.cycle.p50, found.cycle.n) == (None, 4)
    assert review.spreads(frame()).cycle.n == 0


def test_the_working_clock_stands_still_overnight_and_at_weekends() -> None:
    starts = [at(FRIDAY, 16), at(FRIDAY, 16), at(FRIDAY + 1, 10), at(FRIDAY, 5), at(FRIDAY, 22)]
    ends = [at(FRIDAY + 3, 10), at(FRIDAY, 20), at(FRIDAY + 2, 10), at(FRIDAY, 23), at(FRIDAY + 3, 9)]
    found = worked(pd.Series(starts), pd.Series(ends), WorkingHours())
    assert [span / HOUR for span in found] == [2, 1, 0, 8, 0]


def test_the_working_clock_keeps_the_teams_zone_and_holidays() -> None:
    start, end = pd.Series([at(FRIDAY, 15)]), pd.Series([at(FRIDAY + 4, 9)])  # Friday 16:00 to Tuesday 10:00 in Berlin
    assert worked(start, end, WorkingHours("Europe/Berlin"))[0] == 10 * HOUR
    off = WorkingHours("Europe/Berlin", holidays={date(2026, 11, 23)})
    assert worked(start, end, off)[0] == 2 * HOUR


def test_an_unknown_end_is_unknown_on_the_working_clock_too() -> None:
    found = worked(pd.Series([at(16, 9)], dtype=object), pd.Series([None], dtype=object), WorkingHours())
    assert found.isna().all()


def test_hours_must_open_before_they_close() -> None:
    with pytest.raises(ValueError, match="open before they close"):
        WorkingHours(opens=17, closes=9)


def test_pickup_in_working_time() -> None:
    found = review.pickup_times(frame(road()), WorkingHours())
    assert found[0] == 4 * HOUR  # Monday 14-17, Tuesday 9-10
