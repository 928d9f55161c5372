"""The counts beside the teams: the same as counting all promises, without making them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries

from delivery.core.chance import Level
from delivery.likely import likely_by_team
from delivery.models import Commitment, Deliverable, Forecast
from delivery.promises import promises
from people.models import Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db
SOON = TODAY + timedelta(days=20)
DAY = timedelta(days=1)


@pytest.fixture
def director() -> Person:
    return builders.person(role=Role.DIRECTOR)


def risky(team: Team, title: str, chance: float | None = 0.1, *, on: int = 0, **fields: Any) -> Deliverable:
    """Promised, with a forecast of ``on`` days ago that spreads over a hundred days."""
    row = builders.deliverable(team, title=title, target=SOON)
    Deliverable.objects.filter(pk=row.pk).update(**fields)
    day = TODAY - on * DAY
    spread = (
        {"quantiles": [float(n) for n in range(1, 100)], "p50": day + 50 * DAY}
        if chance is not None
        else {"reason": "New."}
    )
    Forecast.objects.create(deliverable=row, day=day, made=at(day), chance=chance, target=SOON, version=1, **spread)
    return row


def moved(row: Deliverable, days: int, **fields: Any) -> None:
    Commitment.objects.create(deliverable=row, given=TODAY, target=SOON + days * DAY, **fields)


def world() -> None:
    """All that may or may not count, in two teams."""
    one, two = builders.team("One"), builders.team("Two")
    risky(one, "Likely")
    risky(one, "On track", 0.95)
    risky(one, "Unknown", None)
    risky(one, "Two days old", on=2)
    risky(one, "Too old", on=3)
    risky(one, "Delivered", delivered=TODAY - DAY)
    risky(one, "Dropped", dropped=TODAY)
    moved(risky(two, "Moved to where it is made"), 300, cause="scope", note="x")
    moved(risky(two, "Moved to where it is not", 0.95), -10, cause="scope", note="x")
    given = Commitment.objects.get(deliverable=risky(two, "Corrected", 0.95))
    moved(given.deliverable, -15, corrects=given, corrected_on=TODAY, note="Mistyped")
    builders.deliverable(two, title="Never promised")


def counted(user: Any, day: Any) -> Counter[str]:
    return Counter(one.team_slug for one in promises(user, day=day) if one.level == Level.LIKELY)


@pytest.mark.parametrize("back", [0, 1, 2, 4])
def test_it_counts_what_the_promises_say(director: Person, back: int) -> None:
    world()
    day = TODAY - back * DAY
    assert likely_by_team(director, day=day) == counted(director, day)


def test_likely_ones_are_counted_by_team(director: Person) -> None:
    world()
    assert sorted(likely_by_team(director, day=TODAY).values()) == [2, 2]


def test_nobody_sees_nothing() -> None:
    world()
    assert not likely_by_team(AnonymousUser(), day=TODAY)


def test_it_asks_twice_whatever_there_is(director: Person, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    world()
    with django_assert_num_queries(2):
        likely_by_team(director, day=TODAY)
