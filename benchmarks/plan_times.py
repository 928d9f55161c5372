"""2,000 goals in 200 teams with 3,000 deliverables: the server's time for the tree of goals and a manager's check-ins."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.page_times import REQUESTS, Ask, answered, signed_in, timed
from config.warm import warm_up
from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, GoalForecast, KeyResult
from people.models import Person, Role
from teams.models import Group, Team

TEAMS: Final = 200
GROUPS: Final = 10
GOALS: Final = 2_000
DELIVERABLES: Final = 3_000
WEEKS: Final = 8  # of check-ins


def main() -> None:
    day = timezone.localdate()
    fill(day)
    warm_up()
    print(f"{Goal.objects.count():,} goals in {TEAMS} teams, {Deliverable.objects.count():,} deliverables, ", end="")
    print(f"{CheckIn.objects.count():,} check-ins.\n")
    print("| page | p50 ms | p95 ms | queries | kB |\n|---|---|---|---|---|")
    for shown, ask in questions().items():
        answered(shown, ask)
        with CaptureQueriesContext(connection) as captured:
            size = len(answered(shown, ask))
            queries = len(captured)
        times = [timed(shown, ask) for _ in range(REQUESTS)]
        p50, p95 = np.percentile(times, [50, 95])
        print(f"| `{shown}` | {p50:.0f} | {p95:.0f} | {queries} | {size / 1000:.0f} |", flush=True)


def questions() -> dict[str, Ask]:
    director = signed_in(Person.objects.get(role=Role.DIRECTOR))
    person = Person.objects.filter(role=Role.MANAGER).order_by("pk")[0]
    manager = signed_in(person)
    goal = Goal.objects.filter(level="team", owner=person)[0]
    one = Deliverable.objects.filter(owner=person)[0]
    company = Goal.objects.filter(level="company")[0]
    group = Goal.objects.filter(level="group")[0]
    pages = {
        "/goals/": (director, "/goals/"),
        "/goals/?open=… (two unfolded)": (director, f"/goals/?open={company.pk},{group.pk}"),
        "/goals/?team=…": (manager, f"/goals/?team={goal.team.slug}"),  # type: ignore[union-attr]
        "/goals/<id>/": (director, f"/goals/{company.pk}/"),
        "/check-in/": (manager, "/check-in/"),
        "/check-in/goal/<id>/": (manager, f"/check-in/goal/{goal.pk}/"),
        "/check-in/deliverable/<id>/": (manager, f"/check-in/deliverable/{one.pk}/"),
    }
    return {shown: partial(client.get, path) for shown, (client, path) in pages.items()}


def fill(day: date) -> None:
    """Rows straight into the database: who, what, and what was said and forecast of it."""
    rng = np.random.default_rng(5)
    teams = _teams(day)
    goals = _goals(teams, day, rng)
    deliverables = _deliverables(teams, goals, day, rng)
    _words(goals, deliverables, day, rng)
    _forecasts(goals, deliverables, day, rng)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _teams(day: date) -> list[Team]:
    director = Person.objects.create_user("director@example.test", "x", name="Director", role=Role.DIRECTOR)
    managers = Person.objects.bulk_create(
        Person(email=f"manager{number}@example.test", name=f"Manager {number}", role=Role.MANAGER)
        for number in range(TEAMS)
    )
    groups = Group.objects.bulk_create(
        Group(name=f"Group {number}", slug=f"group-{number}", director=director) for number in range(GROUPS)
    )
    return Team.objects.bulk_create(
        Team(name=f"Team {n}", slug=f"team-{n}", group=groups[n % GROUPS], manager=managers[n]) for n in range(TEAMS)
    )


def _goals(teams: list[Team], day: date, rng: np.random.Generator) -> list[Goal]:
    period = {"start": day - timedelta(days=60), "end": day + timedelta(days=60)}
    top = Goal.objects.bulk_create(
        Goal(slug=f"c-{n}", title=f"Company goal {n}", level="company", **period) for n in range(10)
    )
    groups = sorted({team.group for team in teams}, key=lambda one: one.pk)
    middle = Goal.objects.bulk_create(
        Goal(
            slug=f"g-{n}",
            title=f"Group goal {n}",
            level="group",
            group=groups[n % GROUPS],
            parent=top[n % 10],
            **period,
        )
        for n in range(90)
    )
    low = Goal.objects.bulk_create(
        Goal(
            slug=f"t-{n}",
            title=f"Team goal {n} that others can build on",
            level="team",
            team=teams[n % TEAMS],
            owner=teams[n % TEAMS].manager,
            parent=middle[n % 90],
            ambition="stretch" if n % 3 else "committed",
            **period,
        )
        for n in range(GOALS - 100)
    )
    goals = [*top, *middle, *low]
    KeyResult.objects.bulk_create(
        KeyResult(goal=goal, title=f"Measure {n}", start=0, target=100, current=float(rng.integers(0, 110)), position=n)
        for goal in goals
        for n in range(3)
    )
    return goals


def _deliverables(teams: list[Team], goals: list[Goal], day: date, rng: np.random.Generator) -> list[Deliverable]:
    rows = Deliverable.objects.bulk_create(
        Deliverable(
            slug=f"d-{n}",
            title=f"Deliverable {n}",
            team=teams[n % TEAMS],
            owner=teams[n % TEAMS].manager,
            start=day - timedelta(days=50),
        )
        for n in range(DELIVERABLES)
    )
    low = [goal for goal in goals if goal.level == "team"]
    Deliverable.goals.through.objects.bulk_create(
        Deliverable.goals.through(deliverable=row, goal=low[n % len(low)]) for n, row in enumerate(rows) if n % 20
    )
    Commitment.objects.bulk_create(
        Commitment(deliverable=row, given=row.start, target=day + timedelta(days=int(rng.integers(5, 90))))
        for row in rows
    )
    return rows


def _words(goals: list[Goal], rows: list[Deliverable], day: date, rng: np.random.Generator) -> None:
    said = ("on_track", "on_track", "at_risk", "off_track")
    CheckIn.objects.bulk_create(
        (
            CheckIn(
                **{"goal" if isinstance(one, Goal) else "deliverable": one},
                day=day - timedelta(days=7 * week + 2),
                by=one.owner,  # type: ignore[attr-defined]
                status=said[int(rng.integers(4))],
                confidence=int(rng.integers(0, 101)),
                note="Registry change is in its second review round.",
            )
            for one in (*goals, *rows)
            for week in range(WEEKS)
        ),
        batch_size=5_000,
    )


def _forecasts(goals: list[Goal], rows: list[Deliverable], day: date, rng: np.random.Generator) -> None:
    now, promised = timezone.now(), dict(Commitment.objects.values_list("deliverable_id", "target"))
    GoalForecast.objects.bulk_create(
        GoalForecast(goal=one, day=day, made=now, chance=float(rng.uniform(0.02, 0.98)), deliverables=3, version=1)
        for one in goals
    )
    Forecast.objects.bulk_create(
        (
            Forecast(
                deliverable=one,
                day=on,
                made=now,
                chance=float(rng.uniform(0.02, 0.98)),
                target=promised[one.pk],
                p50=day + timedelta(days=20),
                p85=day + timedelta(days=40),
                p95=day + timedelta(days=60),
                quantiles=[float(n) for n in range(1, 100)],
                trials=10_000,
                version=1,
            )
            for one in rows
            for on in (day, day - timedelta(days=7))
        ),
        batch_size=2_000,
    )
