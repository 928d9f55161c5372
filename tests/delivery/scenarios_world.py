"""A team with a year behind it and a promise that it is likely to miss, forecast today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from delivery import forecasts
from delivery.models import Deliverable
from people.models import Person, Role
from teams.models import OpenRole, Team
from tests import builders
from tests.builders import at

DUE = 200  # days until the promise that is likely to be missed


@dataclass(frozen=True, slots=True)
class Late:
    """``late`` has fourteen open items and waits; ``other`` is of the same team; ``needed`` is what it waits for."""

    team: Team
    late: Deliverable
    other: Deliverable
    needed: Deliverable
    director: Person
    manager: Person
    engineer: Person


def late(today: date, made: datetime, *, role: str = "") -> Late:
    """``role``: the team looks for one."""
    director = builders.person("Mara Lindqvist", Role.DIRECTOR)
    manager = builders.person("Ines Duarte", Role.MANAGER)
    team = builders.team("Ranking", slug="ranking", group=builders.group(director=director), manager=manager)
    engineer = builders.member(team, builders.person("Noor Haddad"))
    for _ in range(3):
        builders.member(team)
    if role:
        OpenRole.objects.create(team=team, title=role, start=today + timedelta(days=40))
    source = builders.project(team, "RANK")
    done = [
        builders.item(
            source,
            "RANK",
            created=at(today - timedelta(days=day + 9)),
            started=at(today - timedelta(days=day + 5)),
            finished=at(today - timedelta(days=day)),
        )
        for day in range(2, 150)
    ]
    items = [builders.item(source, "RANK", created=at(today - timedelta(days=30)), flagged=n < 2) for n in range(14)]
    more = [builders.item(source, "RANK", created=at(today - timedelta(days=20))) for _ in range(8)]
    start = today - timedelta(days=60)
    needed = builders.deliverable(
        team, title="Event schema v3", target=today + timedelta(days=60), start=start, items=tuple(more[:3])
    )
    made_late = builders.deliverable(
        team,
        title="Cold-start ranking v2",
        owner=manager,
        target=today + timedelta(days=DUE),
        start=start,
        items=(*done[:8], *items),
    )
    made_late.depends_on.add(needed)
    other = builders.deliverable(
        team, title="Drift alerts", owner=manager, target=today + timedelta(days=70), start=start, items=tuple(more[3:])
    )
    forecasts.forecast_all(day=today, made=made)
    return Late(team, made_late, other, needed, director, manager, engineer)
