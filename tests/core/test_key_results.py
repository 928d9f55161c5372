"""Progress up and down, scores that tell what they rest on, and parts that add up or do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.key_results import (
    deliverables_progress,
    goal_score,
    parts_first,
    parts_sum,
    progress,
    shortfall,
)

numbers = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("start", "target", "current", "expected"),
    [(0, 41, 27, 27 / 41), (48, 5, 19, 29 / 43), (0, 1, 1, 1), (0, 100, 130, 1), (0, 100, -5, 0), (48, 5, 60, 0)],
)
def test_progress_goes_up_or_down_and_stays_within_the_way(
    start: float, target: float, current: float, expected: float
) -> None:
    assert progress(start, target, current) == pytest.approx(expected)


def test_what_is_not_known_is_no_progress_of_nought() -> None:
    assert progress(0, 10, None) is None
    assert goal_score([None, None]).value is None
    found = goal_score([0.5, None, 1.0])
    assert (found.value, found.n, found.left_out, found.why) == (0.75, 2, 1, "1 without a value")
    assert goal_score([]).why == "no key results"


def test_deliverables_without_items_are_left_out_and_told() -> None:
    found = deliverables_progress([1.0, 0.5, None])
    assert (found.value, found.n, found.left_out, found.why) == (0.75, 2, 1, "1 without items")
    assert deliverables_progress([]).value is None


def test_parts_bring_what_they_have_come_since_their_start() -> None:
    found = parts_sum(10, [(0, 4), (5, 8), (1, None)])
    assert (found.value, found.n, found.left_out) == (17, 2, 1)


@pytest.mark.parametrize(
    ("start", "target", "parts", "missing"),
    [(0, 41, [(0, 20), (0, 15)], 6), (0, 41, [(0, 41)], 0), (100, 60, [(50, 40), (30, 10)], 10), (0, 1, [], 1)],
)
def test_targets_of_parts_fall_short_in_the_direction_of_the_whole(
    start: float, target: float, parts: list[tuple[float, float]], missing: float
) -> None:
    assert shortfall(start, target, parts) == pytest.approx(missing)


@given(numbers, numbers, numbers)
def test_progress_is_a_share_and_whole_at_the_target(start: float, target: float, current: float) -> None:
    if abs(start - target) < 1e-3:
        return
    found = progress(start, target, current)
    assert found is not None
    assert 0 <= found <= 1
    assert progress(start, target, target) == 1
    assert progress(start, target, start) == 0


@given(numbers, st.floats(0.01, 1e5), st.lists(st.floats(0.01, 1e3), min_size=1, max_size=6))
def test_one_more_part_never_makes_more_missing(start: float, way: float, ways: list[float]) -> None:
    parts = [(0.0, one) for one in ways]
    assert shortfall(start, start + way, parts) <= shortfall(start, start + way, parts[1:]) + 1e-6


@given(st.lists(st.none() | st.floats(0, 1)))
def test_a_score_lies_among_what_it_rests_on_and_leaves_nothing_untold(found: list[float | None]) -> None:
    known = [one for one in found if one is not None]
    score = goal_score(found)
    assert (score.n, score.left_out) == (len(known), len(found) - len(known))
    assert (score.value is None) == (not known)
    assert score.value is None or min(known) - 1e-9 <= score.value <= max(known) + 1e-9


@given(numbers, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6), numbers)
def test_what_one_part_has_come_moves_the_sum_by_as_much(
    start: float, parts: list[tuple[float, float]], by: float
) -> None:
    before = parts_sum(start, parts).value
    after = parts_sum(start, [(parts[0][0], parts[0][1] + by), *parts[1:]]).value
    assert before is not None
    assert after == pytest.approx(before + by, abs=1e-6)
    assert parts_sum(start, [*parts, (0, None)]).value == before


def test_nothing_known_of_the_parts_is_no_sum_of_nought() -> None:
    assert (parts_sum(10, []).value, parts_sum(10, []).why) == (None, "nothing counts towards it")
    found = parts_sum(10, [(0, None)])
    assert (found.value, found.left_out, found.why) == (None, 1, "1 without a value")


def test_parts_that_add_up_or_go_further_fall_short_by_nothing() -> None:
    assert shortfall(100, 60, [(50, 20), (30, 10)]) == 0
    assert shortfall(0, 0.3, [(0, 0.1), (0, 0.2)]) == 0
    assert shortfall(0, 10, [(0, -5)]) == 15


def test_parts_come_before_what_they_count_towards() -> None:
    assert parts_first({"company": ["group", "x"], "group": ["team"], "team": ["y"]}) == (
        ["team", "group", "company"],
        set(),
    )


def test_a_circle_is_found_and_what_counts_towards_something_sound_is_not_in_it() -> None:
    order, round_and_round = parts_first({1: [2], 2: [3], 3: [1, 5], 4: [4], 5: [], 6: [5]})
    assert (order, round_and_round) == ([5, 6], {1, 2, 3, 4})


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 12), max_size=10))
def test_every_whole_is_in_the_order_or_in_a_circle(towards: dict[int, int]) -> None:
    parts = {whole: [part for part, its in towards.items() if its == whole] for whole in range(10)}
    order, round_and_round = parts_first(parts)
    assert sorted([*order, *round_and_round]) == list(range(10))
    for whole in range(10):
        seen, here = set(), whole
        while here in towards and here not in seen:
            seen.add(here)
            here = towards[here]
        assert (whole in round_and_round) == (whole in seen and here == whole)
    assert all(order.index(part) < order.index(whole) for whole in order for part in parts[whole])
