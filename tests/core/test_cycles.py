"""Circles are found and named in the order in which they lead back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from delivery.core.cycles import circle, way

ARROWS = {"a": ["b"], "b": ["c", "d"], "c": ["e"], "d": []}


def test_the_shortest_way_is_told_with_both_ends() -> None:
    assert way(ARROWS, "a", "e") == ["a", "b", "c", "e"]
    assert way(ARROWS, "e", "a") is None
    assert way(ARROWS, "a", "a") == ["a"]


def test_a_circle_begins_and_ends_where_the_new_arrow_does() -> None:
    assert circle(ARROWS, "e", ["a"]) == ["e", "a", "b", "c", "e"]
    assert circle(ARROWS, "e", ["d"]) is None
    assert circle(ARROWS, "a", ["a"]) == ["a", "a"]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25), st.integers(0, 7), st.integers(0, 7))
def test_a_way_goes_along_arrows_only(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    arrows: dict[int, list[int]] = {}
    for one, other in pairs:
        arrows.setdefault(one, []).append(other)
    found = way(arrows, start, end)
    reached, before = {start}, set[int]()
    while reached != before:
        before, reached = reached, reached | {there for one in reached for there in arrows.get(one, ())}
    assert (found is not None) is (end in reached)
    if found:
        assert found[0] == start
        assert found[-1] == end
        assert all(two in arrows[one] for one, two in zip(found, found[1:], strict=False))
