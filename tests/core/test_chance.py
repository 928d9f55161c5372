"""From days to words: one number decides the level, the per cent and the dates."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core import chance
from delivery.core.chance import Level

TODAY = date(2026, 3, 2)
DAYS = st.lists(st.one_of(st.integers(0, 3650), st.just(np.inf)), min_size=1, max_size=300).map(
    lambda days: np.array(days, dtype=float)
)


def test_a_chance_by_hand() -> None:
    days = np.array([1.0, 2, 3, 4])
    assert chance.chance_by(days, 2) == pytest.approx(2.5 / 5)
    assert chance.chance_by(days, 1.9) == pytest.approx(1.5 / 5)


@given(DAYS, st.integers(-10, 4000))
def test_nothing_is_certain(days: np.ndarray, horizon: int) -> None:
    assert 0 < chance.chance_by(days, horizon) < 1


def test_the_curve_is_the_chance_at_each_point() -> None:
    days = np.array([5.0, 1, 3, np.inf])
    points = [0, 1, 4, 9]
    assert chance.curve(days, points).tolist() == [chance.chance_by(days, point) for point in points]


def test_dates_by_hand() -> None:
    finish = chance.percentile_dates(np.arange(1.0, 100.0), TODAY)
    # 99 trials: (k + 1/2)/100 is above 0.5 from k = 50, above 0.85 from 85, above 0.95 from 95.
    assert finish == tuple(TODAY + timedelta(days=day) for day in (50, 85, 95))


def test_a_date_beyond_the_cap_is_unknown() -> None:
    finish = chance.percentile_dates(np.array([10.0] * 60 + [3650] * 30 + [np.inf] * 10), TODAY)
    assert finish == (TODAY + timedelta(days=10), None, None)


def test_one_trial_says_little() -> None:
    assert chance.percentile_day(np.array([4.0]), 0.5) == 4
    assert chance.percentile_day(np.array([4.0]), 0.85) is None


@given(DAYS, st.integers(0, 3649))
def test_word_percentage_and_picture_agree(days: np.ndarray, target: int) -> None:
    made = chance.chance_by(days, target)
    level, missing = chance.level_of(made), chance.percent_missing(made)
    finish = chance.percentile_dates(days, TODAY)
    day = TODAY + timedelta(days=target)
    assert (level is Level.ON_TRACK) == (missing < 15) == (finish.p85 is not None and finish.p85 <= day)
    assert (level is Level.LIKELY) == (missing >= 50) == (finish.p50 is None or finish.p50 > day)


def test_they_agree_at_every_possible_count() -> None:
    for trials in (19, 99, 1000, 9999, 10_000):
        days = np.arange(1.0, trials + 1) / trials * 3000
        p50, p85 = chance.percentile_day(days, 0.5), chance.percentile_day(days, 0.85)
        assert p50 is not None
        assert p85 is not None
        for target in range(0, 3001, 7):
            level = chance.level_of(chance.chance_by(days, target))
            assert (level is Level.ON_TRACK) == (p85 <= target)
            assert (level is Level.LIKELY) == (p50 > target)


@pytest.mark.parametrize(
    ("made", "missing", "level"),
    [
        (0.9999, 0, Level.ON_TRACK),
        (0.854, 14, Level.ON_TRACK),
        (0.8501, 14, Level.ON_TRACK),
        (0.85, 15, Level.AT_RISK),
        (0.5001, 49, Level.AT_RISK),
        (0.5, 50, Level.LIKELY),
        (0.0001, 99, Level.LIKELY),
    ],
)
def test_levels_change_between_whole_per_cents(made: float, missing: int, level: Level) -> None:
    assert chance.percent_missing(made) == missing
    assert chance.level_of(made) is level


def test_without_a_forecast_there_is_no_level() -> None:
    assert chance.level_of(None) is Level.NONE
    assert [level.value for level in Level] == ["on-track", "at-risk", "likely", "none"]


def test_no_trials_have_no_chance() -> None:
    with pytest.raises(ValueError, match="one trial"):
        chance.chance_by(np.array([]), 5)
    with pytest.raises(ValueError, match="one trial"):
        chance.curve(np.array([]), [5])
