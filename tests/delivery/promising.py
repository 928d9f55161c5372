"""Teams with half a year of steady work, and what they promised."""

from __future__ import annotations

from datetime import date, timedelta

from delivery.models import Deliverable, Forecast, Source, WorkItem
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

NOW = at(TODAY, 6)
DAY = timedelta(days=1)
SOON = TODAY + 40 * DAY


def a_team(name: str = "Ranking", people: int = 4) -> Team:
    made = builders.team(name)
    source = builders.project(made, f"P{made.pk}")
    for week in range(26):
        builders.item(
            source,
            f"P{made.pk}",
            created=at(TODAY - (7 * week + 12) * DAY),
            started=at(TODAY - (7 * week + 6) * DAY),
            finished=at(TODAY - (7 * week + 1) * DAY),
        )
    for _ in range(people):
        builders.member(made)
    return made


def open_items(team: Team, count: int = 6, days_ago: int = 10, **fields: object) -> tuple[WorkItem, ...]:
    source = Source.objects.get(team_scopes__team=team)
    created = at(TODAY - days_ago * DAY)
    return tuple(builders.item(source, f"P{team.pk}", created=created, **fields) for _ in range(count))


def promised(team: Team, target: date = SOON, items: int = 6, **fields: object) -> Deliverable:
    return builders.deliverable(team, target=target, items=open_items(team, items), **fields)  # type: ignore[arg-type]


def chance(of: Deliverable) -> float:
    found = Forecast.objects.get(deliverable=of, day=TODAY).chance
    assert found is not None
    return found
