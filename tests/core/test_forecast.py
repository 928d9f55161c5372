"""When will it be done? Hand-worked cases, laws, and an independent simulation."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from math import log, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core import pace as filtering
from delivery.core import simulation
from delivery.core.calendar import Calendar
from delivery.core.draws import Stream, gamma_quantile, normals
from delivery.core.forecast import NotEnoughHistory, completion_days, team_pace
from delivery.core.pace import Pace
from delivery.core.simulation import CAP_DAYS, days_until, look_ahead

TODAY = date(2026, 4, 6)
PLAIN = Calendar(weekdays=(1.0,) * 7, days_of_year={})
NAT = np.datetime64("NaT")
complete = partial(completion_days, today=TODAY, trials=400)

ages = st.lists(st.integers(-60, 900), min_size=8, max_size=60)


def on(days_ago: Sequence[float | None]) -> np.ndarray:
    days = [None if age is None else TODAY - timedelta(days=int(age)) for age in days_ago]
    return np.array(days, dtype="datetime64[D]")


def steady(weeks: int = 104, per_week: int = 7) -> np.ndarray:
    return on([day for day in range(weeks * 7) for _ in range(per_week // 7)])


def answered(ask: Any) -> np.ndarray | str:
    try:
        found: np.ndarray = ask()
    except NotEnoughHistory as missing:
        return str(missing)
    return found


def same(one: np.ndarray | str, other: np.ndarray | str) -> bool:
    return one == other if isinstance(one, str) else bool(np.array_equal(one, other))


# --- The next items of a team


def test_without_drift_or_noise_many_items_have_nearly_one_date(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DRIFT_VARIANCE", "WEEK_NOISE"):
        monkeypatch.setattr(simulation, name, 1e-9)
    monkeypatch.setattr(simulation, "SLOWDOWN_HAZARD", 1e-12)
    simulation._weeks_to_slowdown.cache_clear()
    work = gamma_quantile(10_000, normals(0, Stream.WORK, 0, 2000))
    certain = Pace(level=log(1000), variance=1e-9, mean=log(1000))
    days = days_until(work, certain, look_ahead(PLAIN, TODAY), 0)
    simulation._weeks_to_slowdown.cache_clear()
    assert np.median(days) == pytest.approx(70, abs=1)  # 10,000 items at 1,000 a week
    assert np.quantile(days, 0.95) - np.quantile(days, 0.05) <= 3


def test_a_steady_team_needs_about_the_expected_days() -> None:
    assert np.median(complete(steady(), n_items=35, calendar=PLAIN)) == pytest.approx(35, rel=0.1)


def test_less_capacity_takes_longer_in_proportion() -> None:
    half = Calendar(weekdays=(1.0,) * 7, days_of_year={}, capacity_from=((TODAY + timedelta(days=1), 0.5),))
    full = np.median(complete(steady(), n_items=35, calendar=PLAIN))
    assert np.median(complete(steady(), n_items=35, calendar=half)) == pytest.approx(2 * full, rel=0.05)


def test_nothing_is_finished_by_a_team_that_has_ended() -> None:
    ended = Calendar(capacity_from=((TODAY + timedelta(days=20), 0.0),))
    days = complete(steady(), n_items=35, calendar=ended)
    assert np.all((days <= 20) | np.isinf(days))
    assert np.isinf(days).any()


def test_no_items_are_done_at_once() -> None:
    assert complete(steady(), n_items=0).tolist() == [0.0] * 400
    with pytest.raises(ValueError, match="negative"):
        complete(steady(), n_items=-1)


@given(ages, st.integers(0, 200), st.integers(0, 2**40))
@settings(max_examples=40, deadline=None)
def test_more_items_are_never_sooner(past: list[int], n_items: int, seed: int) -> None:
    fewer = answered(lambda: complete(on(past), n_items=n_items, seed=seed))
    more = answered(lambda: complete(on(past), n_items=n_items + 1, seed=seed))
    if isinstance(fewer, str) or isinstance(more, str):
        assert fewer == more
    else:
        assert np.all(fewer <= more)


@given(ages, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_order_gaps_and_the_future_change_nothing(past: list[int], shuffler: Any) -> None:
    known: list[float | None] = [age for age in past if age >= 0]
    mixed = [*known, None, -1, -20]
    shuffler.shuffle(mixed)
    plain = answered(lambda: complete(on(known), n_items=12))
    assert same(plain, answered(lambda: complete(on(mixed), n_items=12)))
    assert same(plain, answered(lambda: complete(list(on(mixed)), n_items=12)))


@pytest.mark.parametrize(
    "given",
    [
        lambda days: days.astype("datetime64[ns]"),
        lambda days: [*days.tolist(), None, pd.NaT],
        lambda days: np.array([*days.tolist(), NAT], dtype=object),
        lambda days: pd.Series([*days, NAT]),
        lambda days: pd.DatetimeIndex(days),
        lambda days: [str(day) for day in days],
    ],
)
def test_days_may_come_in_any_dress(given: Any) -> None:
    done = steady(weeks=20)
    assert np.array_equal(complete(done, n_items=9), complete(given(done), n_items=9))


@given(ages, st.integers(1, 5000))
@settings(max_examples=40, deadline=None)
def test_days_are_whole_and_within_ten_years(past: list[int], n_items: int) -> None:
    days = answered(lambda: complete(on(past), n_items=n_items))
    if not isinstance(days, str):
        assert days.shape == (400,)
        assert np.all((days >= 1) & (days <= CAP_DAYS))
        assert np.array_equal(days, np.round(days))


def test_a_seed_gives_one_answer() -> None:
    first = complete(steady(), n_items=20, seed=5)
    assert np.array_equal(first, complete(steady(), n_items=20, seed=5))
    assert not np.array_equal(first, complete(steady(), n_items=20, seed=6))


@pytest.mark.parametrize(
    ("done", "missing"),
    [
        ([], "there are 0"),
        ([3, 40], "there are 2"),
        ([-3, -4, 5, 60], "there are 2"),
        ([800, 900, 1000, 5], "there are 1"),
        ([1, 2, 3, 4], "14 days since the first finished item; there are 4"),
    ],
)
def test_too_little_history_says_what_is_missing(done: list[int], missing: str) -> None:
    with pytest.raises(NotEnoughHistory, match=missing):
        complete(on(done), n_items=5)


def week_by_week(pace: Pace, n_items: int, weeks: int, trials: int) -> np.ndarray:
    """P(done by week 1, 2, ...) from Poisson counts, written from 3.2 without the code under test."""
    rng = np.random.default_rng(11)
    x = pace.level - pace.mean + sqrt(pace.variance) * rng.standard_normal(trials)
    slow_after = rng.exponential(1 / 0.005, trials)
    noise, count, done = log(1.45), np.zeros(trials), np.zeros(weeks)
    for week in range(1, weeks + 1):
        x = 0.99 * x + sqrt(0.010) * rng.standard_normal(trials)
        z = rng.standard_normal(trials)
        rate = np.exp(pace.mean + x + sqrt(noise) * z - noise / 2 - 1.2 * (week > slow_after))
        count += rng.poisson(rate)
        done[week - 1] = np.mean(count >= n_items)
    return done


@pytest.mark.parametrize(
    ("n_items", "per_week", "below_mean"), [(1, 0.3, 0.0), (12, 2.0, 0.5), (40, 1.2, -0.3), (150, 9.0, 0.2)]
)
def test_it_agrees_with_poisson_counts_week_by_week(n_items: int, per_week: float, below_mean: float) -> None:
    trials, weeks = 200_000, 45
    pace = Pace(level=log(per_week) - below_mean, variance=0.06, mean=log(per_week))
    work = gamma_quantile(n_items, normals(1, Stream.WORK, 0, trials))
    days = days_until(work, pace, look_ahead(PLAIN, TODAY), 1)
    ours = np.array([np.mean(days <= 7 * week) for week in range(1, weeks + 1)])
    assert np.abs(ours - week_by_week(pace, n_items, weeks, trials)).max() < 0.006


def test_the_constants_are_the_fitted_ones() -> None:
    fitted = (filtering.DRIFT_VARIANCE, filtering.PERSISTENCE, filtering.WEEK_NOISE, filtering.FIRST_VARIANCE)
    assert fitted == (0.010, 0.99, 0.45, 1.0)


def test_a_teams_pace_can_be_had_alone() -> None:
    assert np.exp(team_pace(steady(), TODAY, PLAIN).level) == pytest.approx(7, rel=0.03)
