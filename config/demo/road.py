"""The demo's way from nothing to pages: connect over HTTP, write the plan, read everything, forecast, look back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from config.demo import plan as planned
from config.demo.facts import Facts
from delivery import forecasts, risk_history, risks, scopes, sources, sync
from delivery.models import Source, SourceSlice
from people.models import Account
from simulator.records import Plan
from simulator.tokens import DEMO_EMAIL, DEMO_GITHUB_TOKEN, DEMO_JIRA_TOKEN

HINDCAST_WEEKS = 12
Say = Callable[[str], None]
Progress = Callable[[str, int, int | None], None]


def connect(facts: Facts, plan: Plan) -> planned.Sources:
    """The three connections, made (or found again) by the same words as a person's own."""
    ml = [team for team in plan.teams if team.group == "machine-learning"]
    others = [team for team in plan.teams if team.group != "machine-learning"]
    repositories = [name for team in plan.teams for name in team.repositories]
    return planned.Sources(
        cloud=_connect("Jira Cloud", "jira", f"{facts.url}/cloud", [team.project for team in ml]),
        datacenter=_connect("Jira Data Center", "jira", f"{facts.url}/datacenter", [team.project for team in others]),
        github=_connect("GitHub", "github", f"{facts.url}/github/api/v3", repositories),
    )


def _connect(name: str, kind: str, url: str, scopes: list[str]) -> Source:
    known = Source.objects.filter(name=name).first()
    if known is not None and known.url == url and set(known.scopes) == set(scopes):
        return known
    if known is not None:  # the demo's port was taken: the same server answers elsewhere
        Account.objects.filter(kind=kind, origin=known.url).update(origin=url)
    cloud = name == "Jira Cloud"
    return sources.connect_source(
        name=name,
        kind=kind,
        url=url,
        email=DEMO_EMAIL if cloud else "",
        token=DEMO_GITHUB_TOKEN if kind == "github" else DEMO_JIRA_TOKEN,
        scopes=scopes,
        deployment="",
        allow_private=True,
    )


def read_everything(connected: planned.Sources, plan: Plan, progress: Progress) -> list[str]:
    """Sync the three sources; returns the errors, each a sentence."""
    parts = {str(part): None for part in SourceSlice.objects.all()}
    begun: dict[str, None] = {}

    def show(part: SourceSlice, read: int, expected: int | None) -> None:
        begun.setdefault(str(part))
        progress(f"part {len(begun)} of {len(parts | begun)}, {part}", read, expected)

    errors: list[str] = []
    for source in (connected.cloud, connected.datacenter, connected.github):
        runs = sync.sync_source(source, now=datetime.now(UTC), progress=show)
        errors += [f"{source}: {run.error}" for run in runs if run.error]
    planned.link_github_accounts(plan)
    scopes.resolve()
    return errors


def forecast(today: date) -> int:
    """Today's forecasts."""
    return forecasts.forecast_all(day=today, made=datetime.now(UTC))


def look_back(today: date, progress: Progress) -> None:
    """The forecasts of the last weeks, from what was known then, marked as made later; what is there stays."""
    days = [today - timedelta(weeks=week) for week in range(1, HINDCAST_WEEKS + 1)]
    forecasts.forecast_days(
        days,
        made=datetime.now(UTC),
        progress=lambda done, all_of_them: progress("forecasts of the last weeks", done, all_of_them),
    )


def find_risks(today: date) -> None:
    """The register as the rules would have kept it: what was there a week ago and still is, is open.

    A demo that is started again goes on from where its register is.
    """
    for day in (today - timedelta(weeks=1), today):
        with suppress(risk_history.Past):
            risks.keep_risks(day=day, now=datetime.now(UTC))
