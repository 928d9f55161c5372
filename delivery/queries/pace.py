"""What teams finished, week by week, and how long it took: everything about a team's pace from one read of its items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from django.db.models import F, Min, OuterRef, Subquery

from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.period import Period
from delivery.core.zoned import day_of, end_of, instants, start_of
from delivery.models import TeamScope, WorkItem
from teams.models import Team

USUAL_WEEKS: Final = 12
"""What is usual for a team: items finished in this many weeks up to today."""
FINISHED: Final = ("key", "started", "finished")


@dataclass(frozen=True, slots=True)
class Pace:
    """``finished`` of the last whole weeks, none before ``since``, the first day of which anything of the team is
    known. ``items``: FINISHED and ``cycle`` (timedelta, may be NaT) of those weeks up to today; ``usual`` of USUAL_WEEKS.
    """

    finished: flow.Throughput
    items: pd.DataFrame
    usual: Spread
    since: date | None


def paces_of(teams: Sequence[Team], *, at: datetime, weeks: int = USUAL_WEEKS) -> dict[int, Pace]:
    """The pace of each team over ``weeks`` up to its own day, by the team's id; two queries."""
    if not teams:
        return {}
    days = {team.pk: day_of(at, team.timezone) for team in teams}
    by_team, firsts = _finished(teams, _loaded(days.values(), weeks)), _firsts(teams)
    found = {}
    for team in teams:
        items, today = by_team[team.pk], days[team.pk]
        since = _since(team, items, firsts)
        shown = flow.finished_in(items, _up_to(today, weeks), team.timezone)
        found[team.pk] = Pace(
            flow.throughput(items["finished"], today, team.timezone, weeks=weeks, since=since),
            shown.assign(cycle=shown["finished"] - shown["started"]),
            _cycle_times(items, _up_to(today, USUAL_WEEKS), team),
            since,
        )
    return found


def usual_cycle_time(team: Team, *, at: datetime) -> Spread:
    """The team's own cycle times over USUAL_WEEKS up to its own day: what ages are held against; one query."""
    period = _up_to(day_of(at, team.timezone), USUAL_WEEKS)
    return _cycle_times(_finished([team], period)[team.pk], period, team)


def _loaded(days: Collection[date], weeks: int) -> Period:
    """What holds the whole weeks and the running one, and the days asked for, of teams that live on these ``days``."""
    first, last = min(days), max(days)
    whole = first - timedelta(days=first.weekday() + 7 * max(weeks, USUAL_WEEKS))
    return Period(min(whole, _up_to(first, weeks).start), _up_to(last, weeks).end)


def _up_to(today: date, weeks: int) -> Period:
    return Period(today - timedelta(weeks=weeks), today + timedelta(days=1))


def _cycle_times(items: pd.DataFrame, period: Period, team: Team) -> Spread:
    return flow.cycle_times(flow.finished_in(items, period, team.timezone))


def _finished(teams: Sequence[Team], period: Period) -> dict[int, pd.DataFrame]:
    """FINISHED of the items that each team finished around ``period``; trim by the team's own days."""
    spare = timedelta(days=1)  # no zone is further than a day from UTC
    rows = TeamScope.objects.filter(
        team__in=list(teams),
        source__items__project=F("scope"),
        source__items__deleted__isnull=True,
        source__items__level=0,
        source__items__finished__gte=start_of(period.start, "UTC") - spare,
        source__items__finished__lt=end_of(period.end, "UTC") + spare,
    ).order_by("team_id", "source__items__finished", "source__items__id")
    names = ("team_id", *(f"source__items__{name}" for name in FINISHED))
    frame = pd.DataFrame.from_records(list(rows.values_list(*names)), columns=["team", *FINISHED])
    frame = frame.assign(started=instants(frame["started"]), finished=instants(frame["finished"]))
    owners = frame.pop("team").to_numpy(dtype=np.int64)
    ends = {team.pk: (np.searchsorted(owners, team.pk), np.searchsorted(owners, team.pk, "right")) for team in teams}
    return {pk: frame.iloc[start:end] for pk, (start, end) in ends.items()}


def _firsts(teams: Sequence[Team]) -> dict[int, datetime | None]:
    """When the first item of each team was created that its sources still have."""
    here = WorkItem.objects.countable().filter(source=OuterRef("source"), project=OuterRef("scope"))
    first = Subquery(here.order_by("created").values("created")[:1])
    scopes = TeamScope.objects.filter(team__in=list(teams)).order_by()
    return dict(scopes.values("team").annotate(first=Min(first)).values_list("team", "first"))


def _since(team: Team, items: pd.DataFrame, firsts: dict[int, datetime | None]) -> date | None:
    """The first day of which anything is known; an import may hold finishes older than the items themselves."""
    first, finished = firsts.get(team.pk), items["finished"].min()
    known = [at for at in (first, None if finished is pd.NaT else finished) if at is not None]
    return day_of(min(known), team.timezone) if known else None
