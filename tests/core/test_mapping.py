"""From nominal days to days of the calendar: by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from delivery.core import mapping
from delivery.core.ahead import Steps

MARCH = date(2026, 3, 2)


def day(number: int) -> date:
    return MARCH + timedelta(days=number)


@pytest.mark.parametrize(
    ("steps", "work", "ends"),
    [
        ((), 10, 10),
        (((day(1), 0.5),), 10, 20),
        (((day(1), 0.5), (day(11), 1.0)), 10, 15),  # ten days at half pace, the other five in full
        (((day(1), 1.0), (day(6), 0.0), (day(16), 1.0)), 10, 20),  # ten days away in the middle
        (((day(1), 2.0),), 10, 5),
        (((day(1), 1.0), (day(6), 0.0)), 10, np.inf),
    ],
)
def test_work_takes_as_long_as_there_is_capacity_for_it(steps: Steps, work: float, ends: float) -> None:
    (found,) = mapping.on_the_calendar(np.array([work], dtype=float), steps, MARCH)
    assert found == pytest.approx(ends)
    if np.isfinite(ends):
        assert mapping.work_until(ends, steps, MARCH) == pytest.approx(work)


def test_courses_of_capacity_add_up_and_never_fall_below_nothing() -> None:
    away = ((day(1), 0.5), (day(8), 1.0))
    assert mapping.added(away, ((day(4), 0.25),)) == ((day(1), 0.5), (day(4), 0.75), (day(8), 1.25))
    assert mapping.added((), ((day(4), -2.0),)) == ((day(4), 0.0),)
    assert mapping.added((), ()) == ()


def test_a_newcomer_becomes_useful_week_by_week_and_may_leave_again() -> None:
    steps = mapping.ramp(day(7), 0.3, 2)
    assert steps == ((day(7), pytest.approx(0.1)), (day(14), pytest.approx(0.2)), (day(21), pytest.approx(0.3)))
    assert mapping.ramp(day(7), 0.3, 2, day(14)) == ((day(7), pytest.approx(0.1)), (day(14), 0.0))
    assert mapping.ramp(day(7), 0.3, 0) == ((day(7), pytest.approx(0.3)),)


def test_leave_at_the_turn_of_the_year_is_not_counted_twice() -> None:
    christmas = date(2026, 12, 24)
    half = ((christmas + timedelta(days=1), 0.5), (christmas + timedelta(days=40), 1.0))
    shares = mapping.shares_ahead(half, christmas)
    assert shares[0] == 1  # 25 December: hardly anybody works anyway
    assert shares[30] == 0.5


def test_a_cell_of_nothing_takes_no_day_and_every_other_one_at_least() -> None:
    days = mapping.whole_days(mapping.MIDDLES.astype(np.float64), (), MARCH)
    assert days[mapping.NOTHING] == 0
    assert days[1] == 1
    assert days[-1] == 3650
    assert (np.diff(days) >= 0).all()
