"""Each score on cases small enough to work out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core import scoring


def test_brier_is_the_mean_squared_miss() -> None:
    assert scoring.brier([0.9, 0.2], [True, False]) == pytest.approx((0.01 + 0.04) / 2)


def test_skill_compares_with_a_reference() -> None:
    assert scoring.skill(0.15, 0.20) == pytest.approx(0.25)
    assert scoring.skill(0.25, 0.20) == pytest.approx(-0.25)
    with pytest.raises(ValueError, match="perfect"):
        scoring.skill(0.1, 0.0)


def test_murphy_by_hand() -> None:
    parts = scoring.murphy([0.8, 0.8, 0.8, 0.8, 0.2, 0.2], [1, 1, 1, 0, 0, 0])
    assert parts.reliability == pytest.approx((4 * 0.05**2 + 2 * 0.2**2) / 6)
    assert parts.resolution == pytest.approx((4 * 0.25**2 + 2 * 0.5**2) / 6)
    assert parts.uncertainty == pytest.approx(0.25)


@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=60))
def test_murphy_adds_up_to_brier(told: list[tuple[int, bool]]) -> None:
    chance, happened = [tenths / 10 for tenths, _ in told], [came for _, came in told]
    parts = scoring.murphy(chance, happened, bins=11)
    total = parts.reliability - parts.resolution + parts.uncertainty
    assert total == pytest.approx(scoring.brier(chance, happened))


def test_ece_is_the_weighted_gap() -> None:
    assert scoring.ece([0.75, 0.75, 0.15], [1, 0, 0]) == pytest.approx((2 * 0.25 + 0.15) / 3)


def test_a_chance_of_one_falls_into_the_last_bin() -> None:
    assert scoring.ece([1.0, 0.95], [1, 1]) == pytest.approx(0.025)


def test_log_score_punishes_false_certainty_but_not_without_end() -> None:
    assert scoring.log_score([0.5], [1]) == pytest.approx(np.log(2))
    assert scoring.log_score([0.0], [1]) == pytest.approx(-np.log(0.005))
    assert scoring.log_score([0.0], [0]) == pytest.approx(-np.log(0.995))


def test_crps_of_two_dates() -> None:
    """E|X - y| = (|1-2| + |5-2|)/2 = 2; E|X - X'|/2 = (4/2)/2 = 1."""
    assert scoring.crps([5, 1], 2) == pytest.approx(1)


def test_crps_of_one_sure_date_is_the_error() -> None:
    assert scoring.crps([10], 14) == pytest.approx(4)


def test_crps_agrees_with_its_definition() -> None:
    days = np.random.default_rng(3).gamma(2, 10, 60)
    pairs = np.abs(days[:, None] - days[None, :]).mean() / 2
    assert scoring.crps(days, 12) == pytest.approx(np.abs(days - 12).mean() - pairs)


def test_never_is_clipped_at_the_horizon() -> None:
    assert scoring.crps([np.inf], 20, horizon=30) == pytest.approx(10)
    assert scoring.crps([20], np.inf, horizon=30) == pytest.approx(10)


def test_log_crps_is_free_of_scale() -> None:
    assert scoring.log_crps([20], 10) == pytest.approx(np.log(2))
    assert scoring.log_crps([200, 400], 100) == pytest.approx(scoring.log_crps([20, 40], 10))


def test_log_crps_takes_today_as_half_a_day() -> None:
    assert scoring.log_crps([0], 1) == pytest.approx(np.log(2))


def test_pit_is_where_the_outcome_fell() -> None:
    assert scoring.pit([1, 2, 2, 3], 2, tie=0.5) == pytest.approx(0.5)
    assert scoring.pit([1, 2, 2, 3], 2, tie=0.0) == pytest.approx(0.25)
    assert scoring.pit([1, 2, 2, 3], 9, tie=0.3) == 1


def test_coverage_counts_the_central_interval() -> None:
    pits = [0.05, 0.11, 0.5, 0.89, 0.96]
    assert scoring.coverage(pits, 0.8) == pytest.approx(3 / 5)
    assert scoring.coverage(pits, 0.5) == pytest.approx(1 / 5)


def test_sharpness_is_the_log_width() -> None:
    assert scoring.sharpness(np.linspace(10, 110, 101)) == pytest.approx(np.log(100 / 20))
    assert scoring.sharpness([7, 7, 7]) == 0


def test_nothing_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="nothing"):
        scoring.brier([], [])
    with pytest.raises(ValueError, match="every chance"):
        scoring.brier([0.5], [1, 0])
