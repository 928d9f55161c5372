"""A team whose every metric is known, goals and key results to feed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from delivery import fed
from delivery.models import Deployment, Goal, Incident, KeyResult, PullRequest, TeamScope
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW: Final = at(TODAY, 15)  # a Monday
Q4 = (date(2026, 10, 1), date(2027, 1, 1))
METRICS: Final = {
    "throughput": 6 / 4,  # six items in the last four whole weeks
    "cycle_time": 5.25,  # they took 1, 2, 3, 4, 5 and 6 days
    "wip": 2,
    "review_wait": 3,  # first reviews after 1, 2, 3, 4 and 5 hours
    "deployments": 6 / 12,
    "lead_time": 3,  # 1 to 5 days; what the first deployment shipped is left out
    "fail_rate": 100 / 6,
}


def busy_team() -> Team:
    """Of which METRICS can be told."""
    team = builders.team()
    items(team)
    code(team)
    return team


def items(team: Team) -> None:
    jira = builders.project(team)
    for took, ago in enumerate((2, 5, 9, 12, 16, 20), 1):
        builders.item(jira, started=at(TODAY - (ago + took) * DAY), finished=at(TODAY - ago * DAY))
    for ago in (3, 30):
        builders.item(jira, started=at(TODAY - ago * DAY))
    builders.item(jira, stage="todo", status="Open")


def code(team: Team) -> None:
    """Six deployments a week apart, each but the first with a change of its own; one broke something."""
    github = builders.source("github", scopes=["acme/ranker"])
    TeamScope.objects.create(team=team, source=github, scope="acme/ranker")
    repository = builders.repository(github)
    monday = at(TODAY - 7 * DAY, 9)
    for number in range(6):
        done = at(TODAY - (6 - number) * 7 * DAY)
        run = Deployment.objects.create(
            repository=repository, native_id=str(number), production=True, state="success", created=done, finished=done
        )
        if number:
            made = {"native_id": str(number), "number": number, "title": "A change", "created": monday, "ready": monday}
            made |= {"first_commit": done - number * DAY, "merged": done - HOUR, "updated": monday}
            PullRequest.objects.create(repository=repository, first_review=monday + number * HOUR, **made)
    outage = builders.item(builders.source(), project="OPS", kind="incident")
    Incident.objects.create(item=outage, opened=NOW - 5 * DAY, deployment=run)


def goal(of: Team | None = None, **fields: Any) -> Goal:
    level = "team" if of else "company"
    values = {"title": "Data on time", "level": level, "team": of, "start": Q4[0], "end": Q4[1]}
    return Goal.objects.create(**(values | fields))


def key_result(of: Goal, fed_by: str = "typed", **fields: Any) -> KeyResult:
    values = {"title": "Producers moved", "start": 0, "target": 40, "fed_by": fed_by}
    return KeyResult.objects.create(goal=of, **(values | fields))


def fed_now(one: KeyResult, day: date = TODAY) -> KeyResult:
    """``one`` after everything was fed on ``day``."""
    fed.feed(day=day, at=at(day, 15))
    one.refresh_from_db()
    return one
