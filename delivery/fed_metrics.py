"""A metric of a team as its key results take it: the number of the team's page, or why there is none.

Everything one team is asked for rests on the same reads, so several key results of a team cost no more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from delivery import queries
from delivery.core.flow import SPAN
from delivery.core.key_results import Reading
from delivery.core.measure import ENOUGH, Measure, Spread
from delivery.core.period import Period
from delivery.core.spread import spread
from delivery.core.zoned import day_of
from delivery.models import KeyResult
from delivery.queries.pace import USUAL_WEEKS
from delivery.queries.reviews import NOT_KNOWN
from teams.models import Team

Metric = KeyResult.Metric
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NO_SCOPE: Final = "No project or repository is tied to this team yet."
NO_ITEMS: Final = "Nothing of this team’s work is known yet."
NO_WEEK: Final = "No whole week of this team’s work is known yet."
NO_DEPLOYMENT: Final = (
    "No deployment to production of this team’s repositories is known, so there is nothing to measure."
)


@dataclass(frozen=True)
class TeamNow:
    """What is known of ``team`` at ``at``, over the weeks its page shows unless asked otherwise; each read once."""

    team: Team
    at: datetime

    @cached_property
    def is_tied(self) -> bool:
        return bool(self.team.scopes.exists())  # type: ignore[attr-defined]

    @cached_property
    def pace(self) -> queries.Pace:
        return queries.paces_of([self.team], at=self.at, weeks=USUAL_WEEKS)[self.team.pk]

    @cached_property
    def in_progress(self) -> int:
        found = queries.open_items(self.team, at=self.at, usual=self.pace.usual, begun=True)
        return sum(one.age is not None for one in found)

    @cached_property
    def review_wait(self) -> Spread:
        here = day_of(self.at, self.team.timezone)
        period = Period(here - timedelta(weeks=USUAL_WEEKS), here + DAY)
        return spread(queries.first_review_waits(self.team, period), NOT_KNOWN)

    @cached_property
    def dora(self) -> queries.DoraNow:
        return queries.dora_of(self.team, at=self.at, weeks=USUAL_WEEKS)


def read(metric: str, now: TeamNow) -> Reading:
    """``metric`` of a team in the unit its name tells; at most ten queries for all metrics of a team together."""
    return READ[metric](now) if now.is_tied else Reading(None, unknown=NO_SCOPE)


def _throughput(now: TeamNow) -> Reading:
    weeks = now.pace.finished.weeks[-SPAN:]
    if now.pace.since is None:
        return Reading(None, unknown=NO_ITEMS)
    if len(weeks) < SPAN:
        known = f"Only {_count(len(weeks), 'week')} of this team’s work {'is' if len(weeks) == 1 else 'are'} known whole; {SPAN} are needed."
        return Reading(None, unknown=known if weeks else NO_WEEK)
    total = sum(count for _, count in weeks)
    if total < ENOUGH:
        return _too_few(total, "item finished", SPAN)
    return Reading(total / SPAN, total)


def _cycle_time(now: TeamNow) -> Reading:
    usual = now.pace.usual
    return _duration(usual, usual.p85, DAY, "item finished with a known start")


def _wip(now: TeamNow) -> Reading:
    """An exact count: few items in progress are few, and none is 0 where the team's work is known at all."""
    if now.pace.since is None and not now.in_progress:
        return Reading(None, unknown=NO_ITEMS)
    return Reading(float(now.in_progress), now.in_progress)


def _review_wait(now: TeamNow) -> Reading:
    return _duration(now.review_wait, now.review_wait.p50, HOUR, "change with a known first review")


def _deployments(now: TeamNow) -> Reading:
    return _rate(now, now.dora.now.frequency, 1)


def _lead_time(now: TeamNow) -> Reading:
    if not now.dora.known:
        return Reading(None, unknown=NO_DEPLOYMENT)
    found = now.dora.now.lead_time
    return _duration(found, found.p50, DAY, "change that reached production")


def _fail_rate(now: TeamNow) -> Reading:
    return _rate(now, now.dora.now.fail_rate, 100)


READ: Final[Mapping[str, Callable[[TeamNow], Reading]]] = {
    Metric.THROUGHPUT: _throughput,
    Metric.CYCLE_TIME: _cycle_time,
    Metric.WIP: _wip,
    Metric.REVIEW_WAIT: _review_wait,
    Metric.DEPLOYMENTS: _deployments,
    Metric.LEAD_TIME: _lead_time,
    Metric.FAIL_RATE: _fail_rate,
}


def _duration(found: Spread, span: timedelta | None, unit: timedelta, of: str) -> Reading:
    if span is None:
        return _too_few(found.n, of, USUAL_WEEKS, found.left_out)
    return Reading(span / unit, found.n, found.left_out)


def _rate(now: TeamNow, found: Measure, scale: int) -> Reading:
    if not now.dora.known:
        return Reading(None, unknown=NO_DEPLOYMENT)
    if found.value is None:
        return _too_few(found.n, "deployment to production", USUAL_WEEKS, found.left_out)
    return Reading(scale * found.value, found.n, found.left_out)


def _too_few(n: int, of: str, weeks: int, left_out: int = 0) -> Reading:
    verb = "is" if n == 1 else "are"
    why = f"Not enough data: {_count(n, of)} in the last {weeks} weeks {verb} too few; {ENOUGH} are needed."
    return Reading(None, n, left_out, why)


def _count(n: int, of: str) -> str:
    """``of`` begins with what is counted: 3 items finished."""
    noun, _, rest = of.partition(" ")
    return " ".join(filter(None, [f"{n} {noun}{'' if n == 1 else 's'}", rest]))
