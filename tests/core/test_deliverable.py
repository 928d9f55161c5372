"""When will every item of a deliverable be done, found and still to be found?"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core import deliverable, draws, scope
from delivery.core.calendar import Calendar
from delivery.core.forecast import NotEnoughHistory, deliverable_days
from delivery.core.simulation import CAP_DAYS

TODAY = date(2026, 4, 6)
Items = tuple[np.ndarray, np.ndarray]
items = st.lists(st.tuples(st.integers(-40, 300), st.none() | st.integers(0, 90)), min_size=1, max_size=30)


def on(days_ago: Sequence[int | None]) -> np.ndarray:
    days = [None if age is None else TODAY - timedelta(days=age) for age in days_ago]
    return np.array(days, dtype="datetime64[D]")


def made(pairs: Sequence[tuple[int, int | None]]) -> Items:
    """Items from (days ago created, lead time or None while open)."""
    done = [None if lead is None else age - lead for age, lead in pairs]
    return on([age for age, _ in pairs]), on(done)


TEAM = made([(age, 3 + age % 20) for age in range(20, 360, 4)])


def ask(own: Items, team: Items = TEAM, **more: Any) -> np.ndarray:
    return deliverable_days(team, own, TODAY, **{"trials": 500, **more})


# --- The whole answer


def test_open_items_take_at_least_a_day() -> None:
    days = ask(made([(30, None), (20, 5), (10, None)]))
    assert days.shape == (500,)
    assert days.min() >= 1


def test_a_plan_of_new_items_can_be_asked() -> None:
    days = ask(made([(0, None)] * 8))
    assert 1 <= np.median(days) < 365


def test_with_all_items_done_more_may_still_be_found() -> None:
    days = ask(made([(60, 10), (50, 20), (40, 9)]), trials=10_000)
    assert 0.7 < np.mean(days == 0) < 1
    assert days.max() > 7


def test_with_all_items_done_and_the_scope_known_it_is_done() -> None:
    assert ask(made([(60, 10), (50, 20)]), scope_known=True).tolist() == [0.0] * 500


def test_scope_still_to_be_found_takes_time() -> None:
    own = made([(30, None), (20, 5), (10, None)])
    assert np.all(ask(own, scope_known=True) <= ask(own))


def test_old_open_items_take_longer_than_fresh_ones() -> None:
    team = made([(age, 1 if age % 5 else 40) for age in range(45, 360, 2)])
    fresh, old = (ask(made([(age, None)] * 4), team, scope_known=True) for age in (0, 10))
    assert np.median(old) > 1.2 * np.median(fresh)


def test_a_seed_gives_one_answer() -> None:
    own = made([(30, None), (10, None)])
    assert np.array_equal(ask(own, seed=3), ask(own, seed=3))
    assert not np.array_equal(ask(own, seed=3), ask(own, seed=4))


@given(items, items)
@settings(max_examples=40, deadline=None)
def test_what_is_not_known_today_changes_nothing(team: list[Any], own: list[Any]) -> None:
    """A finish after today is an open item, an item created after today is no item."""

    def known(pairs: list[Any]) -> list[Any]:
        past = [(age, lead) for age, lead in pairs if age >= 0]
        return [(age, lead if lead is not None and lead <= age else None) for age, lead in past]

    base = [(age, 4) for age in range(10, 60, 5)]
    try:
        expected = ask(made(known(own)), made(base + known(team)), trials=50)
    except NotEnoughHistory:
        with pytest.raises(NotEnoughHistory):
            ask(made(own), made(base + team), trials=50)
        return
    assert np.array_equal(expected, ask(made(own), made(base + team), trials=50))
    assert np.all((expected >= 0) & (expected <= CAP_DAYS))


def test_order_and_lists_do_not_matter() -> None:
    own = made([(30, None), (20, 5), (10, None)])
    turned = (list(own[0][::-1]), list(own[1][::-1]))
    team = (list(TEAM[0][::-1]), list(TEAM[1][::-1]))
    assert np.array_equal(ask(own), deliverable_days(team, turned, TODAY, trials=500))


def test_a_team_that_has_ended_never_finishes() -> None:
    ended = Calendar(capacity_from=((TODAY, 0.0),))
    assert np.all(np.isinf(ask(made([(5, None)]), calendar=ended)))


@pytest.mark.parametrize(
    ("own", "team", "reason"),
    [
        ([], TEAM, "at least one work item"),
        ([(-5, None)], TEAM, "at least one work item"),
        ([(5, None)], made([(9, 3)] * 4), "5 finished items of the team; there are 4"),
        ([(5, None)], made([]), "there are 0"),
    ],
)
def test_too_little_to_go_by_is_said(own: list[Any], team: Items, reason: str) -> None:
    with pytest.raises(NotEnoughHistory, match=reason):
        ask(made(own), team)


def test_every_item_needs_both_days() -> None:
    with pytest.raises(ValueError, match="created and a done"):
        ask((on([3, 4]), on([1])))


# --- Its parts


def test_what_is_left_is_drawn_from_longer_lead_times() -> None:
    leads = np.array([1.0, 2, 10, 30])
    left = deliverable.slowest_open(np.array([5.0]), leads, 0, 4000)
    assert set(left.tolist()) == {5.0, 25.0}
    assert np.mean(left == 25) == pytest.approx(0.5, abs=0.03)


def test_an_item_older_than_all_on_record_doubles_at_even_odds() -> None:
    left = deliverable.slowest_open(np.array([50.0]), np.array([1.0, 2]), 0, 4000)
    assert np.median(left) == pytest.approx(50, rel=0.06)


def test_siblings_stall_together() -> None:
    """Four items: P(none stalls) lies above the 1/16 of strangers and below the 1/2 of one."""
    left = deliverable.slowest_open(np.full(4, 5.0), np.array([10.0, 30]), 0, 20_000)
    assert 0.15 < np.mean(left == 5) < 0.35


def test_items_of_one_age_are_as_slow_as_items_of_nearly_one_age() -> None:
    leads = np.arange(1.0, 60)
    one = deliverable.slowest_open(np.full(6, 0.0), leads, 0, 20_000)
    near = deliverable.slowest_open(np.arange(6) / 100, leads, 0, 20_000)
    assert one.mean() == pytest.approx(near.mean(), rel=0.02)


def test_own_pace_by_hand() -> None:
    pace = deliverable.own_pace(np.array([0.0, 42]), np.ones(1) / 7, n_open=5)
    assert pace.shape == pytest.approx(1 + 1 + 0.5)
    assert pace.exposure == pytest.approx(1 / 7)
    assert pace.n_open == 5


def test_own_weeks_by_hand() -> None:
    """Nothing to be found and a pace as good as known: n items, at the usual rate of n and at their own."""
    z = draws.normals(0, draws.Stream.OWN_WORK, 0, 4000)
    weeks = deliverable.own_weeks(deliverable.OwnPace(1e8, 3e8, 5), np.zeros(4000, np.float32), 0)
    # E is by far the larger here: the weeks are Gamma(5) at a rate of 1e8 in 3e8 weeks.
    assert weeks == pytest.approx(3 * draws.wilson_hilferty(np.float32(5), z), rel=1e-3)
    none_seen = deliverable.own_weeks(deliverable.OwnPace(1e6, 0.0, 5), np.zeros(4000, np.float32), 0) * 1e6
    low, high = z < 0, z > 1
    five, one = (draws.wilson_hilferty(np.float32(n), z) for n in (5, 1))
    assert none_seen[high] == pytest.approx(one[high] / 0.06, rel=0.01)
    assert none_seen[low] == pytest.approx(np.maximum(five / 5, one)[low] / 0.06, rel=0.01)


def test_growth_by_hand() -> None:
    assert scope.WHILE_OPEN.expect(np.array([0.0, 35])) == pytest.approx(0.9 + 0.5 * (1 + np.exp(-1)))


def test_scope_has_its_mean_and_grows_with_it() -> None:
    some, more = (scope.find_scope(mean, 0.45, 0, 40_000).items for mean in (3.0, 3.5))
    assert some.mean() == pytest.approx(3, rel=0.05)
    assert np.mean(some == 0) == pytest.approx((0.45 / 3.45) ** 0.45, abs=0.01)
    assert np.all(some <= more)


def test_the_pool_by_hand() -> None:
    z = draws.normals(0, draws.Stream.POOL, 0, 2)
    days = deliverable.pool(np.array([20.0, 0], dtype=np.float32), np.array([70.0, 0]), 0)
    expected = np.exp(-0.5 + 0.55 * np.log(20) + 0.45 * np.log(70) + 0.95 * z[0])
    assert days.tolist() == [np.ceil(expected), 0]


@pytest.mark.parametrize("shape", [1, 2, 7, 30, 31, 400])
def test_gamma_has_its_mean_and_spread(shape: int) -> None:
    drawn = draws.gamma_quantile(shape, draws.normals(2, draws.Stream.WORK, 0, 100_000))
    assert drawn.mean() == pytest.approx(shape, rel=0.01)
    assert drawn.std() == pytest.approx(np.sqrt(shape), rel=0.01)


def test_draws_have_an_address() -> None:
    one = draws.normals(0, draws.Stream.POOL, 0, 50)
    assert np.array_equal(one, draws.normals(0, draws.Stream.POOL, 0, 50))
    assert not np.array_equal(one, draws.normals(0, draws.Stream.POOL, 1, 50))
    assert draws.normal_cdf(one).max() < 1
    assert draws.normal_quantile(draws.normal_cdf(one)) == pytest.approx(one, abs=0.002)


@pytest.mark.parametrize("age", [5.0, 50.0])
def test_a_draw_that_rounds_to_one_is_the_longest_wait_and_no_error(age: float) -> None:
    leads, sure = np.array([10.0, 20, 30]), np.ones(3, dtype=np.float32)
    left = deliverable._lead_beyond(age, leads, sure)
    assert np.all(np.isfinite(left))
    assert np.all(left >= (30 if age < 30 else age))
