"""Open work items of teams and deliverables. A team's items are those of its projects and repositories (TeamScope)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from django.db.models import Max, Q, QuerySet

from delivery import scoped
from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.zoned import instants, start_of
from delivery.models import Deliverable, WorkItem
from delivery.queries.pace import usual_cycle_time
from teams.models import Team

LOADED: Final = (
    *("key", "title", "url", "kind", "type", "status", "stage", "flagged", "blocked_by", "created", "started", "ended"),
    *("assignee__login", "assignee__name", "assignee__native_id", "assignee__person__name"),
)
FLOW_COLUMNS: Final = ("created", "started", "finished", "ended")


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


def flow_items(team: Team, *, since: date) -> pd.DataFrame:
    """FLOW_COLUMNS of the items of ``team`` that had not ended before ``since``: for WIP, arrivals, cycle times."""
    open_then = Q(ended__isnull=True) | Q(ended__gte=start_of(since, team.timezone))
    return _frame(_of(team).filter(open_then).values_list(*FLOW_COLUMNS), FLOW_COLUMNS)


def open_items(team: Team, *, at: datetime, usual: Spread, begun: bool = False) -> list[OpenItem]:
    """Items of ``team`` that are open, or of these only what was ``begun``, the oldest in progress at the top.

    Marked against ``usual``, the team's own cycle times.
    """
    rows = _of(team).filter(ended__isnull=True, created__lte=at)
    return _open_items(rows.filter(started__lte=at) if begun else rows, usual, at)


def scope_items(deliverable: Deliverable, *, at: datetime) -> list[OpenItem]:
    """The open items in the scope of ``deliverable``, in progress ones first, the oldest at the top."""
    return _open_items(_open_in(deliverable), usual_cycle_time(deliverable.team, at=at), at)


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


def _of(team: Team) -> QuerySet[WorkItem]:
    found: QuerySet[WorkItem] = WorkItem.objects.countable().of_team(team)
    return found


def _open_in(deliverable: Deliverable) -> QuerySet[WorkItem]:
    here = WorkItem.objects.countable().filter(scoped_in__deliverable=deliverable, scoped_in__until__isnull=True)
    found: QuerySet[WorkItem] = here.filter(ended__isnull=True)
    return found


def _frame(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.assign(**{name: instants(frame[name]) for name in FLOW_COLUMNS})


def _open_items(rows: QuerySet[WorkItem], usual: Spread, at: datetime) -> list[OpenItem]:
    items = list(rows.select_related("assignee__person").annotate(is_blocked=scoped.is_blocked()).only(*LOADED))
    times = pd.DataFrame([(row.started, row.ended) for row in items], columns=["started", "ended"])
    ages = flow.ages(times, at)
    marks = flow.age_marks(ages, usual)
    found = [
        _open_item(row, row.is_blocked, None if pd.isna(age) else age.to_pytimedelta(), mark)
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
