"""The demo's bets show every verdict, two decided this week, and one that is past its day; all of it once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from config.demo import bets as demo
from config.demo import plan as planned
from delivery.bets import as_told, decided_between, problems
from delivery.models import Bet, Source
from people.models import Person, Role
from simulator.world import World

TODAY = date(2026, 11, 20)


@pytest.mark.django_db
def test_there_is_one_of_every_verdict_and_nothing_that_a_form_would_refuse() -> None:
    assert demo.seed(TODAY) == 0  # without teams
    world = World(people=30, teams=5, start=date(2026, 6, 1), anchor=date(2026, 11, 1))
    jira = Source.objects.create(name="Jira", kind="jira", url="https://jira.example.test")
    github = Source.objects.create(name="GitHub", kind="github", url="https://github.example.test")
    planned.seed(world.plan(TODAY), planned.Sources(jira, jira, github))
    assert demo.seed(TODAY) == len(demo.SEEDS) == 8
    assert demo.seed(TODAY + timedelta(days=9)) == 8
    found = list(Bet.objects.all())
    assert {one.verdict for one in found} == {"", *Bet.Verdict.values}
    assert all(problems(as_told(one), before=one) == {} for one in found)
    assert sum(not one.verdict and one.decide_by < TODAY for one in found) == 1
    reader = Person.objects.filter(role=Role.ENGINEER)[0]
    week = decided_between(reader, TODAY - timedelta(days=7), TODAY)
    assert [one.verdict for one in week] == ["validated", "disproved"]
