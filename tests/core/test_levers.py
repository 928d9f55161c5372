"""Levers pulled: what each does, to whom, and what cannot be pulled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.core import kept, levers, what_if
from delivery.core.ahead import Habit, Role, TeamAhead, WorkAhead
from delivery.core.calibration import Correction, Marks
from delivery.core.comparing import compare
from delivery.core.counterfactual import Ahead, Impossible, pull, touched
from delivery.core.levers import Lever, LeverKind
from delivery.core.mapping import added, ramp
from delivery.core.pace import Pace
from delivery.core.portfolio import Futures, simulate
from delivery.core.search import search
from delivery.core.what_if import Outcome
from tests.core.portfolios import TODAY, team, work

SEED = 7
SOON = TODAY + timedelta(days=7)
RECORD = Correction(-0.2, Marks(0.3, -0.2), 0.7, 40)


def organisation(*works: WorkAhead, teams: list[TeamAhead] | None = None) -> Ahead:
    return Ahead({one.id: one for one in teams or [team(1), team(2)]}, {one.id: one for one in works})


def futures(ahead: Ahead) -> Futures:
    return simulate(ahead.teams, list(ahead.works.values()), today=TODAY, seed=SEED)


def tried(ahead: Ahead, *pulled: Lever, subject: int = 1) -> Outcome:
    return compare(ahead, futures(ahead), subject, pulled, seed=SEED)


def change(outcome: Outcome) -> float:
    assert outcome.subject.change is not None
    return outcome.subject.change


MANY = work(1, ages=range(1, 21), days=50, correction=RECORD)
SIBLING = work(2, ages=(5, 9, 14, 30), days=60, correction=RECORD)
ELSEWHERE = work(3, ages=(5, 9, 14, 30), days=60, team=2, correction=RECORD)


def test_no_lever_changes_nothing() -> None:
    outcome = tried(organisation(MANY, SIBLING, ELSEWHERE))
    assert outcome.subject.now == outcome.subject.then
    assert outcome.others == ()


def test_work_left_for_later_helps_and_more_of_it_helps_more() -> None:
    ahead = organisation(MANY, SIBLING)
    few, more = (tried(ahead, Lever(LeverKind.REMOVE_SCOPE, 1, items=items)) for items in (4, 14))
    assert change(more) < change(few) < 0
    assert more.subject.low is not None
    assert more.subject.high is not None
    assert more.subject.low <= change(more) <= more.subject.high


def test_what_nobody_has_begun_is_left_first() -> None:
    begun = work(1, ages=range(1, 11), begun=[True] * 3 + [False] * 7, ids=range(10))
    ahead = pull(organisation(begun), [Lever(LeverKind.REMOVE_SCOPE, 1, items=7)])
    assert ahead.works[1].items.ids == (0, 1, 2)


def test_more_work_hurts_and_a_later_day_helps() -> None:
    ahead = organisation(MANY)
    assert change(tried(ahead, Lever(LeverKind.ADD_SCOPE, 1, items=15))) > 0
    assert MANY.target is not None
    later = tried(ahead, Lever(LeverKind.MOVE_DATE, 1, day=MANY.target + timedelta(days=60)))
    assert change(later) < 0
    assert later.subject.then.p50 == later.subject.now.p50
    assert later.subject.then.target == MANY.target + timedelta(days=60)


def test_borrowed_people_help_one_team_and_cost_the_other() -> None:
    ahead = organisation(MANY, ELSEWHERE)
    outcome = tried(ahead, Lever(LeverKind.ADD_PEOPLE, team=1, people=2.0, day=SOON, lender=2))
    assert change(outcome) < 0
    (other,) = outcome.others
    assert other.deliverable == 3
    assert (other.change or 0) > 0
    assert outcome.disturbance == other.change
    assert touched(ahead, [Lever(LeverKind.ADD_PEOPLE, team=1, people=2.0, day=SOON, lender=2)]) == {1, 2}


def test_people_who_leave_again_help_less() -> None:
    ahead = organisation(MANY)
    lent = Lever(LeverKind.ADD_PEOPLE, team=1, people=2.0, day=SOON, until=SOON + timedelta(days=14))
    for_good = replace(lent, until=None)
    assert change(tried(ahead, for_good)) < change(tried(ahead, lent)) <= 0


def test_coming_first_holds_up_the_rest_of_the_team() -> None:
    outcome = tried(organisation(MANY, SIBLING, ELSEWHERE), Lever(LeverKind.PUT_FIRST, 1))
    assert change(outcome) < 0
    assert {one.deliverable for one in outcome.others} <= {2}


def test_a_change_reaches_what_waits_for_it_in_another_team() -> None:
    waiting = replace(ELSEWHERE, needs=(1,))
    outcome = tried(organisation(MANY, waiting), Lever(LeverKind.REMOVE_SCOPE, 1, items=15))
    (other,) = outcome.others
    assert (other.change or 0) < 0


def test_clearing_what_is_stuck_and_doing_without_another_help() -> None:
    stuck = work(1, ages=(3, 5, 250, 300), days=60, stuck=[False, False, True, True])
    assert change(tried(organisation(stuck), Lever(LeverKind.UNBLOCK, 1))) < 0
    bound = work(1, ages=(3, 5), days=60, needs=(2,))
    late = work(2, ages=(90,) * 12, days=60)
    free = tried(organisation(bound, late), Lever(LeverKind.DROP_DEPENDENCY, 1, needs=2))
    assert change(free) < -0.1


def test_a_role_filled_later_hurts_and_sooner_helps() -> None:
    role = Role(9, TODAY + timedelta(days=30), 0.5, 4)
    arriving = added((), ramp(role.start, role.part, role.ramp_weeks))
    ahead = organisation(replace(MANY, steps=arriving, full=arriving), teams=[team(1, roles=(role,))])
    late, soon = (tried(ahead, Lever(LeverKind.HIRE, role=9, day=TODAY + timedelta(days=days))) for days in (120, 8))
    assert change(soon) < 0 < change(late)
    assert change(tried(ahead, Lever(LeverKind.HIRE, role=9, day=role.start))) == pytest.approx(0, abs=1e-9)


def test_levers_together_do_what_they_do_one_after_the_other() -> None:
    ahead = organisation(MANY)
    both = [Lever(LeverKind.REMOVE_SCOPE, 1, items=5), Lever(LeverKind.REMOVE_SCOPE, 1, items=5)]
    assert len(pull(ahead, both).works[1].items.ages) == 10


@pytest.mark.parametrize(
    ("lever", "says"),
    [
        (Lever(LeverKind.REMOVE_SCOPE, 1, items=21), "Only 20 items are open"),
        (Lever(LeverKind.PUT_FIRST, 77), "has no forecast to change"),
        (Lever(LeverKind.DROP_DEPENDENCY, 1, needs=2), "does not wait"),
        (Lever(LeverKind.ADD_PEOPLE, team=3, people=1.0, day=SOON), "Nobody is in this team"),
        (Lever(LeverKind.ADD_PEOPLE, team=1, people=6.0, day=SOON, lender=2), "not so many people"),
        (Lever(LeverKind.HIRE, role=4, day=SOON), "not open any more"),
    ],
)
def test_what_cannot_be_pulled_says_why(lever: Lever, says: str) -> None:
    with pytest.raises(Impossible, match=says):
        tried(organisation(MANY, SIBLING), lever)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "remove_scope", "deliverable": 1},
        {"kind": "remove_scope", "deliverable": 1, "items": -3},
        {"kind": "move_date", "deliverable": 1, "day": "soon"},
        {"kind": "move_date", "deliverable": 1, "day": 5},
        {"kind": "teleport", "deliverable": 1},
        {"kind": ["put_first"], "deliverable": 1},
        {"kind": "put_first", "deliverable": True},
        {"kind": "put_first", "deliverable": "1"},
        {"kind": "remove_scope", "deliverable": 1, "items": 1e400},
        {"kind": "add_people", "team": 1, "people": float("nan"), "day": "2026-12-01"},
        {"kind": "put_first", "deliverable": 1, "colour": "red"},
        {"kind": "add_people", "team": 1, "people": 1.0, "day": "2026-12-01", "until": "2026-11-01"},
        {"kind": "add_people", "team": 1, "people": 1.0, "day": "2026-12-01", "lender": 1},
        {},
    ],
)
def test_what_is_no_lever_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        levers.from_json([wrong])


def test_levers_and_outcomes_are_kept_and_read_again() -> None:
    pulled = (Lever(LeverKind.ADD_PEOPLE, team=1, people=1.5, day=SOON, until=SOON + timedelta(days=9), lender=2),)
    assert levers.from_json(levers.as_json(pulled)) == pulled
    outcome = tried(organisation(MANY, ELSEWHERE), *pulled)
    assert what_if.from_json(what_if.as_json(outcome)) == outcome


def test_the_search_finds_the_smallest_that_is_enough_and_ranks_what_disturbs_least() -> None:
    ahead = organisation(MANY, SIBLING, ELSEWHERE)
    base = futures(ahead)
    found = search(ahead, base, MANY, lambda pulled: compare(ahead, base, 1, pulled, seed=SEED), wanted=0.3)
    assert found
    enough = [one for one in found if one.reaches]
    assert enough == list(found[: len(enough)])
    for one in enough:
        assert (one.outcome.subject.then.missing or 1) <= 0.3
    (moved,) = [one for one in found if one.levers[0].kind == LeverKind.MOVE_DATE and len(one.levers) == 1]
    (day,) = moved.levers
    assert day.day is not None
    a_week_less = tried(ahead, replace(day, day=day.day - timedelta(days=7)))
    assert (a_week_less.subject.then.missing or 0) > 0.3


def test_nothing_is_suggested_without_a_promise() -> None:
    undated = replace(MANY, target=None)
    ahead = organisation(undated)
    assert search(ahead, futures(ahead), undated, lambda pulled: tried(ahead, *pulled), wanted=0.1) == ()


def test_what_lies_ahead_is_kept_and_simulated_again_to_the_same_days() -> None:
    away = ((TODAY + timedelta(days=4), 0.25), (TODAY + timedelta(days=30), 1.0))
    one = replace(
        work(
            1,
            ages=(3, 8, 90),
            begun=[True, False, False],
            stuck=[False, False, True],
            added=[False, True, False],
            ids=(5, 6, 7),
        ),
        steps=away,
        size=(4, 9),
        attempts=(1, 3),
        needs=(2,),
        correction=RECORD,
        marks=Marks(0.1, 0.3),
        late=4.0,
        alone=0.6,
        away=(3, 4),
    )
    owner = team(
        1,
        pace=Pace(1.0, 0.1, 1.2),
        holidays=frozenset({TODAY + timedelta(days=2)}),
        shared={3: 0.4},
        roles=(Role(9, SOON, 0.2, 12),),
        reviews=Habit(1.5, 1.0),
    )
    again_team, again_work = kept.team_of(kept.team_json(owner)), kept.work_of(kept.work_json(one))
    before = simulate({1: owner}, [one, SIBLING], today=TODAY, seed=SEED)
    after = simulate({1: again_team}, [again_work, SIBLING], today=TODAY, seed=SEED)
    assert np.array_equal(before.days[1], after.days[1])
    assert kept.team_json(again_team) == kept.team_json(owner)
    assert kept.work_json(again_work) == kept.work_json(one)


@settings(max_examples=25, deadline=None)
@given(
    ages=st.lists(st.integers(0, 300), min_size=1, max_size=25),
    begun=st.lists(st.booleans(), min_size=25, max_size=25),
    items=st.integers(1, 30),
    days=st.integers(1, 400),
    size=st.floats(-0.5, 0.8),
    started=st.floats(-0.8, 0.5),
)
def test_less_work_never_hurts_and_more_never_helps_whatever_the_record_says(
    ages: list[int], begun: list[bool], items: int, days: int, size: float, started: float
) -> None:
    record = Correction(-0.2, Marks(size, started), 0.7, 40)
    one = work(1, ages=ages, days=days, begun=begun[: len(ages)], correction=record)
    ahead = organisation(one)
    if items <= len(ages):
        assert change(tried(ahead, Lever(LeverKind.REMOVE_SCOPE, 1, items=items))) <= 1e-9
    assert change(tried(ahead, Lever(LeverKind.ADD_SCOPE, 1, items=items))) >= -1e-9
