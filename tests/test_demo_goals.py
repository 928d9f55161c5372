"""The demo's goals show what Headway feeds, what few may see, and what cannot add up; all of it once."""

from __future__ import annotations

from datetime import date

import pytest

from config.demo import goals as demo
from config.demo import plan as planned
from delivery.goal_tree import goals, running
from delivery.models import Goal, KeyResult, KeyResultValue, Source
from people.models import Person, Role
from simulator.world import World

TODAY = date(2026, 11, 20)
KINDS = {"metric", "deliverables", "parts"}


@pytest.mark.django_db
def test_every_kind_of_feed_is_there_once_with_its_weeks_and_nothing_is_not_counted() -> None:
    world = World(people=30, teams=5, start=date(2026, 6, 1), anchor=date(2026, 11, 1))
    jira = Source.objects.create(name="Jira", kind="jira", url="https://jira.example.test")
    github = Source.objects.create(name="GitHub", kind="github", url="https://github.example.test")
    planned.seed(world.plan(TODAY), planned.Sources(jira, jira, github))
    count = demo.seed(TODAY)
    fed = KeyResult.objects.exclude(fed_by="typed")
    assert count == fed.count()
    assert set(fed.values_list("fed_by", flat=True)) == KINDS
    assert set(fed.values_list("current_on", flat=True)) == {TODAY}
    assert all(one.current is not None or one.unknown for one in fed)
    assert not fed.filter(fed_by="parts", current=None).exists()
    weeks = KeyResultValue.objects.filter(key_result__fed_by="parts", measured=True).values("day").distinct().count()
    assert weeks == demo.WEEKS + 1
    demo.seed(TODAY)
    assert (KeyResult.objects.exclude(fed_by="typed").count(), Goal.objects.filter(confidential=True).count()) == (
        count,
        1,
    )
    _falls_short_at_one_goal(demo.MISSING)


def _falls_short_at_one_goal(missing: int) -> None:
    director, engineer = (Person.objects.filter(role=role)[0] for role in (Role.DIRECTOR, Role.ENGINEER))
    for who, sees in ((director, True), (engineer, False)):
        found = goals(who, day=TODAY, within=running(TODAY))
        says = [says for one in found for says in one.short if "falls" in says]
        assert len(says) == 1
        assert f"falls {missing} short" in says[0]
        assert (demo.SECRET in [one.title for one in found]) is sees
