"""How much of a normal week each day carries."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.calendar import HOLIDAY_FACTOR, NORMAL, YEAR_END, Calendar

EVEN = Calendar(weekdays=(1.0,) * 7, days_of_year={})


@given(st.dates(date(2000, 1, 10), date(2090, 11, 1)))
def test_any_seven_ordinary_days_sum_to_one(first: date) -> None:
    ordinary = Calendar(days_of_year={})
    assert ordinary.capacity(first, 7).sum() == pytest.approx(1)


def test_the_profile_follows_the_weekday() -> None:
    monday = date(2026, 11, 23)
    shares = NORMAL.capacity(monday, 7)
    assert shares[:5].min() > 0.16
    assert shares[5:].max() < 0.04
    assert NORMAL.capacity(date(2026, 11, 28), 1)[0] == pytest.approx(shares[5])


def test_christmas_day_carries_a_twelfth() -> None:
    friday = EVEN.capacity(date(2026, 12, 25), 1)[0]
    measured = Calendar(weekdays=(1.0,) * 7).capacity(date(2026, 12, 25), 1)[0]
    assert measured / friday == pytest.approx(YEAR_END[12, 25])


def test_the_week_between_the_years_is_found_in_every_year() -> None:
    days = NORMAL.capacity(date(2024, 12, 1), 3 * 365)
    for year in (2024, 2025, 2026):
        start = (date(year, 12, 24) - date(2024, 12, 1)).days
        assert days[start : start + 7].sum() < 0.35


def test_the_new_year_reaches_over_the_first_day() -> None:
    assert NORMAL.capacity(date(2026, 1, 1), 1)[0] < 0.1 * NORMAL.capacity(date(2026, 1, 15), 1)[0]


def test_a_public_holiday_leaves_little() -> None:
    calendar = Calendar(weekdays=(1.0,) * 7, days_of_year={}, holidays=frozenset({date(2026, 5, 1)}))
    assert calendar.capacity(date(2026, 4, 30), 3) * 7 == pytest.approx([1, HOLIDAY_FACTOR, 1])


def test_a_holiday_on_christmas_day_counts_once() -> None:
    calendar = Calendar(holidays=frozenset({date(2026, 12, 25), date(2026, 1, 2)}))
    assert calendar.capacity(date(2026, 12, 25), 1) == pytest.approx(NORMAL.capacity(date(2026, 12, 25), 1))
    assert calendar.capacity(date(2026, 1, 2), 1)[0] < NORMAL.capacity(date(2026, 1, 2), 1)[0]


def test_leave_is_a_step_down_and_a_step_up() -> None:
    steps = ((date(2026, 3, 5), 1.0), (date(2026, 3, 3), 0.5))
    calendar = Calendar(weekdays=(1.0,) * 7, days_of_year={}, capacity_from=steps)
    assert calendar.capacity(date(2026, 3, 1), 6) * 7 == pytest.approx([1, 1, 0.5, 0.5, 1, 1])


def test_a_step_before_the_first_day_still_holds() -> None:
    calendar = Calendar(weekdays=(1.0,) * 7, days_of_year={}, capacity_from=((date(2020, 1, 1), 0.8),))
    assert calendar.capacity(date(2026, 3, 1), 2) * 7 == pytest.approx([0.8, 0.8])


def test_no_days_have_no_capacity() -> None:
    assert NORMAL.capacity(date(2026, 1, 1), 0).shape == (0,)


@pytest.mark.parametrize("weekdays", [(1.0,) * 6, (0.0,) * 7, (-1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0)])
def test_a_profile_must_be_a_week(weekdays: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="seven shares"):
        Calendar(weekdays=weekdays)


def test_capacity_is_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Calendar(capacity_from=((date(2026, 1, 1), -0.1),))
    assert np.all(NORMAL.capacity(date(2026, 1, 1), 800) > 0)
