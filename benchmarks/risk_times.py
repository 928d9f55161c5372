"""The time of a run of the register's rules, measured inside Django on made-up rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext

from delivery import risks
from delivery.forecasts import forecast_all
from delivery.models import Commitment, Deliverable, Risk, ScopedItem, Source, TeamScope, WorkItem
from people.models import Person
from teams.models import Group, Membership, Team

TEAMS, EACH, ITEMS, PAST, PEOPLE = 30, 10, 12, 250, 6
DAY = timedelta(days=1)


def main() -> None:
    """Fill the database, forecast, and print how big it is and what each run took."""
    now = datetime.now(UTC)
    fill(now)
    forecast_all(day=now.date(), made=now)
    print(
        f"{TEAMS} teams, {Deliverable.objects.count()} open deliverables, {WorkItem.objects.count():,} items; a first run "
        f"opens or watches {TEAMS * EACH} and more.\n\n| run | seconds | queries | open | seen, not yet open |\n|---|---|---|---|---|"
    )
    for name, day in (("the first", now), ("the same day again", now), ("three days later", now + 3 * DAY)):
        took, queries = measured(lambda day=day: risks.keep_risks(day=day.date(), now=day))  # type: ignore[misc]
        pending = Risk.objects.filter(state="pending").count()
        is_open = Risk.objects.exclude(state__in=("pending", "closed")).count()
        print(f"| {name} | {took:.2f} | {queries} | {is_open} | {pending} |", flush=True)


def measured(act: Callable[[], Any]) -> tuple[float, int]:
    """(seconds, queries)."""
    with CaptureQueriesContext(connection) as captured:
        began = time.perf_counter()
        act()
        return time.perf_counter() - began, len(captured)


def fill(now: datetime) -> None:
    """Teams with a year of finished items, and deliverables of which half the items are open; every third waits."""
    rng, numbers = np.random.default_rng(1), count(1)
    group = Group.objects.create(name="Group", slug="group")
    made: list[Deliverable] = []
    for number in range(TEAMS):
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}", group=group)
        source = Source.objects.create(name=f"Source {number}", kind="jira", url="https://jira.example.test")
        TeamScope.objects.create(team=team, source=source, scope=f"P{number}")
        _people(team, now.date())
        past = (
            _item(source, number, next(numbers), now, age=int(age), done=True) for age in rng.integers(8, 365, PAST)
        )
        WorkItem.objects.bulk_create(past)
        made += list(_deliverables(team, source, number, now, rng, numbers))
    for one, needed in zip(made[3::3], made[::3], strict=False):
        one.depends_on.add(needed)


def _people(team: Team, today: date) -> None:
    for number in range(PEOPLE):
        who = Person.objects.create(name=f"{team.name}, {number}", email=f"{team.slug}-{number}@example.test")
        Membership.objects.create(person=who, team=team, start=today - 400 * DAY)


def _deliverables(
    team: Team, source: Source, project: int, now: datetime, rng: np.random.Generator, numbers: Iterator[int]
) -> Iterator[Deliverable]:
    for number in range(EACH):
        start = now.date() - 60 * DAY
        one = Deliverable.objects.create(title=f"{team.name}, promise {number}", team=team, start=start)
        target = now.date() + int(rng.integers(-5, 90)) * DAY
        Commitment.objects.create(deliverable=one, given=start, target=target)
        rows = [
            _item(source, project, next(numbers), now, age=int(rng.integers(10, 59)), done=index % 2 == 0)
            for index in range(ITEMS)
        ]
        WorkItem.objects.bulk_create(rows)
        ScopedItem.objects.bulk_create(ScopedItem(deliverable=one, item=row, since=row.created) for row in rows)
        yield one


def _item(source: Source, project: int, number: int, now: datetime, *, age: int, done: bool) -> WorkItem:
    created = now - age * DAY
    finished = created + 7 * DAY if done else None
    return WorkItem(
        source=source,
        project=f"P{project}",
        native_id=str(number),
        key=f"P{project}-{number}",
        title=f"Item {number}",
        type="Story",
        kind="feature",
        status_id="3",
        status="Done" if done else "In Progress",
        stage="done" if done else "active",
        created=created,
        updated=finished or created,
        started=created + 3 * DAY,
        finished=finished,
        ended=finished,
    )
