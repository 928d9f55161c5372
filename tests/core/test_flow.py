"""Flow, worked out by hand on five and more items."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.period import Period

MONDAY = date(2026, 11, 23)
HOURS = timedelta(hours=1)


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def items(*rows: tuple[datetime | None, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["created", "started", "finished", "ended"], dtype=object)


def done(created: datetime, started: datetime | None, finished: datetime) -> tuple[datetime | None, ...]:
    return (created, started, finished, finished)


def test_throughput_counts_whole_weeks_and_keeps_the_running_one_apart() -> None:
    finished = pd.Series([at(9), at(15, 23), at(16), at(22, 23), at(23, 0), at(23)])
    found = flow.throughput(finished, date(2026, 11, 25), "UTC", weeks=3)
    assert found.weeks == ((date(2026, 11, 2), 0), (date(2026, 11, 9), 2), (date(2026, 11, 16), 2))
    assert (found.running, found.running_week, found.total) == (2, MONDAY, 4)


def test_weeks_turn_over_at_midnight_of_the_team() -> None:
    late_sunday = pd.Series([datetime(2026, 11, 22, 23, 30, tzinfo=UTC)])  # Monday in Berlin, Sunday in New York
    assert flow.throughput(late_sunday, MONDAY, "Europe/Berlin", weeks=1).running == 1
    assert flow.throughput(late_sunday, MONDAY, "America/New_York", weeks=1).running == 0


def test_weeks_before_the_record_begins_are_left_out_not_zero() -> None:
    found = flow.throughput(pd.Series([at(18)]), MONDAY, "UTC", weeks=4, since=date(2026, 11, 10))
    assert found.weeks == ((date(2026, 11, 16), 1),)


def test_throughput_of_nothing_is_an_exact_zero() -> None:
    assert flow.throughput(pd.Series([], dtype=object), MONDAY, "UTC", weeks=2).total == 0


def test_cycle_times_interpolate_between_items_and_tell_those_without_a_start() -> None:
    rows = [done(at(1), at(2), at(2) + n * HOURS) for n in (10, 20, 30, 40, 50)]
    found = flow.cycle_times(items(*rows, done(at(1), None, at(3)), (at(1), at(2), None, None)))
    assert found.p50 == 30 * HOURS
    assert found.p85 == 44 * HOURS  # 0.85 x 4 = 3.4 steps: 40 + 0.4 x 10
    assert found.p95 == 48 * HOURS
    assert (found.n, found.left_out, found.why) == (5, 1, "1 finished without a recorded start")


def test_four_items_are_not_enough_data() -> None:
    found = flow.cycle_times(items(*(done(at(1), at(2), at(3)) for _ in range(4))))
    assert found == Spread(None, None, None, 4)
    assert flow.cycle_times(items()).n == 0


def test_lead_times_run_from_creation() -> None:
    found = flow.lead_times(items(*(done(at(1), at(5), at(1) + n * HOURS) for n in (1, 2, 3, 4, 5))))
    assert (found.p50, found.n) == (3 * HOURS, 5)


def test_work_in_progress_at_the_end_of_each_day() -> None:
    found = flow.work_in_progress(
        items(
            done(at(1), at(2), at(4, 0)),  # in progress on the 2nd and 3rd
            (at(1), at(3, 23), None, None),
            (at(1), at(1), None, at(3)),  # dropped on the 3rd
            done(at(1), None, at(3)),  # never in progress
            (at(1), None, None, None),
        ),
        Period(date(2026, 11, 1), date(2026, 11, 5)),
        "UTC",
    )
    assert found.to_list() == [1, 2, 2, 1]
    assert found.index.to_list()[0] == date(2026, 11, 1)


def test_the_day_ends_at_the_teams_midnight() -> None:
    started = items((at(1), datetime(2026, 11, 2, 23, 30, tzinfo=UTC), None, None))
    period = Period(date(2026, 11, 2), date(2026, 11, 4))
    assert flow.work_in_progress(started, period, "UTC").to_list() == [1, 1]
    assert flow.work_in_progress(started, period, "Europe/Berlin").to_list() == [0, 1]


def test_ages_are_of_items_in_progress_only() -> None:
    found = flow.ages(
        items(
            (at(1), at(3), None, None), (at(1), None, None, None), done(at(1), at(2), at(3)), (at(1), at(9), None, None)
        ),
        at(5),
    )
    assert found[0] == timedelta(days=2)
    assert found[1:].isna().all()


def test_an_age_is_held_against_the_teams_own_cycle_times() -> None:
    usual = Spread(timedelta(days=2), timedelta(days=5), timedelta(days=9), 20)
    ages = pd.Series([pd.Timedelta(days=2), pd.Timedelta(days=5), pd.Timedelta(days=6), pd.NaT])
    assert flow.age_marks(ages, usual).to_list() == ["usual", "long", "very long", ""]
    assert flow.age_marks(ages, Spread(None, None, None, 3)).to_list() == [""] * 4


def test_arrivals_less_departures_is_the_growth_of_work_in_progress() -> None:
    found = items(
        done(at(1), at(10), at(17)),
        (at(1), at(11), None, None),
        (at(1), at(12), None, at(18)),
        done(at(1), None, at(18)),
    )
    weeks = Period(date(2026, 11, 9), MONDAY)
    table = flow.arrivals(found, weeks, "UTC")
    assert table["started"].to_list() == [3, 0]
    assert table["left"].to_list() == [0, 2]
    assert table["net"].to_list() == [3, -2]
    daily = flow.work_in_progress(found, Period(date(2026, 11, 8), MONDAY), "UTC")
    assert int(daily.iloc[-1] - daily.iloc[0]) == table["net"].sum()


@pytest.mark.parametrize(("zone", "count"), [("UTC", 1), ("Asia/Tokyo", 0)])
def test_what_was_finished_in_a_period_follows_the_teams_days(zone: str, count: int) -> None:
    found = items(done(at(1), at(2), at(15, 20)))
    assert len(flow.finished_in(found, Period(date(2026, 11, 9), date(2026, 11, 16)), zone)) == count
