"""Goals of other times and out of sight: told of to nobody who should not know, and counted all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from delivery.goal_tree import GoalStanding, goals, running
from delivery.models import Goal, KeyResult
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY

pytestmark = pytest.mark.django_db
QUARTERS = [(date(2026, n, 1), date(2026, n + 3, 1)) for n in (1, 4, 7)] + [(date(2026, 10, 1), date(2027, 1, 1))]


@pytest.fixture
def team() -> Team:
    return builders.team()


def goal(title: str, start: date, end: date, **fields: Any) -> Goal:
    return Goal.objects.create(title=title, level=fields.pop("level", "company"), start=start, end=end, **fields)


def a_year_of_quarters(team: Team, **last: Any) -> Goal:
    """100 in a year, 25 a quarter, a deliverable in each."""
    year = goal("Year", QUARTERS[0][0], QUARTERS[3][1])
    whole = KeyResult.objects.create(goal=year, title="Whole", start=0, target=100, fed_by="parts")
    for number, (start, end) in enumerate(QUARTERS):
        part = goal(f"Q{number + 1}", start, end, level="team", team=team, parent=year, **(last if number == 3 else {}))
        KeyResult.objects.create(goal=part, title="Part", start=0, target=25, counts_towards=whole)
        builders.deliverable(team, title=f"D{number}").goals.add(part)
    return year


def standing(user: Person, of: Goal, **narrow: Any) -> GoalStanding:
    return next(one for one in goals(user, day=TODAY, **narrow) if one.id == of.pk)


def test_a_year_adds_up_whatever_time_is_asked_for(team: Team) -> None:
    director, year = builders.person(role=Role.DIRECTOR), a_year_of_quarters(team)
    now = standing(director, year, within=running(TODAY))
    assert (now.short, now.work, now.children, now.deliverables) == ((), 4, 1, 0)
    assert [one.title for one in goals(director, day=TODAY, within=running(TODAY))] == ["Year", "Q4"]
    every = standing(director, year)
    assert (every.short, every.work, every.children) == ((), 4, 4)


def test_what_is_hidden_counts_and_is_not_told_of(team: Team) -> None:
    year = a_year_of_quarters(team, confidential=True)
    found = standing(builders.person(), year)
    assert (found.short, found.work, found.children) == ((), 4, 3)


def test_a_stretch_that_is_hidden_is_not_named(team: Team) -> None:
    year = goal("Year", QUARTERS[0][0], QUARTERS[3][1])
    goal("Secret", *QUARTERS[3], level="team", team=team, parent=year, ambition="stretch", confidential=True)
    assert standing(builders.person(), year).short == ("It is committed, and every goal below it is a stretch.",)
