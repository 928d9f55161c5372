"""A whole pretend organisation with its plan, read as a customer's is: through the connectors and the sync."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from config.demo import plan as planned
from delivery import scopes, sources, sync
from delivery.models import Source
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN
from simulator.world import World


def read(world: World, day: date) -> None:
    """Write the plan of ``day`` and read all its teams' Jira projects as of the end of that day; no code."""
    now = datetime.combine(day, time(22), UTC)
    plan = world.plan(day)
    with serve(world, clock=lambda: now) as running:
        jira = sources.connect_source(
            name="Jira",
            kind="jira",
            url=running.jira_cloud_url,
            email=DEMO_EMAIL,
            token=DEMO_JIRA_TOKEN,
            scopes=[team.project for team in plan.teams],
            allow_private=True,
        )
        github = Source.objects.create(name="GitHub", kind="github", url="https://github.example.test")
        planned.seed(plan, planned.Sources(jira, jira, github))
        runs = sync.sync_source(jira, now=now)
    assert not [run.error for run in runs if run.error]
    scopes.resolve()
