"""Laws of the forecast, for any history: more work is never sooner, and no answer is undefined."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core.calendar import Calendar
from delivery.core.deliverable import OwnPace, own_weeks
from delivery.core.draws import EXACT_SHAPES, gamma_quantile, wilson_hilferty
from delivery.core.forecast import NotEnoughHistory, completion_days, deliverable_days
from delivery.core.simulation import CAP_DAYS

TODAY = date(2026, 4, 6)
TRIALS = 300
Pairs = Sequence[tuple[int, int | None]]
Items = tuple[np.ndarray, np.ndarray]

seeds = st.integers(0, 2**40)
ages = st.lists(st.integers(-60, 1500), max_size=60)
# (days ago created, days ago done or None): finishes before creation and after today are in it.
items = st.lists(st.tuples(st.integers(-40, 1500), st.none() | st.integers(-40, 1500)), min_size=1, max_size=40)
law = settings(max_examples=60, deadline=None)


def on(days_ago: Sequence[int | None]) -> np.ndarray:
    days = [None if age is None else TODAY - timedelta(days=age) for age in days_ago]
    return np.array(days, dtype="datetime64[D]")


def made(pairs: Pairs) -> Items:
    return on([created for created, _ in pairs]), on([done for _, done in pairs])


TEAM = made([(age, age - 3 - age % 20) for age in range(24, 360, 4)])


def ask(own: Pairs, team: Items = TEAM, **more: Any) -> np.ndarray:
    return deliverable_days(team, made(own), TODAY, **{"trials": TRIALS, **more})


def answer(question: Callable[[], np.ndarray]) -> np.ndarray | None:
    """None where the history is too short."""
    try:
        return question()
    except NotEnoughHistory:
        return None


def is_days(days: np.ndarray) -> bool:
    """Finite whole days within the cap."""
    inside = np.isfinite(days) & (days >= 0) & (days <= CAP_DAYS)
    return days.shape == (TRIALS,) and bool(np.all(inside & (days == np.round(days))))


# --- More work is never sooner


@given(ages, st.integers(0, 300), st.integers(1, 10**7), seeds)
@law
def test_more_items_of_a_team_end_no_trial_sooner(past: list[int], few: int, more: int, seed: int) -> None:
    fewer = answer(lambda: completion_days(on(past), TODAY, few, trials=TRIALS, seed=seed))
    if fewer is not None:
        assert np.all(fewer <= completion_days(on(past), TODAY, few + more, trials=TRIALS, seed=seed))


@given(items, st.integers(0, 1500), st.integers(0, 3), seeds, st.booleans())
@settings(max_examples=150, deadline=None)
def test_an_open_item_more_ends_no_trial_of_a_deliverable_sooner(
    own: list[Any], age: int, again: int, seed: int, known: bool
) -> None:
    before = answer(lambda: ask(own, seed=seed, scope_known=known))
    if before is not None:
        assert np.all(before <= ask([*own, *[(age, None)] * (1 + again)], seed=seed, scope_known=known))


@given(st.integers(0, 40), st.integers(0, 1500), seeds)
@law
def test_an_open_item_more_is_never_sooner_where_all_are_open(n_open: int, age: int, seed: int) -> None:
    own: list[tuple[int, int | None]] = [(17 * k % 400, None) for k in range(n_open + 1)]
    assert np.all(ask(own, seed=seed) <= ask([*own, (age, None)], seed=seed))


def test_the_own_pace_of_more_items_never_takes_less() -> None:
    """Over all that may still be found, on every trial; the wait at the usual rate is the risk."""
    for found in (0, 1, 2, 3, 5, 8, 13, 40):
        waits = [own_weeks(OwnPace(1.0, 0.0, n), np.full(4000, found, np.float32), 3) for n in range(60)]
        assert np.all(np.diff(np.array(waits), axis=0) >= -1e-6 * waits[-1])


def test_gamma_draws_rise_with_their_shape() -> None:
    z = np.linspace(-6, 6, 4001).astype(np.float32)
    rows = np.array([gamma_quantile(shape, z) for shape in range(1, 2 * EXACT_SHAPES + 40)])
    assert np.all(np.diff(rows, axis=0) >= 0)
    rough = np.array([wilson_hilferty(np.float32(shape), z) for shape in range(1, 200)])
    assert np.all(np.diff(rough, axis=0) >= 0)


# --- What is the same gives the same


@given(ages, st.integers(1, 50), st.randoms(use_true_random=False), seeds)
@law
def test_the_order_of_finishes_and_those_after_today_do_not_matter(
    past: list[int], n_items: int, shuffler: Any, seed: int
) -> None:
    first = answer(lambda: completion_days(on(past), TODAY, n_items, trials=TRIALS, seed=seed))
    mixed = [*past, None, -1, -400]
    shuffler.shuffle(mixed)
    again = answer(lambda: completion_days(on(mixed), TODAY, n_items, trials=TRIALS, seed=seed))
    assert (first is None) == (again is None)
    assert first is None or again is None or np.array_equal(first, again)


@given(items, items, st.randoms(use_true_random=False), seeds)
@law
def test_the_order_of_items_and_those_after_today_do_not_matter(
    own: list[Any], team: list[Any], shuffler: Any, seed: int
) -> None:
    first = answer(lambda: ask(own, made(team), seed=seed))
    later = [(-1, None), (-30, -40)]
    mixed, others = [*own, *later], [*team, *later]
    shuffler.shuffle(mixed)
    shuffler.shuffle(others)
    again = answer(lambda: ask(mixed, made(others), seed=seed))
    assert (first is None) == (again is None)
    assert first is None or again is None or np.array_equal(first, again)


# --- Every answer is a number of days


@given(ages, st.integers(0, 10**12), seeds)
@law
def test_a_teams_answer_is_finite_and_a_later_day_is_never_less_likely(
    past: list[int], n_items: int, seed: int
) -> None:
    days = answer(lambda: completion_days(on(past), TODAY, n_items, trials=TRIALS, seed=seed))
    if days is not None:
        assert is_days(days)
        assert np.all(np.diff([np.mean(days <= day) for day in range(0, CAP_DAYS + 1, 50)]) >= 0)
        assert np.mean(days <= CAP_DAYS) == 1


@given(items, items, seeds)
@law
def test_a_deliverables_answer_is_finite(own: list[Any], team: list[Any], seed: int) -> None:
    days = answer(lambda: ask(own, made(team), seed=seed))
    assert days is None or is_days(days)


@pytest.mark.parametrize(
    "past",
    [
        pytest.param([1, 2, 3, 4, 800, 801], id="a gap of two years"),
        pytest.param([700] * 50, id="one burst long ago"),
        pytest.param([0] * 100_000 + [20, 30], id="closed in bulk today"),
        pytest.param([20] * 100_000, id="closed in bulk, and nothing since"),
        pytest.param([-5] * 40 + [3, 9, 20], id="most of it in the future"),
    ],
)
@pytest.mark.parametrize("n_items", [1, 50, 10**18])
def test_odd_histories_of_a_team_have_an_answer(past: list[int], n_items: int) -> None:
    assert is_days(completion_days(on(past), TODAY, n_items, trials=TRIALS))


@pytest.mark.parametrize(
    "own",
    [
        pytest.param([(3, 30), (10, None)], id="finished before it was created"),
        pytest.param([(3, None)] * 20_000, id="20,000 open items"),
        pytest.param([(9000, None)], id="open for 24 years"),
        pytest.param([(9000, 1)] * 5000 + [(2, None)], id="5,000 closed yesterday"),
        pytest.param([(3, None), (None, None), (None, 5)], id="no day of creation"),
    ],
)
def test_odd_deliverables_have_an_answer(own: list[Any]) -> None:
    assert is_days(ask(own))
    assert is_days(ask(own, made([(3, 30)] * 8)))  # every lead time 0: the clocks of the team disagreed


@pytest.mark.parametrize("past", [[], [3], [-3, -9, -20], [800, 801, 900]])
def test_too_short_a_history_is_said_and_not_guessed(past: list[int]) -> None:
    with pytest.raises(NotEnoughHistory):
        completion_days(on(past), TODAY, 5)


def test_only_a_calendar_without_capacity_is_never() -> None:
    ended = Calendar(capacity_from=((TODAY, 0.0),))
    back = Calendar(capacity_from=((TODAY, 0.0), (TODAY + timedelta(days=3500), 1.0)))
    faint = Calendar(capacity_from=((TODAY, 1e-12),))
    steady = on(range(0, 200, 3))
    for calendar, never in ((ended, True), (back, False), (faint, False)):
        team = completion_days(steady, TODAY, 5, trials=TRIALS, calendar=calendar)
        own = ask([(30, None), (5, None)], calendar=calendar)
        for days in (team, own):
            assert np.all(np.isinf(days)) if never else is_days(days)
