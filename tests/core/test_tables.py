"""What the last of many items takes, read from tables: each deliverable's own, and never sooner with one item more."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from delivery.core.tables import last_of, still_open

LEADS = np.sort(np.ceil(np.random.default_rng(3).lognormal(2.2, 1.0, 60)))
AGES = st.lists(st.integers(0, 800), min_size=1, max_size=24)


def table(*deliverables: list[int]) -> np.ndarray:
    """The table of each deliverable, made together; a row each."""
    ages = np.array([age for mine in deliverables for age in mine], dtype=float)
    firsts = np.cumsum([0, *(len(mine) for mine in deliverables[:-1])]).tolist()
    return last_of(still_open(ages, LEADS), np.ones(len(ages)), firsts)


@given(AGES, AGES, AGES)
def test_a_table_is_the_same_whatever_stands_beside_it(mine: list[int], before: list[int], after: list[int]) -> None:
    assert np.array_equal(table(before, mine, after)[1], table(mine)[0])


@given(AGES, st.integers(0, 800))
def test_one_item_more_is_never_sooner(ages: list[int], more: int) -> None:
    assert (table([*ages, more])[0] >= table(ages)[0]).all()
