"""The demo's plan becomes rows, and becomes them once."""

from __future__ import annotations

from datetime import date

import pytest

from config.demo import plan as planned
from delivery.models import Deliverable, Source
from simulator.world import World
from teams.models import OpenRole

TODAY = date(2026, 11, 20)


@pytest.mark.django_db
def test_open_roles_and_sizes_are_written_once_and_what_was_changed_of_them_stays() -> None:
    world = World(people=30, teams=5, start=date(2026, 6, 1), anchor=date(2026, 11, 1))
    jira = Source.objects.create(name="Jira", kind="jira", url="https://jira.example.test")
    github = Source.objects.create(name="GitHub", kind="github", url="https://github.example.test")
    plan, sources = world.plan(TODAY), planned.Sources(jira, jira, github)
    planned.seed(plan, sources)
    role = OpenRole.objects.get()
    role.start = date(2027, 1, 11)
    role.save()
    planned.seed(plan, sources)
    assert OpenRole.objects.get().start == date(2027, 1, 11)
    sized = Deliverable.objects.exclude(size_high=None)
    assert [(one.size_low, one.size_high) for one in sized] == [one.size for one in plan.deliverables if one.size]
    assert sized.count() == 1
