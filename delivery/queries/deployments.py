"""DORA of a team: the records behind the five metrics, now and in the period before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pandas as pd
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from delivery.core import dora
from delivery.core.period import Period, weeks_back
from delivery.core.zoned import day_of, start_of, weekly_counts
from delivery.models import Deployment, Incident, PullRequest
from delivery.queries.reviews import projects_of, repositories_of
from teams.models import Team

LOOK_BACK: Final = timedelta(weeks=26)
"""How long before a period pull requests may have been merged that it deployed."""


@dataclass(frozen=True, slots=True)
class DoraNow:
    """The five metrics over the last whole weeks and over as many before; ``guesses``: incidents of ``now`` whose
    deployment is a guess. ``weekly``: ``week``, ``deployments`` and ``failed`` (with an incident), both periods.
    """

    period: Period
    now: dora.Dora
    before: dora.Dora
    weekly: pd.DataFrame
    guesses: int
    known: bool  # whether any production deployment is known at all: without one there is no data


def dora_of(team: Team, *, at: datetime, weeks: int = 12) -> DoraNow:
    """DORA of ``team`` over the last ``weeks`` weeks that are over where it lives, and the same number before them."""
    both = weeks_back(day_of(at, team.timezone), 2 * weeks)
    middle = both.start + timedelta(weeks=weeks)
    now = Period(middle, both.end)
    since = start_of(both.start, team.timezone) - LOOK_BACK
    failures = _failures(team, since)
    records = dora.Records(_deployments(team), _merged(team, since), [one for one, _ in failures], team.timezone)
    return DoraNow(
        period=now,
        now=dora.five(records, now),
        before=dora.five(records, Period(both.start, middle)),
        weekly=_weekly(records, both),
        guesses=sum(guessed and day_of(one.opened, team.timezone) in now for one, guessed in failures),
        known=any(one.succeeded for one in records.deployments),
    )


def _deployments(team: Team) -> list[dora.Deployed]:
    """All of them: which was the very first decides what its successors shipped."""
    rows = Deployment.objects.filter(repositories_of(team), production=True, repository__deleted__isnull=True)
    names = ("id", "repository_id", "created", "finished", "state", "sha")
    return [
        dora.Deployed(pk, repository, created, finished, state == "success", sha)
        for pk, repository, created, finished, state, sha in rows.order_by("finished").values_list(*names)
    ]


def _merged(team: Team, since: object) -> list[dora.Merged]:
    rows = PullRequest.objects.filter(repositories_of(team), deleted__isnull=True, merged__gte=since)
    rows = rows.filter(Q(author__isnull=True) | Q(author__is_bot=False))
    names = ("id", "repository_id", "first_commit", "merged", "merge_sha")
    return [dora.Merged(*row) for row in rows.values_list(*names)]


def _failures(team: Team, since: object) -> list[tuple[dora.Failure, bool]]:
    """Incidents of the team's projects, and those tied to a deployment of its repositories; and whether that is a guess."""
    rows = Incident.objects.filter(_incidents_of(team), opened__gte=since, item__deleted__isnull=True)
    fixes = ArrayAgg("item__pull_requests", filter=Q(item__pull_requests__merged__isnull=False), default=[])
    names = ("id", "deployment_id", "opened", "resolved", "fixes", "guessed")
    return [
        (dora.Failure(pk, deployment, opened, resolved, frozenset(fixed)), guessed and deployment is not None)
        for pk, deployment, opened, resolved, fixed, guessed in rows.annotate(fixes=fixes)
        .order_by()
        .values_list(*names)
    ]


def _incidents_of(team: Team) -> Q:
    return projects_of(team, "item__") | repositories_of(team, "deployment__repository__")


def _weekly(records: dora.Records, period: Period) -> pd.DataFrame:
    failed = {one.deployment for one in records.failures}
    done = [one for one in records.deployments if one.succeeded and one.finished]
    frames = (done, [one for one in done if one.id in failed])
    deployed, broken = (
        weekly_counts(pd.Series([one.finished for one in found], dtype=object), period, records.zone)
        for found in frames
    )
    return pd.DataFrame({"week": deployed.index, "deployments": deployed.to_numpy(), "failed": broken.to_numpy()})
