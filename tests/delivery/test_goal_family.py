"""What is above and below a goal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from delivery.goal_family import family
from delivery.models import Goal

pytestmark = pytest.mark.django_db


def goal(parent: Goal | None = None, **fields: Any) -> Goal:
    days = {"start": date(2026, 10, 1), "end": date(2027, 1, 1)}
    return Goal.objects.create(title="Goal", level="company", parent=parent, **days, **fields)


def test_a_family_is_all_above_and_all_below_and_nobody_beside(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    top = goal()
    middle, beside = goal(top), goal(top)
    mine = goal(middle)
    low, dropped = goal(mine), goal(mine, dropped=date(2026, 11, 1))
    goal(beside), goal()
    with django_assert_num_queries(1):
        found = family(mine)
    assert found == {one.pk for one in (top, middle, mine, low, dropped)}


def test_a_circle_ends() -> None:
    top = goal()
    low = goal(top)
    Goal.objects.filter(pk=top.pk).update(parent=low)
    assert family(low) == {top.pk, low.pk}
