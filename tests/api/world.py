"""A small organisation with one of everything that the API shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rest_framework.test import APIClient

from dashboards.models import DigestIssue, Subscription
from delivery.models import (
    Action,
    Bet,
    CheckIn,
    Deployment,
    Forecast,
    Goal,
    Incident,
    KeyResult,
    PlanChange,
    PullRequest,
    Repository,
    Review,
    Risk,
    Scenario,
    Source,
    SourceSlice,
    Sprint,
    SyncRun,
    TeamScope,
    Transition,
)
from people.models import Account, Person, Role
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at

DAY = timedelta(days=1)
NOW = at(TODAY, 6)
LISTS = (
    *("groups", "teams", "memberships", "people", "goals", "key-results", "deliverables", "actions"),
    *("risks", "bets", "scenarios", "commitments", "check-ins", "plan-changes"),
    *("work-items", "pull-requests", "reviews", "deployments", "incidents", "forecasts", "sources", "sync-runs"),
    "digest-issues",
)


@dataclass
class World:
    people: dict[str, Person]
    team: Team
    other: Team
    jira: Source
    github: Source
    repository: Repository

    def client(self, role: str) -> APIClient:
        client = APIClient()
        client.force_authenticate(self.people[role])
        return client

    def get(self, role: str, path: str, /, **query: Any) -> Any:
        answer = self.client(role).get(f"/api/v1/{path}/", query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def names(self, role: str, path: str, field: str, /, **query: Any) -> list[Any]:
        return [row[field] for row in self.get(role, path, **query)["results"]]


def build() -> World:
    people = {role.value: builders.person(role.value.title(), role=role) for role in Role}
    people["member"], people["stranger"] = builders.person("Member"), builders.person("Stranger")
    ours = builders.group("Ours", slug="ours", director=people["director"])
    team = builders.team("Own", slug="own", group=ours, manager=people["manager"], lead=people["lead"])
    other = builders.team("Other", slug="other", group=builders.group("Theirs", slug="theirs"))
    for name in ("lead", "engineer", "member"):
        builders.member(team, people[name])
    builders.member(other, people["stranger"])
    jira = builders.project(team)
    github = builders.source("github", name="GitHub", scopes=["acme/ranker"])
    TeamScope.objects.create(team=team, source=github, scope="acme/ranker")
    world = World(people, team, other, jira, github, builders.repository(github))
    plans(world)
    for number in range(3):
        work(world, number)
    runs(world)
    told(world)
    return world


def plans(world: World) -> None:
    period = {"start": TODAY - 30 * DAY, "end": TODAY + 60 * DAY}
    goal = Goal.objects.create(title="Open", level="team", team=world.team, owner=world.people["lead"], **period)
    secret = Goal.objects.create(
        title="Secret", level="team", team=world.team, owner=world.people["lead"], confidential=True, **period
    )
    child = Goal.objects.create(title="Child", level="team", team=world.team, parent=secret, **period)
    PlanChange.objects.create(goal=child, at=NOW, what="Serves", before=goal.title, after=secret.title)
    for one in (goal, secret):
        KeyResult.objects.create(goal=one, title=f"Of {one.title}", start=0, target=1)
        CheckIn.objects.create(goal=one, day=TODAY, status="on_track", by=world.people["lead"])
        PlanChange.objects.create(goal=one, at=NOW, what="Title", before="Once", after=one.title)
    for number, chance in enumerate((0.9, 0.3)):
        made = builders.deliverable(
            world.team, title=f"Promise {number}", target=TODAY + 20 * DAY, owner=world.people["lead"]
        )
        made.goals.add(goal, secret)
        CheckIn.objects.create(deliverable=made, day=TODAY, status="at_risk", confidence=60)
        Forecast.objects.create(
            deliverable=made,
            day=TODAY,
            made=NOW,
            target=TODAY + 20 * DAY,
            chance=chance,
            p50=TODAY + 9 * DAY,
            quantiles=[float(n) if n < 99 else None for n in range(1, 100)],
            version=1,
        )
        Scenario.objects.create(deliverable=made, name=f"Tried {number}", levers=[], day=TODAY, by=world.people["lead"])
        Action.objects.create(
            deliverable=made,
            title=f"Action {number}",
            owner=world.people["engineer"],
            chosen=TODAY,
            due=TODAY + 5 * DAY,
            expected=0.14,
        )
    Risk.objects.create(deliverable=made, kind="scope", title="Scope grew", rule="scope_grew", seen=TODAY, opened=TODAY)
    for title, about in (("On nothing", None), ("On the open", goal), ("On the secret", secret)):
        bet(world.team, title, goal=about, owner=world.people["engineer"])
    theirs = builders.deliverable(world.other, title="Theirs")
    theirs.depends_on.add(made)
    theirs.helping_teams.add(world.team)


def bet(team: Team, title: str, **fields: Any) -> Bet:
    words = {"hypothesis": "It pays off", "success_signal": "Seen", "kill_criterion": "Not seen", "cost_cap": 10}
    return Bet.objects.create(
        team=team, title=title, started=TODAY - 9 * DAY, decide_by=TODAY + 9 * DAY, **(words | fields)
    )


def work(world: World, number: int) -> None:
    person = world.people["engineer"]
    jira, github = (
        Account.objects.create(kind=kind, origin="x", native_id=f"{number}", login="eng", person=person)
        for kind in ("jira", "github")
    )
    Sprint.objects.create(source=world.jira, native_id=f"{number}", name=f"Sprint {number}", state="closed")
    created = NOW - (9 - number) * DAY
    item = builders.item(
        world.jira,
        created=created,
        started=created,
        finished=created + 2 * DAY if number else None,
        assignee=jira,
        sprints=[f"{number}", "gone"],
        labels=["model"] if number else [],
        story_points=3,
        parent_key="ABC-0",
    )
    Transition.objects.create(item=item, native_id="1", at=created, from_name="To Do", to_name="In Progress")
    pull = PullRequest.objects.create(
        repository=world.repository,
        native_id=f"{number}",
        number=number + 1,
        title="Change",
        author=github,
        created=created,
        updated=created,
        ready=created,
        merged=created + DAY if number else None,
        keys=[item.key],
    )
    reviewer = Account.objects.create(kind="github", origin="y", native_id=f"{number}", login=f"reviewer{number}")
    for state in ("commented", "approved"):
        Review.objects.create(
            pull_request=pull, native_id=f"{state}", author=reviewer, state=state, submitted=created + DAY
        )
    deployment = Deployment.objects.create(
        repository=world.repository,
        native_id=f"{number}",
        environment="prod",
        production=True,
        created=created,
        finished=created,
        state="success",
    )
    Incident.objects.create(item=item, opened=created, deployment=deployment, reason="the last one before it")


def runs(world: World) -> None:
    for source, error in ((world.jira, ""), (world.github, "The token has expired.")):
        part = SourceSlice.objects.create(source=source, kind="items", scope="ABC", last_success=NOW, error=error)
        state = "failed" if error else "done"
        SyncRun.objects.create(source=source, slice=part, state=state, started=NOW, read=7, error=error)


def told(world: World) -> None:
    """Everybody of a role has had a digest."""
    for role in Role:
        row = Subscription.objects.create(person=world.people[role.value], since=NOW, confirmed=NOW)
        DigestIssue.objects.create(
            subscription=row, week="2026-W46", day=TODAY - 14 * DAY, subject="Told", content={}, composed=NOW
        )
