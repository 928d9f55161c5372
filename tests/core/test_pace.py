"""The weekly pace filter, by hand."""

from datetime import date, timedelta
from math import exp, log

import numpy as np
import pytest

from delivery.core.calendar import NORMAL, Calendar
from delivery.core.pace import LARGEST_STEP, Pace, Weeks, count_weeks, measure_pace, update

SUNDAY = date(2026, 3, 29)
PLAIN = Calendar(weekdays=(1.0,) * 7, days_of_year={})


def days_before(today: date, *ages: int) -> np.ndarray:
    return np.array([today - timedelta(days=age) for age in ages], dtype="datetime64[D]")


def test_weeks_end_today_and_the_first_finish_counts_half() -> None:
    weeks = count_weeks(days_before(SUNDAY, 0, 6, 7, 14, 20), SUNDAY, PLAIN)
    assert weeks.counts.tolist() == [1.5, 1, 2]
    assert weeks.exposures == pytest.approx([1, 1, 1])


def test_a_part_of_a_week_is_exposed_for_its_days() -> None:
    weeks = count_weeks(days_before(SUNDAY, 1, 8), SUNDAY, PLAIN)
    assert weeks.counts.tolist() == [0.5, 1]
    assert weeks.exposures == pytest.approx([2 / 7, 1])


def test_two_years_are_remembered_in_full() -> None:
    weeks = count_weeks(days_before(SUNDAY, 3000, 727, 728, 0), SUNDAY, PLAIN)
    assert len(weeks.counts) == 104
    assert weeks.counts.sum() == 2


def test_the_week_between_the_years_is_hardly_exposed() -> None:
    weeks = count_weeks(days_before(date(2026, 12, 31), 0, 20), date(2026, 12, 31), NORMAL)
    assert weeks.exposures[-1] < 0.35


def test_one_update_by_hand() -> None:
    after = update(Pace(level=0.0, variance=1.0, mean=0.0), count=3, exposure=1)
    variance = 1 / (1 / (0.9801 + 0.01) + 1 / 1.45)  # a = 1, D = 1.45
    assert after.variance == pytest.approx(variance)
    assert after.level == pytest.approx(variance * 2 / 1.45)


def test_a_week_off_teaches_nothing_but_doubt() -> None:
    after = update(Pace(level=1.0, variance=0.1, mean=0.0), count=0, exposure=0)
    assert (after.level, after.variance) == pytest.approx((0.99, 0.1 * 0.9801 + 0.01))


def test_one_wild_week_moves_the_log_pace_by_one_at_most() -> None:
    after = update(Pace(level=0.0, variance=1.0, mean=0.0), count=1000, exposure=1)
    assert after.level == LARGEST_STEP


def test_a_steady_team_is_measured_at_its_pace() -> None:
    pace = measure_pace(Weeks(np.full(104, 5.0), np.ones(104)))
    assert exp(pace.level) == pytest.approx(5, rel=0.02)
    assert pace.mean == pytest.approx(log(521 / 105))


def test_a_recent_slowdown_shows_below_the_mean() -> None:
    counts = np.concatenate((np.full(80, 8.0), np.full(24, 2.0)))
    pace = measure_pace(Weeks(counts, np.ones(104)))
    assert 2 < exp(pace.level) < 3.5
    assert exp(pace.mean) > 6


def test_pace_is_per_normal_week() -> None:
    """Half the items in half the exposure is the same pace."""
    slow = measure_pace(Weeks(np.full(52, 4.0), np.full(52, 0.5)))
    assert exp(slow.level) == pytest.approx(8, rel=0.03)
