"""The forecast of every deliverable, one row a day, all kept: what is shown later is what was said then.

Today's row is replaced by a later run of the same day. The row of a past day is never rewritten; a day without one can
be filled in afterwards from what was known then, and is marked as such (a hindcast). All that is open on a day is
simulated together, so that what deliverables, teams and people share is in the same futures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from delivery import forecast_rows, locks, outlooks
from delivery.calibration import load_record, score_outcomes
from delivery.core import portfolio
from delivery.core.portfolio import Futures
from delivery.delivered import mark_delivered
from delivery.evidence import load_evidence
from delivery.forecast_rows import FORECAST_VERSION, Made
from delivery.goal_chances import forecast_goals
from delivery.habits import load_habits
from delivery.inputs import NO_HABITS, Inputs, look_ahead, teams_of
from delivery.models import Deliverable, Forecast, Goal

__all__ = ["FORECAST_VERSION", "forecast_all", "forecast_days", "forecast_one", "forecast_teams", "look_at"]

TRIALS: Final = portfolio.TRIALS

Progress = Callable[[int, int], None]


def forecast_all(*, day: date, made: datetime, hindcast: bool = False, progress: Progress | None = None) -> int:
    """Forecast every open deliverable as of ``day``; returns the number of rows written.

    One run for all teams, so ``day`` is UTC's; what happened on it is cut at the end of the team's own day.
    ``progress`` is called with how many are done of how many. Raises ValueError for a past day unless ``hindcast``.
    """
    if _is_past(day, made) and not hindcast:
        raise ValueError(f"{day} is over: its forecasts can only be filled in as hindcasts.")
    return forecast_days([day], made=made, progress=progress)


def forecast_days(days: Sequence[date], *, made: datetime, progress: Progress | None = None) -> int:
    """Forecast every deliverable that was open on each of ``days``; what they rest on is loaded once.

    Past days are hindcasts: only the rows they lack are computed. Returns the number of rows written.
    """
    if not days:
        return 0
    mark_delivered(made.astimezone(UTC).date())
    score_outcomes(day=max(days))
    record = load_record()
    evidence = load_evidence(_candidates(min(days)), min(days))
    kept = _existing([day for day in days if _is_past(day, made)])
    lacking = {day: [one.pk for one in evidence.open_on(day) if (one.pk, day) not in kept] for day in days}
    written, total = 0, sum(map(len, lacking.values()))
    for day in days:
        if not lacking[day] and _is_past(day, made):
            continue
        past = _is_past(day, made)
        habits = NO_HABITS if past else load_habits(teams_of(evidence), day)
        inputs = look_ahead(evidence, day, record, past=past, habits=habits)
        if not past:
            teams = {team.pk for team in teams_of(evidence)} | outlooks.teams_with_any(day)
            outlooks.keep(inputs, teams, day=day, made=made)
        written += _write(inputs, lacking[day], Made(day, made, past), simulate(inputs, day))
        if progress and total:
            progress(written, total)
    return written


def forecast_teams(teams: Collection[int], *, day: date, made: datetime) -> int:
    """Forecast today what ``teams`` answer for, and what waits for it elsewhere; returns the number of rows written.

    Only these teams' history is read: what lies ahead of the others is as it was kept last.
    """
    look_at(teams, day=day, made=made)
    with transaction.atomic():
        locks.wait_for(locks.FORECASTS, 0)  # two teams that wait for each other's work would each write it
        inputs = outlooks.load(day).inputs
        chosen = _with_successors(inputs, {pk for pk, owner in inputs.owners.items() if owner in teams})
        return _write(inputs, chosen, Made(day, made, False), simulate(inputs, day))


def look_at(teams: Collection[int], *, day: date, made: datetime) -> None:
    """Read what lies ahead of ``teams`` and keep it for the simulations of the day."""
    mark_delivered(made.astimezone(UTC).date())
    evidence = load_evidence(_candidates(day).filter(team__in=teams), day)
    inputs = look_ahead(evidence, day, load_record(), past=False, habits=load_habits(teams_of(evidence), day))
    outlooks.keep(inputs, teams, day=day, made=made)


def forecast_one(deliverable: Deliverable, *, day: date, made: datetime) -> Forecast | None:
    """Forecast the team of one deliverable as of today; its row, or None when it had ended or was not known by then."""
    forecast_teams([deliverable.team_id], day=day, made=made)
    ended = any(end is not None and end <= day for end in (deliverable.delivered, deliverable.dropped))
    return None if ended else Forecast.objects.filter(deliverable=deliverable, day=day).first()


def simulate(inputs: Inputs, day: date) -> Futures:
    """The futures of a day: the same inputs always give the same ones."""
    ahead = inputs.ahead
    works = [ahead.works[pk] for pk in sorted(ahead.works)]
    return portfolio.simulate(ahead.teams, works, today=day, seed=outlooks.seed_of_day(day), trials=TRIALS)


def _with_successors(inputs: Inputs, chosen: set[int]) -> set[int]:
    """Also what waits for any of these, through any number of steps."""
    works = inputs.ahead.works.values()
    while more := {one.id for one in works if chosen & set(one.needs)} - chosen:
        chosen |= more
    return chosen


def _write(inputs: Inputs, chosen: Iterable[int], made: Made, futures: Futures) -> int:
    """Keep the rows of the ``chosen`` deliverables, and the goals' chances."""
    rows = forecast_rows.rows(inputs, sorted(chosen), made, futures)
    written = forecast_rows.write(rows)
    if Goal.objects.filter(start__lte=made.day, end__gt=made.day).exists():
        forecast_goals(futures, day=made.day, made=made.made, hindcast=made.hindcast)
    return written


def _is_past(day: date, made: datetime) -> bool:
    return day < made.astimezone(UTC).date()


def _candidates(first_day: date) -> QuerySet[Deliverable]:
    """Deliverables that may have been open on ``first_day`` or later."""
    rows = Deliverable.objects.filter(Q(delivered__isnull=True) | Q(delivered__gt=first_day))
    return rows.filter(Q(dropped__isnull=True) | Q(dropped__gt=first_day)).select_related("team")


def _existing(days: Sequence[date]) -> set[tuple[int, date]]:
    rows = Forecast.objects.filter(day__in=list(days)).order_by()
    return set(rows.values_list("deliverable_id", "day"))
