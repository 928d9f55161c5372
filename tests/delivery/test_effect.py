"""What an action brought: the pure part."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core import effect

EVEN = [float(day) for day in range(1, 100)]  # as likely on each of 99 days
QUANTILES = st.lists(st.floats(0, 400), min_size=99, max_size=99).map(sorted)


def test_time_alone_is_no_effect() -> None:
    """Open after 50 of 99 days, the chance of missing day 75 is half, where it was a quarter."""
    assert effect.missing_after(EVEN, 75) == pytest.approx(0.245)
    assert effect.without(EVEN, target=75, open_until=50) == pytest.approx(0.245 / 0.495)


def test_what_is_open_after_its_target_has_missed_it() -> None:
    assert effect.without(EVEN, target=20, open_until=20) == 1.0
    assert effect.without(EVEN, target=20, open_until=45) == 1.0


def test_what_lies_beyond_the_horizon_is_missed() -> None:
    assert effect.missing_after([None] * 99, 3650) == pytest.approx(0.995)


@given(QUANTILES, st.integers(0, 300), st.integers(0, 300))
def test_a_chance_stays_one_and_waiting_never_lowers_it(told: list[float], target: int, waited: int) -> None:
    now = effect.without(told, target=target, open_until=waited)
    later = effect.without(told, target=target, open_until=waited + 1)
    assert 0 < now <= later <= 1


def test_fewer_than_eight_say_nothing_of_what_is_usual() -> None:
    assert effect.usual([0.1] * 7) is None
    found = effect.usual([-0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert found is not None
    assert (found.low, found.high, found.count) == (pytest.approx(0.0), pytest.approx(0.4), 11)


def test_actions_together_take_shares_of_what_is_left() -> None:
    assert effect.together(0.8, [0.4, 0.4]) == pytest.approx(0.2)
    assert effect.together(0.8, []) == 0.8
    assert effect.together(0.3, [0.5]) == 0.0
    assert effect.together(0.0, [0.5]) == 0.0


@given(st.floats(0.01, 0.99), st.lists(st.floats(0, 1), max_size=6))
def test_a_reckoning_is_a_chance_and_never_above_where_it_began(missing: float, falls: list[float]) -> None:
    assert 0 <= effect.together(missing, falls) <= missing
