"""Work items of teams and deliverables. A team's items are those of its projects and repositories (TeamScope)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from django.db.models import F, Max, Q, QuerySet

from delivery import scoped
from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.period import Period
from delivery.core.zoned import end_of, instants, start_of
from delivery.models import Deliverable, Stage, TeamScope, WorkItem
from teams.models import Team

USUAL_WEEKS: Final = 12
"""What is usual for a team: items finished in this many weeks up to today."""
FLOW_COLUMNS: Final = ("created", "started", "finished", "ended")
LISTED: Final = ("id", "key", "title", "url", "kind", "type", "status", "stage", *FLOW_COLUMNS)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item that has not ended. ``age``: since it was started, None before that. ``mark`` against the team's own
    cycle times: usual, long (beyond p50), very long (beyond p85), or empty where there is not enough data.
    """

    id: int
    key: str
    title: str
    url: str
    kind: str
    type: str
    status: str
    stage: str
    flagged: bool
    blocked: bool
    blocked_by: tuple[str, ...]
    assignee: str
    created: datetime
    started: datetime | None
    age: timedelta | None
    mark: str


@dataclass(frozen=True, slots=True)
class BlockedItem:
    """An open item that is flagged or waits for open items; ``since`` the flag was set, None where nobody knows."""

    id: int
    key: str
    title: str
    url: str
    status: str
    flagged: bool
    blocked_by: tuple[str, ...]
    since: datetime | None


def finished_items(team: Team, period: Period) -> pd.DataFrame:
    """Items of ``team`` finished in ``period``, oldest first: LISTED columns and ``cycle`` (timedelta, may be NaT)."""
    rows = _of(team).filter(finished__gte=start_of(period.start, team.timezone))
    rows = rows.filter(finished__lt=start_of(period.end, team.timezone)).order_by("finished", "id")
    frame = _frame(rows.values_list(*LISTED), LISTED)
    return frame.assign(cycle=frame["finished"] - frame["started"])


def flow_items(team: Team, *, since: date) -> pd.DataFrame:
    """FLOW_COLUMNS of the items of ``team`` that had not ended before ``since``: for WIP, arrivals, cycle times."""
    open_then = Q(ended__isnull=True) | Q(ended__gte=start_of(since, team.timezone))
    return _frame(_of(team).filter(open_then).values_list(*FLOW_COLUMNS), FLOW_COLUMNS)


def open_items(team: Team, *, at: datetime, today: date) -> list[OpenItem]:
    """Items of ``team`` that are open, in progress ones first, the oldest at the top."""
    rows = _of(team).filter(ended__isnull=True, created__lte=at)
    return _open_items(rows, usual_cycle_time(team, today=today), at)


def oldest_in_progress(team: Team, *, at: datetime, today: date, limit: int = 5) -> list[OpenItem]:
    """The items of ``team`` that have been in progress for longest."""
    rows = _of(team).filter(ended__isnull=True, started__lte=at).exclude(stage=Stage.TODO).order_by("started", "id")
    return _open_items(rows[:limit], usual_cycle_time(team, today=today), at)


def scope_items(deliverable: Deliverable, *, at: datetime, today: date) -> list[OpenItem]:
    """The open items in the scope of ``deliverable``, in progress ones first, the oldest at the top."""
    return _open_items(_open_in(deliverable), usual_cycle_time(deliverable.team, today=today), at)


def blocked_items(deliverable: Deliverable) -> list[BlockedItem]:
    """Open items in the scope that are flagged or wait for open items, the longest flagged first."""
    flagged = Max("changes__at", filter=Q(changes__field="flagged") & ~Q(changes__to_value=""))
    rows = _open_in(deliverable).filter(scoped.is_blocked()).annotate(flagged_at=flagged)
    found = [
        BlockedItem(
            id=row.pk,
            key=row.key,
            title=row.title,
            url=row.url,
            status=row.status,
            flagged=row.flagged,
            blocked_by=tuple(row.blocked_by),
            since=row.flagged_at if row.flagged else None,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.since is None, one.since.timestamp() if one.since else 0, one.key))


def usual_cycle_time(team: Team, *, today: date) -> Spread:
    """The team's own cycle times over USUAL_WEEKS up to today: what ages are held against."""
    return cycle_times_of([team], _usual(today))[team.pk]


def cycle_times_of(teams: Sequence[Team], period: Period) -> dict[int, Spread]:
    """Cycle times of the items each team finished in ``period``, by the team's id; one query."""
    frame = _of_teams(teams, period)
    zones = frame["team"].map({team.pk: team.timezone for team in teams})
    inside = [flow.finished_in(part, period, str(zone)) for zone, part in frame.groupby(zones)]
    by_team = {pk: part for same in inside for pk, part in same.groupby("team")}
    return {team.pk: flow.cycle_times(by_team.get(team.pk, frame.iloc[:0])) for team in teams}


def weekly_throughput(teams: Sequence[Team], *, today: date, weeks: int = USUAL_WEEKS) -> dict[int, flow.Throughput]:
    """Finished items per week of each team, by the team's id; one query."""
    period = Period(today - timedelta(days=today.weekday() + 7 * weeks), today + timedelta(days=1))
    frame = _of_teams(teams, period)
    finished = {team.pk: frame.loc[frame["team"] == team.pk, "finished"] for team in teams}
    return {team.pk: flow.throughput(finished[team.pk], today, team.timezone, weeks=weeks) for team in teams}


def _usual(today: date) -> Period:
    return Period(today - timedelta(weeks=USUAL_WEEKS), today + timedelta(days=1))


def _of(team: Team) -> QuerySet[WorkItem]:
    found: QuerySet[WorkItem] = WorkItem.objects.countable().of_team(team)
    return found


def _open_in(deliverable: Deliverable) -> QuerySet[WorkItem]:
    here = WorkItem.objects.countable().filter(scoped_in__deliverable=deliverable, scoped_in__until__isnull=True)
    found: QuerySet[WorkItem] = here.filter(ended__isnull=True)
    return found


def _of_teams(teams: Sequence[Team], period: Period) -> pd.DataFrame:
    """``team`` and FLOW_COLUMNS of the items that ``teams`` finished around ``period``; trim by the team's own days."""
    spare = timedelta(days=1)  # no zone is further than a day from UTC
    rows = TeamScope.objects.filter(
        team__in=list(teams),
        source__items__project=F("scope"),
        source__items__deleted__isnull=True,
        source__items__level=0,
        source__items__finished__gte=start_of(period.start, "UTC") - spare,
        source__items__finished__lt=end_of(period.end, "UTC") + spare,
    ).order_by()
    names = ("team_id", *(f"source__items__{name}" for name in FLOW_COLUMNS))
    return _frame(rows.values_list(*names), ("team", *FLOW_COLUMNS))


def _frame(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.assign(**{name: instants(frame[name]) for name in FLOW_COLUMNS})


def _open_items(rows: QuerySet[WorkItem], usual: Spread, at: datetime) -> list[OpenItem]:
    items = list(rows.select_related("assignee__person"))
    blocked = set(
        WorkItem.objects.filter(pk__in=[row.pk for row in items])
        .filter(scoped.is_blocked())
        .values_list("pk", flat=True)
    )
    times = pd.DataFrame([(row.started, row.ended) for row in items], columns=["started", "ended"])
    ages = flow.ages(times, at)
    marks = flow.age_marks(ages, usual)
    found = [
        _open_item(row, row.pk in blocked, None if pd.isna(age) else age.to_pytimedelta(), mark)
        for row, age, mark in zip(items, ages, marks, strict=True)
    ]
    return sorted(found, key=lambda one: (one.age is None, -one.age if one.age else timedelta(), one.created, one.id))


def _open_item(row: WorkItem, blocked: bool, age: timedelta | None, mark: str) -> OpenItem:
    who = row.assignee
    return OpenItem(
        id=row.pk,
        key=row.key,
        title=row.title,
        url=row.url,
        kind=row.kind,
        type=row.type,
        status=row.status,
        stage=row.stage,
        flagged=row.flagged,
        blocked=blocked,
        blocked_by=tuple(row.blocked_by),
        assignee=(who.person.name if who.person else str(who)) if who else "",
        created=row.created,
        started=row.started,
        age=age,
        mark=mark,
    )
