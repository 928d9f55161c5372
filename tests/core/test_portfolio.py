"""All deliverables in the same futures: alone as the field's fixed interface says, together as they hold each other up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core import calendar, deliverable
from delivery.core.ahead import TeamAhead, WorkAhead, open_items
from delivery.core.calibration import Correction, Marks, recalibrate
from delivery.core.forecast import deliverable_days, known_items
from delivery.core.pace import Pace
from delivery.core.portfolio import Futures, simulate, simulate_again
from tests.core.portfolios import LEADS, TODAY, found, team, work

SEED = 11
SLACK = 0.02  # two samples of 10,000


def run(works: list[WorkAhead], teams: list[TeamAhead] | None = None, seed: int = SEED) -> Futures:
    return simulate({one.id: one for one in teams or [team()]}, works, today=TODAY, seed=seed)


def by(days: np.ndarray, limit: float) -> float:
    return float((days <= limit).mean())


@pytest.mark.parametrize("ages", [(5,), (2, 9, 9, 40), (1, 1, 1, 4, 8, 15, 16, 23, 42, 60, 90, 120, 200)])
@pytest.mark.parametrize("done", [0, 6])
def test_one_deliverable_alone_is_the_fixed_interface(ages: tuple[int, ...], done: int) -> None:
    now = np.datetime64(TODAY)
    open_created = now - np.array(ages)
    done_created, done_ends = now - np.arange(30, 30 + done), now - np.arange(5, 5 + 4 * done, 4)
    own = (
        np.concatenate([open_created, done_created]),
        np.concatenate([np.full(len(ages), np.datetime64("NaT", "D")), done_ends]),
    )
    ends = now - np.arange(len(LEADS)) % 300
    theirs = (ends - LEADS.astype(int), ends)
    expected = deliverable_days(theirs, own, TODAY, trials=40_000, seed=3)

    known = known_items(own, TODAY)
    capacity = calendar.NORMAL.capacity(
        TODAY - timedelta(days=int(known.created_ages.max())), int(known.created_ages.max()) + 1
    )
    pace = deliverable.own_pace(known.done_ages, capacity[::-1], len(ages))
    one = work(
        ages=known.open_ages,
        found=found(known.created_ages),
        seen=pace.shape - 1,
        exposure=pace.exposure,
    )
    days = run([one]).days[1]
    for limit in (7, 14, 28, 56, 91, 182, 365):
        assert by(days, limit) == pytest.approx(by(expected, limit), abs=SLACK)


def test_the_same_inputs_give_the_same_numbers_whatever_else_is_simulated() -> None:
    mine, other = work(1), work(2, team=2)
    both = run([mine, other], [team(1), team(2)])
    assert np.array_equal(both.days[1], run([mine], [team(1)]).days[1])
    assert np.array_equal(both.days[1], run([mine, other], [team(1), team(2)]).days[1])
    assert not np.array_equal(both.days[1], run([mine], [team(1)], seed=SEED + 1).days[1])


def test_nothing_is_done_before_what_it_waits_for_through_any_number_of_steps() -> None:
    late = work(3, ages=(400,) * 8)
    chain = run([work(1, ages=(1,), needs=(2,)), work(2, ages=(1,), needs=(3,)), late])
    assert (chain.days[1] >= chain.days[2]).all()
    assert (chain.days[2] >= chain.days[3]).all()
    assert by(chain.days[1], 40) <= by(chain.days[3], 40)


def test_a_joint_chance_is_not_a_product_and_not_the_least() -> None:
    """Both wait for the same work, so both miss in the same futures; by themselves they differ."""
    works = [work(1, needs=(3,)), work(2, needs=(3,)), work(3, ages=(60,) * 6)]
    futures = run(works)
    each = [by(futures.days[one], 120) for one in (1, 2)]
    together = by(futures.all_done([1, 2]), 120)
    assert together > each[0] * each[1] + 0.05
    assert together <= min(each)


def test_a_circle_waits_for_nothing_in_it() -> None:
    futures = run([work(1, needs=(2,)), work(2, needs=(1,)), work(3, needs=(3, 99))])
    alone = run([work(1), work(2), work(3)])
    for one in (1, 2, 3):
        assert np.array_equal(futures.days[one], alone.days[one])


def test_what_comes_first_is_sooner_and_holds_up_the_rest_of_its_team() -> None:
    works = [work(one, ages=(10,) * 6) for one in (1, 2, 3)]
    side_by_side = run(works)
    first = run([replace(works[0], priority=1), *works[1:]])
    assert by(first.days[1], 60) > by(side_by_side.days[1], 60) + 0.02
    for other in (2, 3):
        assert (first.days[other] >= side_by_side.days[other]).all()


def test_an_order_of_work_ends_in_that_order_as_far_as_pace_decides() -> None:
    works = [work(one, ages=(10,) * 6, priority=4 - one) for one in (1, 2, 3)]
    futures = run(works)
    assert by(futures.days[3], 60) > by(futures.days[2], 60) > by(futures.days[1], 60)


def test_deliverables_together_go_no_faster_than_their_team() -> None:
    works = [work(one, ages=(10,) * 12) for one in range(1, 6)]
    free, slow = run(works), run(works, [team(pace=Pace(-1.5, 0.02, -1.5))])
    assert by(slow.days[1], 90) < by(free.days[1], 90)
    assert np.array_equal(run(works[:1], [team(pace=Pace(-1.5, 0.02, -1.5))]).days[1], run(works[:1]).days[1])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(np.log(a), np.log(b))[0, 1])


def test_deliverables_of_a_team_share_its_luck_and_those_of_others_do_not() -> None:
    futures = run([work(1), work(2), work(3, team=2)], [team(1), team(2)])
    assert correlation(futures.days[1], futures.days[2]) > 0.15
    assert abs(correlation(futures.days[1], futures.days[3])) < 0.05


def test_people_of_two_teams_bring_their_luck_to_both() -> None:
    shared = {7: 0.7, 8: 0.7}
    futures = run([work(1), work(3, team=2)], [team(1, shared=shared), team(2, shared=shared)])
    assert correlation(futures.days[1], futures.days[3]) > 0.1


def test_leave_slows_and_more_people_speed_up() -> None:
    as_usual = run([work()]).days[1]
    half = run([work(steps=((TODAY + timedelta(days=1), 0.5),))]).days[1]
    assert (half >= as_usual).all()
    assert 1.7 < np.median(half) / np.median(as_usual) <= 2  # at the turn of the year leave is in the calendar already
    more = run([work(steps=((TODAY + timedelta(days=1), 1.5),))]).days[1]
    assert (more <= as_usual).all()


def test_without_any_capacity_ahead_there_is_no_end() -> None:
    gone = run([work(steps=((TODAY + timedelta(days=5), 0.0),))]).days[1]
    assert np.isinf(gone).any()
    assert (gone[np.isfinite(gone)] <= 5).all()


def test_everything_done_and_nothing_more_to_find_is_done_today() -> None:
    assert (run([work(ages=(), scope_known=True)]).days[1] == 0).all()
    maybe = run([work(ages=(), found=found([200.0] * 4))]).days[1]
    assert 0 in maybe
    assert maybe.max() > 0


def test_a_size_range_forecasts_what_has_no_items_yet() -> None:
    small, large = (run([work(ages=(), size=size)]).days[1] for size in ((3, 5), (30, 50)))
    assert by(small, 120) > by(large, 120)
    assert (small >= 1).all()


def test_an_experiment_takes_its_attempts_one_after_the_other() -> None:
    once, often = (run([work(ages=(5,), attempts=tries, scope_known=True)]).days[1] for tries in ((1, 1), (4, 6)))
    assert by(often, 30) < by(once, 30)
    assert (often >= once).all()


def test_the_record_moves_a_forecast_as_calibration_says() -> None:
    correction, marks = Correction(-0.4, Marks(0.2, 0.1), 0.7, 50), Marks(0.3, 0.5)
    plain = run([work()]).days[1]
    moved = run([work(correction=correction, marks=marks)]).days[1]
    expected = recalibrate(plain.astype(np.float64), correction, marks)
    assert np.quantile(moved, (0.1, 0.5, 0.9)) == pytest.approx(np.quantile(expected, (0.1, 0.5, 0.9)), rel=0.03, abs=1)


def test_a_part_can_be_simulated_again() -> None:
    works = [work(1), work(2, team=2, needs=(1,)), work(3, team=3)]
    teams = {one: team(one) for one in (1, 2, 3)}
    base = simulate(teams, works, today=TODAY, seed=SEED)
    more = replace(works[0], items=open_items((3, 8, 20, 33, 50, 0, 0, 0)))
    again = simulate_again(base, teams, [more, *works[1:]], touched={1}, seed=SEED)
    whole = simulate(teams, [more, *works[1:]], today=TODAY, seed=SEED)
    for one in (1, 2, 3):
        assert np.array_equal(again.days[one], whole.days[one])


ages = st.lists(st.integers(0, 400), min_size=0, max_size=20)


@settings(max_examples=40, deadline=None)
@given(ages=ages, more=st.integers(0, 400), days=st.integers(0, 700), seed=st.integers(0, 5))
def test_more_scope_never_raises_the_chance_and_a_later_date_never_lowers_it(
    ages: list[int], more: int, days: int, seed: int
) -> None:
    fewer = work(ages=ages, found=found(ages), usual_items=5)
    larger = replace(fewer, items=open_items([*ages, more]))
    before, after = (run([one], seed=seed).days[1] for one in (fewer, larger))
    assert by(after, days) <= by(before, days)
    assert by(before, days + 1) >= by(before, days)


@settings(max_examples=30, deadline=None)
@given(ages=ages, other=ages, days=st.integers(0, 700))
def test_waiting_for_something_never_helps(ages: list[int], other: list[int], days: int) -> None:
    free = run([work(1, ages), work(2, other)])
    bound = run([work(1, ages, needs=(2,)), work(2, other)])
    assert by(bound.days[1], days) <= by(free.days[1], days)
    assert np.array_equal(bound.days[2], free.days[2])


@settings(max_examples=30, deadline=None)
@given(ages=st.lists(st.integers(0, 4000), max_size=60), leads=st.lists(st.integers(0, 3000), min_size=1, max_size=40))
def test_days_are_whole_and_between_now_and_the_cap(ages: list[int], leads: list[int]) -> None:
    days = run([work(ages=ages)], [team(leads=np.sort(np.array(leads, dtype=float)))]).days[1]
    assert np.isfinite(days).all()
    assert ((days == np.round(days)) & (days >= 0) & (days <= 3650)).all()
