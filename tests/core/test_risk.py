"""When risks open and close, what they weigh, and that nothing flaps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.risk import (
    Standing,
    Step,
    Thresholds,
    impact_of_deliverable,
    impact_of_goal,
    impact_of_team,
    step,
)

DAY0 = date(2026, 11, 1)
LIMITS = Thresholds(50, 40, 2)


def day(number: int) -> date:
    return DAY0 + timedelta(days=number)


def live(values: list[float | None], limits: Thresholds) -> list[tuple[int, Step]]:
    """A value a day, each run twice; the days on which it opened or closed."""
    standing: Standing | None = None
    told: list[tuple[int, Step]] = []
    for number, value in enumerate(values):
        for again in (False, True):
            what = step(standing, value, limits, day(number))
            if what in (Step.OPEN, Step.CLOSE):
                assert not again
                told.append((number, what))
            standing = after(standing, what, day(number))
    return told


def after(standing: Standing | None, what: Step, today: date) -> Standing | None:
    if what in (Step.NOTHING, Step.FORGET, Step.CLOSE):
        return None
    seen = standing.seen if standing else today
    if what == Step.BETTER:
        return Standing(seen, True, (standing.better_since if standing else None) or today)
    return Standing(seen, what != Step.WATCH)


def test_it_opens_once_it_has_been_bad_for_long_enough_and_closes_likewise() -> None:
    assert live([60, 60, 60, 45, 30, 30, 30, 30], LIMITS) == [(2, Step.OPEN), (6, Step.CLOSE)]


def test_what_is_bad_for_a_moment_never_opens() -> None:
    assert live([60, 60, 45, 60, 60, 30], LIMITS) == []


def test_between_the_thresholds_nothing_changes() -> None:
    assert live([60, 60, 60, 41, 49, 41, 49, 41], LIMITS) == [(2, Step.OPEN)]


def test_being_better_for_a_moment_does_not_close_it() -> None:
    assert live([60, 60, 60, 30, 60, 30, 60, 30, 60], LIMITS) == [(2, Step.OPEN)]


def test_no_data_is_no_good_news() -> None:
    assert live([60, 60, 60, None, None, None, None], LIMITS) == [(2, Step.OPEN)]
    assert live([None, None], LIMITS) == []


def test_without_a_minimum_it_opens_and_closes_at_once() -> None:
    assert live([60, 30], Thresholds(50, 40, 0)) == [(0, Step.OPEN), (1, Step.CLOSE)]


def test_a_rule_may_say_that_less_is_worse() -> None:
    assert live([3, 3, 3, 8, 8, 8], Thresholds(5, 7, 2, "less")) == [(2, Step.OPEN), (5, Step.CLOSE)]


@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60),
    enter=st.floats(1, 99),
    gap=st.floats(0, 30),
    days=st.integers(1, 6),
)
def test_whatever_the_values_it_changes_no_oftener_than_its_minimum(
    values: list[float | None], enter: float, gap: float, days: int
) -> None:
    told = live(values, Thresholds(enter, enter - gap, days))
    for (first, what), (second, then) in zip(told, told[1:], strict=False):
        assert what != then
        assert second - first >= days


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Thresholds(50, 60, 1), "must close at a value better"),
        (Thresholds(5, 4, 1, "less"), "must close at a value better"),
        (Thresholds(50, 40, -1), "fewer than 0"),
        (Thresholds(50, 50, 0), ""),
    ],
)
def test_thresholds_that_make_no_sense_say_so(limits: Thresholds, problem: str) -> None:
    assert problem in limits.problem()
    assert bool(problem) == bool(limits.problem())


def test_impacts_by_hand() -> None:
    assert impact_of_deliverable(0, {}) == 0.3
    assert impact_of_deliverable(2, {"team": False}) == 0.6
    assert impact_of_deliverable(5, {"team": True, "company": True}) == 1.0
    assert impact_of_goal("company", True) == 0.9
    assert impact_of_goal("team", False) == 0.4
    assert impact_of_team(0) == 0.4
    assert impact_of_team(50) == 0.8
