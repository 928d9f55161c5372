"""What key results count towards, from a file: the title of one of the goal above."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from delivery import csv_plans
from delivery.models import Goal, KeyResult
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.delivery.csv_world import imported

pytestmark = pytest.mark.django_db
DAYS = {"start": date(2026, 7, 1), "end": date(2027, 1, 1)}


@pytest.fixture
def team() -> Team:
    return builders.team("ML", slug="ml", manager=builders.person("Mara", Role.MANAGER))


@pytest.fixture
def top() -> Goal:
    made = Goal.objects.create(slug="top", title="Top", level="company", **DAYS)
    KeyResult.objects.create(goal=made, title="Whole", start=0, target=9, fed_by="parts")
    return made


def line(parent: str = "top", **more: Any) -> str:
    part = {"title": "Part", "start": 0, "target": 3} | more
    cell = json.dumps([part]).replace('"', '""')
    head = "slug,title,level,team,parent,first_day,last_day,key_results"
    return f'{head}\nmine,Mine,team,ml,{parent},2026-07-01,2026-12-31,"{cell}"\n'


def whole() -> str:
    above = KeyResult.objects.get(title="Part").counts_towards
    return above.title if above else ""


def test_it_is_found_by_its_title_kept_and_taken_away(team: Team, top: Goal) -> None:
    imported("goals", line(counts_towards="Whole"))
    assert whole() == "Whole"
    assert not csv_plans.plan("goals", line(), user=None).changes_something  # the file does not say
    imported("goals", line(target=4))
    assert whole() == "Whole"
    imported("goals", line(target=4, counts_towards=""))
    assert whole() == ""


def test_both_may_come_in_one_file(team: Team) -> None:
    goal = line(counts_towards="New").splitlines()[1]
    cell = '"[{""title"": ""New"", ""start"": 0, ""target"": 9}]"'
    above = f"top,Top,company,,,2026-07-01,2026-12-31,{cell}"
    imported("goals", "\n".join([line().splitlines()[0], goal, above]))
    assert whole() == "New"


@pytest.mark.parametrize(("parent", "towards"), [("top", "Nothing"), ("", "Whole")])
def test_what_is_not_there_is_said(parent: str, towards: str, team: Team, top: Goal) -> None:
    (fault,) = csv_plans.plan("goals", line(parent, counts_towards=towards), user=None).faults
    assert (fault.column, "has no key result called" in fault.text) == ("key_results", True)


def test_what_counts_towards_a_hidden_goal_stays_and_is_not_named(team: Team, top: Goal) -> None:
    imported("goals", line(counts_towards="Whole"))
    Goal.objects.filter(pk=top.pk).update(confidential=True)
    manager = Person.objects.get(role=Role.MANAGER)
    text = csv_plans.export("goals", user=manager)
    assert "Whole" not in text
    csv_plans.apply(csv_plans.plan("goals", text.replace("Mine", "Ours"), user=manager))
    assert (whole(), Goal.objects.get(slug="mine").parent) == ("Whole", top)
