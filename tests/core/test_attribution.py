"""The chance of missing taken apart: shares add up, and each planted cause is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core import attribution, drivers
from delivery.core.ahead import Habit, TeamAhead, WorkAhead
from delivery.core.calibration import Correction, Marks
from delivery.core.chance import chance_by
from delivery.core.drivers import Cause, Drivers
from delivery.core.pace import Pace
from delivery.core.portfolio import simulate
from tests.core.portfolios import TODAY, found, team, work

SEED = 5
RECORD = Correction(-0.3, Marks(0.2, -0.1), 0.6, 60)


def explained(one: WorkAhead, owner: TeamAhead | None = None, *others: WorkAhead) -> Drivers:
    owner = owner or team()
    futures = simulate({owner.id: owner}, [one, *others], today=TODAY, seed=SEED)
    told = attribution.explain(one, owner, futures, usual=0.4, usual_n=30, seed=SEED)
    assert told is not None
    assert one.target is not None
    shown = 1 - chance_by(futures.days[one.id], (one.target - TODAY).days)
    assert told.missing == shown  # to the last digit: it is the same number
    assert told.usual + sum(share.share for share in told.shares) == pytest.approx(shown, abs=1e-12)
    return told


def top(told: Drivers) -> Cause:
    return told.shares[0].cause


def share(told: Drivers, cause: Cause) -> float:
    return next((one.share for one in told.shares if one.cause == cause), 0.0)


def small(**fields: Any) -> WorkAhead:
    """Two open items and plenty of time: it would be made."""
    return work(ages=(4, 9), days=120, correction=RECORD, **fields)


def test_growing_scope_is_found() -> None:
    ages = (60, 50, *range(1, 22))
    grown = work(
        ages=ages,
        days=90,
        correction=RECORD,
        added=[False, False] + [True] * 21,
        found=found([*ages, *[70] * 6]),
        found_before=found([60, 50, *[70] * 6]),
        at_commitment=8,
        done=6,
    )
    told = explained(replace(grown, added=21))
    assert top(told) == Cause.SCOPE
    assert told.shares[0].facts == {"grown": 21, "at_commitment": 8}


def test_what_is_done_of_the_additions_would_have_been_done_of_the_promise() -> None:
    ages = (60, 50, 9, 9)
    one = work(ages=ages, days=25, correction=RECORD, added=[False, False, True, True], at_commitment=8, done=12)
    told = explained(replace(one, added=8))
    assert share(told, Cause.SCOPE) > 0.3


def test_somebody_who_is_away_is_found() -> None:
    away = ((TODAY + timedelta(days=1), 0.1), (TODAY + timedelta(days=118), 1.0))
    told = explained(small(steps=away, away=(7,), alone=0.8))
    assert top(told) == Cause.ABSENCE
    assert told.shares[0].facts["people"] == [7]
    assert told.shares[0].facts["days_lost"] > 80


def test_waiting_for_something_late_is_found_and_named() -> None:
    late = work(2, ages=(300,) * 20, days=100, found=found([300.0] * 20))
    told = explained(small(needs=(2,)), None, late)
    assert top(told) == Cause.WAITING
    assert told.shares[0].facts == {"needs": [2]}


def test_too_much_work_for_the_time_is_its_size() -> None:
    told = explained(work(ages=range(1, 41), days=30))
    assert top(told) == Cause.SIZE
    assert told.shares[0].facts == {"items_open": 40, "days_left": 30}


@pytest.mark.parametrize(
    ("cause", "owner"),
    [
        (Cause.PACE, team(pace=Pace(0.5, 0.02, 1.7))),
        (Cause.REVIEWS, team(reviews=Habit(12.0, 1.0))),
        (Cause.UNPLANNED, team(unplanned=Habit(0.75, 0.25))),
    ],
)
def test_a_habit_that_got_worse_raises_the_chance_of_missing(cause: Cause, owner: TeamAhead) -> None:
    told = explained(small(), owner)
    assert share(told, cause) > 0.01
    better = {
        Cause.PACE: team(pace=Pace(1.7, 0.02, 0.5)),
        Cause.REVIEWS: team(reviews=Habit(1.0, 12.0)),
        Cause.UNPLANNED: team(unplanned=Habit(0.25, 0.75)),
    }
    assert share(explained(small(), better[cause]), cause) < -0.01


def test_a_habit_that_is_as_usual_or_not_known_is_no_cause() -> None:
    told = explained(small(), team(pace=Pace(1.0, 0.02, 1.0), reviews=Habit(2.0, None), unplanned=Habit()))
    assert [one.cause for one in told.shares] == [Cause.SIZE]


def test_old_and_blocked_items_and_a_late_start_are_told() -> None:
    told = explained(
        work(
            ages=(4, 200, 300),
            days=60,
            ids=(7, 8, 9),
            stuck=[False, True, True],
            blocked=[False, False, True],
            late=20.0,
        )
    )
    assert share(told, Cause.AGEING) > 0
    facts = {one.cause: one.facts for one in told.shares}
    assert facts[Cause.AGEING] == {"blocked": 1, "old": 1, "items": [8, 9]}
    assert facts[Cause.LATE_START] == {"days": 20}
    assert share(told, Cause.LATE_START) > 0
    assert share(explained(work(days=60, late=-20.0)), Cause.LATE_START) < 0


def test_without_a_promise_there_is_nothing_to_take_apart() -> None:
    futures = simulate({1: team()}, [work(days=None)], today=TODAY, seed=SEED)
    assert attribution.explain(work(days=None), team(), futures, usual=0.4, usual_n=3, seed=SEED) is None


def test_a_promise_that_is_over_is_explained_too() -> None:
    told = explained(work(days=-10, late=3.0))
    assert told.missing > 0.99


def test_drivers_are_kept_and_read_again() -> None:
    told = explained(small(late=5.0))
    assert drivers.from_json(drivers.as_json(told)) == told
    assert drivers.from_json({}) is None


@settings(max_examples=25, deadline=None)
@given(
    ages=st.lists(st.integers(0, 300), min_size=1, max_size=15),
    flags=st.lists(st.booleans(), min_size=30, max_size=30),
    days=st.integers(-20, 300),
    late=st.one_of(st.none(), st.floats(-40, 40)),
    leave=st.floats(0, 1),
    now=st.floats(0.05, 0.95),
    level=st.floats(-1, 3),
)
def test_shares_always_add_up(
    ages: list[int], flags: list[bool], days: int, late: float | None, leave: float, now: float, level: float
) -> None:
    one = work(
        ages=ages,
        days=days,
        late=late,
        added=flags[: len(ages)],
        stuck=flags[15 : 15 + len(ages)],
        blocked=np.zeros(len(ages)),
        ids=range(len(ages)),
        steps=((TODAY + timedelta(days=3), leave), (TODAY + timedelta(days=60), 1.0)),
        correction=RECORD,
        at_commitment=4,
        needs=(2,),
    )
    owner = team(pace=Pace(level, 0.05, 1.0), unplanned=Habit(now, 0.4))
    explained(replace(one, added=sum(flags[: len(ages)])), owner, work(2, ages=(40, 80)))
