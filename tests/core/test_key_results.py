"""Progress up and down, scores that tell what they rest on, and parts that add up or do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.key_results import deliverables_progress, goal_score, parts_sum, progress, shortfall

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
