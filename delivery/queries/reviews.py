"""Pull requests: which wait for a first review, and how long each stage takes a team."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from delivery.core import review
from delivery.core.measure import Spread
from delivery.core.period import Period
from delivery.core.spread import spread
from delivery.core.worktime import WorkingHours, worked
from delivery.core.zoned import end_of, instants, start_of, within
from delivery.models import Deliverable, PullRequest, TeamScope
from teams.models import Holiday, Team

ROAD: Final = ("first_commit", "created", "ready", "first_review", "approved", "merged")
NOT_KNOWN: Final = "reviewed before ready, or not reviewed at all"


@dataclass(frozen=True, slots=True)
class WaitingReview:
    """An open pull request without a first review. ``worked``: working time since then, eight hours a day."""

    id: int
    number: int
    repository: str
    title: str
    url: str
    author: str
    keys: tuple[str, ...]
    since: datetime
    waited: timedelta
    worked: timedelta


@dataclass(frozen=True, slots=True)
class ReviewTimes:
    """How long the stages of merged pull requests took, by both clocks; working days have eight hours."""

    calendar: review.Spreads
    working: review.Spreads


def waiting_reviews(
    *, at: datetime, team: Team | None = None, deliverable: Deliverable | None = None
) -> list[WaitingReview]:
    """Open pull requests that wait for their first review, the longest first.

    Of ``team``, or of ``deliverable`` through the items in its scope; drafts do not wait.
    """
    rows = _waiting(at)
    if team:
        rows = rows.filter(repositories_of(team))
    if deliverable:
        here = Q(items__scoped_in__deliverable=deliverable, items__scoped_in__until__isnull=True)
        rows = rows.filter(here).distinct()
    owner = team or (deliverable.team if deliverable else None)
    found = list(rows.select_related("repository", "author__person").order_by("ready", "id"))
    since = instants(pd.Series([row.ready or row.created for row in found], dtype=object))
    spans = worked(since, pd.Series(pd.Timestamp(at), index=since.index), hours_of(owner))
    return [_waiting_review(row, span.to_pytimedelta(), at) for row, span in zip(found, spans, strict=True)]


def merged_pull_requests(team: Team, period: Period) -> pd.DataFrame:
    """ROAD columns, ``id``, ``number``, ``repository``, ``title`` and ``url`` of what ``team`` merged in ``period``."""
    rows = _by_people().filter(repositories_of(team), **_days("merged", period, team)).order_by("merged", "id")
    names = ("id", "number", "repository__name", "title", "url", *ROAD)
    return _frame(rows.values_list(*names), ("id", "number", "repository", "title", "url", *ROAD))


def review_times(team: Team, period: Period) -> ReviewTimes:
    """Stages and cycle time of the pull requests that ``team`` merged in ``period``."""
    merged = merged_pull_requests(team, period)
    return ReviewTimes(review.spreads(merged), review.spreads(merged, hours_of(team)))


def review_waits_of(teams: Sequence[Team], period: Period) -> dict[int, Spread]:
    """Working time from ready to the first review, of pull requests first reviewed in ``period``; two queries."""
    frame, holidays = _reviewed(teams, period), _holidays()
    waits = {team.pk: _waits(frame[frame["team"] == team.pk], team, period, holidays) for team in teams}
    return {pk: spread(found, NOT_KNOWN) for pk, found in waits.items()}


def first_review_waits(team: Team, period: Period) -> pd.Series:
    """The waits behind ``review_waits_of``, one for each pull request; NaT where it is not known."""
    return _waits(_reviewed([team], period), team, period, _holidays())


def hours_of(team: Team | None) -> WorkingHours:
    """Nine to five, Monday to Friday, in the team's zone, without its holidays."""
    return _hours(team, _holidays()) if team else WorkingHours()


def repositories_of(team: Team, prefix: str = "repository__") -> Q:
    """What is in the repositories of ``team``."""
    return Q(Exists(_scope(team, source=f"{prefix}source", scope=f"{prefix}name")))


def projects_of(team: Team, prefix: str = "") -> Q:
    """Items that are in the projects of ``team``."""
    return Q(Exists(_scope(team, source=f"{prefix}source", scope=f"{prefix}project")))


def _scope(team: Team, **same: str) -> QuerySet[TeamScope]:
    return TeamScope.objects.filter(team=team, **{name: OuterRef(field) for name, field in same.items()})


def _reviewed(teams: Sequence[Team], period: Period) -> pd.DataFrame:
    """``team`` and ROAD of what got its first review around ``period``; trim by the team's own days."""
    spare, pulls = timedelta(days=1), "source__repositories__pull_requests__"
    by_people = Q(**{f"{pulls}author__isnull": True}) | Q(**{f"{pulls}author__is_bot": False})
    reviewed = {
        f"{pulls}deleted__isnull": True,
        f"{pulls}first_review__gte": start_of(period.start, "UTC") - spare,
        f"{pulls}first_review__lt": end_of(period.end, "UTC") + spare,
    }
    # One filter: every condition is about the same pull request. An exclude() would leave out the whole scope.
    rows = TeamScope.objects.filter(
        by_people,
        team__in=list(teams),
        source__repositories__name=F("scope"),
        source__repositories__deleted__isnull=True,
        **reviewed,
    )
    names = ("team_id", *(f"{pulls}{name}" for name in ROAD))
    return _frame(rows.order_by().values_list(*names), ("team", *ROAD))


def _waits(frame: pd.DataFrame, team: Team, period: Period, holidays: dict[int | None, set[date]]) -> pd.Series:
    found = frame[within(frame["first_review"], period, team.timezone)]
    return review.pickup_times(found, _hours(team, holidays))


def _holidays() -> dict[int | None, set[date]]:
    found: dict[int | None, set[date]] = {}
    for team, day in Holiday.objects.values_list("team_id", "day"):
        found.setdefault(team, set()).add(day)
    return found


def _hours(team: Team, holidays: dict[int | None, set[date]]) -> WorkingHours:
    return WorkingHours(team.timezone, holidays=holidays.get(None, set()) | holidays.get(team.pk, set()))


def _by_people() -> QuerySet[PullRequest]:
    """Pull requests that the source still has and no bot opened."""
    rows = PullRequest.objects.filter(deleted__isnull=True, repository__deleted__isnull=True)
    return rows.filter(Q(author__isnull=True) | Q(author__is_bot=False))


def _waiting(at: datetime) -> QuerySet[PullRequest]:
    return _by_people().filter(
        merged__isnull=True, closed__isnull=True, first_review__isnull=True, draft=False, created__lte=at
    )


def _days(field: str, period: Period, team: Team) -> dict[str, datetime]:
    start, end = (start_of(day, team.timezone) for day in (period.start, period.end))
    return {f"{field}__gte": start, f"{field}__lt": end}


def _frame(rows: Iterable[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.assign(**{name: instants(frame[name]) for name in ROAD})


def _waiting_review(row: PullRequest, span: timedelta, at: datetime) -> WaitingReview:
    who = row.author
    since = row.ready or row.created
    return WaitingReview(
        id=row.pk,
        number=row.number,
        repository=row.repository.name,
        title=row.title,
        url=row.url,
        author=(who.person.name if who.person else str(who)) if who else "",
        keys=tuple(row.keys),
        since=since,
        waited=at - since,
        worked=span,
    )
