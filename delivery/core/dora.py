"""The five DORA metrics (dora.dev, "DORA's software delivery metrics", 2024) as METRICS.md defines them.

A deployment counts when it reached production: a failed attempt is no deployment and is told. Each function looks at
the deployments that finished in a period; below ENOUGH of them it says "not enough data".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

import pandas as pd

from delivery.core.measure import ENOUGH, Measure, Spread
from delivery.core.period import Period
from delivery.core.spread import share, spread, told
from delivery.core.zoned import day_of, start_of

FIRST_DEPLOYMENT: Final = "shipped by the first deployment seen, or without known commits"
NOT_DEPLOYED: Final = "that did not succeed or are not over"
NOT_RESOLVED: Final = "not resolved yet"
NO_FIX: Final = "incident(s) without a linked fix"
UNTIED: Final = "incident(s) tied to no deployment"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A production deployment; ``finished`` is its first terminal status."""

    id: int
    repository: int
    created: datetime
    finished: datetime | None
    succeeded: bool
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged pull request; ``first_commit`` by when it was authored (squash merges: the request's own commits)."""

    id: int
    repository: int
    first_commit: datetime | None
    merged: datetime
    sha: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An incident: the deployment that caused it, where known, and the pull requests that fixed it."""

    id: int
    deployment: int | None
    opened: datetime
    resolved: datetime | None
    fixes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Records:
    """What the five metrics rest on: all that is known, not only what a period holds."""

    deployments: Sequence[Deployed]
    merged: Sequence[Merged] = ()
    failures: Sequence[Failure] = ()
    zone: str = "UTC"

    @cached_property
    def successes(self) -> Sequence[Deployed]:
        """Deployments that reached production, oldest first."""
        done = [one for one in self.deployments if one.succeeded and one.finished]
        return sorted(done, key=lambda one: (one.finished or one.created, one.id))

    @cached_property
    def shipped(self) -> Mapping[int, int]:
        """Which deployment first contained each merged pull request, see ``ship``."""
        return ship(self)


@dataclass(frozen=True, slots=True)
class Dora:
    """All five over one period. ``frequency`` is per week, the rates are 0-1, the times calendar time."""

    frequency: Measure
    days_deployed: Measure
    lead_time: Spread
    fail_rate: Measure
    recovery: Spread
    rework: Measure


def five(records: Records, period: Period) -> Dora:
    """The five metrics of one period."""
    return Dora(
        frequency=deployment_frequency(records, period),
        days_deployed=days_with_deployment(records, period),
        lead_time=change_lead_time(records, period),
        fail_rate=change_fail_rate(records, period),
        recovery=recovery_time(records, period),
        rework=rework_rate(records, period),
    )


def deployment_frequency(records: Records, period: Period) -> Measure:
    """Production deployments per week."""
    done, missed = _in(records, period), _attempts(records, period)
    value = len(done) / (period.days / 7) if len(done) >= ENOUGH and period.days else None
    return Measure(value, len(done), missed, told(missed, NOT_DEPLOYED))


def days_with_deployment(records: Records, period: Period) -> Measure:
    """Share of the period's days with a production deployment, 0-1; ``n`` is the number of deployments."""
    done = _in(records, period)
    days = {day_of(one.finished, records.zone) for one in done if one.finished}
    return Measure(len(days) / period.days if len(done) >= ENOUGH and period.days else None, len(done))


def change_lead_time(records: Records, period: Period) -> Spread:
    """First commit authored to running in production, of each pull request shipped in the period.

    What the very first deployment seen in a repository shipped may be years old and is left out.
    """
    shipped = records.shipped
    first = {one.repository: one.id for one in reversed(records.successes)}
    now = {one.id: one for one in _in(records, period)}
    spans = [
        now[shipped[one.id]].finished - one.first_commit  # type: ignore[operator]
        if one.first_commit and shipped[one.id] != first[one.repository]
        else None
        for one in records.merged
        if shipped.get(one.id) in now
    ]
    return spread(pd.Series(spans, dtype="timedelta64[ns]"), FIRST_DEPLOYMENT)


def change_fail_rate(records: Records, period: Period) -> Measure:
    """Deployments with at least one incident ÷ deployments."""
    done = _in(records, period)
    failed = {one.deployment for one in records.failures}
    untied = sum(one.deployment is None and day_of(one.opened, records.zone) in period for one in records.failures)
    return share(sum(one.id in failed for one in done), len(done), left_out=untied, why=UNTIED)


def recovery_time(records: Records, period: Period) -> Spread:
    """Failed deployment finished to its incident resolved; each incident of a deployment of the period counts once."""
    done = {one.id: one.finished for one in _in(records, period)}
    spans = [
        one.resolved - finished if one.resolved and finished and one.resolved >= finished else None
        for one in records.failures
        if one.deployment is not None and (finished := done.get(one.deployment))
    ]
    return spread(pd.Series(spans, dtype="timedelta64[ns]"), NOT_RESOLVED)


def rework_rate(records: Records, period: Period) -> Measure:
    """Unplanned deployments made because of an incident ÷ deployments.

    A deployment is one when it is the first that contains a pull request which fixed an incident.
    """
    shipped = records.shipped
    unplanned = {shipped[fix] for one in records.failures for fix in one.fixes if fix in shipped}
    done = _in(records, period)
    opened = [one for one in records.failures if day_of(one.opened, records.zone) in period]
    blind = sum(not one.fixes for one in opened)
    return share(sum(one.id in unplanned for one in done), len(done), left_out=blind, why=NO_FIX)


def ship(records: Records) -> Mapping[int, int]:
    """Which deployment first contained each merged pull request: id of the request → id of the deployment.

    A deployment contains what was merged before its commit, where that is a known merge, else before it was created.
    """
    merges = {(one.repository, one.sha): one.merged for one in records.merged if one.sha}
    reach: dict[int, list[tuple[datetime, int]]] = {}
    for one in records.successes:
        until = merges.get((one.repository, one.sha), one.created)
        line = reach.setdefault(one.repository, [])
        if not line or until > line[-1][0]:  # an older state deployed again (a rollback) ships nothing new
            line.append((until, one.id))
    shipped = {}
    for request in records.merged:
        line = reach.get(request.repository, [])
        index = bisect_left(line, request.merged, key=lambda step: step[0])
        if index < len(line):
            shipped[request.id] = line[index][1]
    return shipped


def _in(records: Records, period: Period) -> list[Deployed]:
    start, end = (start_of(day, records.zone).astimezone(UTC) for day in (period.start, period.end))
    return [one for one in records.successes if one.finished and start <= one.finished < end]


def _attempts(records: Records, period: Period) -> int:
    """Deployments of the period that did not succeed or are not over."""
    missed = (one for one in records.deployments if not (one.succeeded and one.finished))
    return sum(day_of(one.finished or one.created, records.zone) in period for one in missed)
