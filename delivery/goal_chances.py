"""The chance of a goal: that everything it rests on is done by its end, in the same simulated futures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import OuterRef, Q, QuerySet

from delivery.core.chance import chance_by, percentile_day
from delivery.core.portfolio import Futures
from delivery.models import Deliverable, Goal, GoalForecast
from delivery.promise_facts import FRESH_DAYS

GOAL_VERSION: Final = 1
NOTHING: Final = "Nothing is promised for this goal, so there is nothing to forecast."
UNKNOWN: Final = "None of what this goal rests on has a forecast yet."
DONE: Final = "Everything this goal rests on is delivered."


def forecast_goals(futures: Futures, *, day: date, made: datetime, hindcast: bool = False) -> int:
    """Keep the chance of every goal that is running on ``day``; returns how many. Three queries for any number.

    A goal rests on its own deliverables and on those of the goals below it. A past day keeps what is there.
    """
    running = Goal.objects.filter(Q(dropped__isnull=True) | Q(dropped__gt=day))
    goals = list(running.filter(start__lte=day, end__gt=day))
    below = _below(Goal.objects.order_by().values_list("pk", "parent_id"))
    rests_on = _rests_on(day)
    rows = [_row(goal, [pk for one in below[goal.pk] for pk in rests_on.get(one, ())], futures, day) for goal in goals]
    for row in rows:
        row.made, row.hindcast = made, hindcast
    kept = ["made", "hindcast", "chance", "p50", "p85", "deliverables", "unknown", "reason", "version"]
    if hindcast:
        GoalForecast.objects.bulk_create(rows, ignore_conflicts=True)
    else:
        GoalForecast.objects.bulk_create(rows, update_conflicts=True, unique_fields=["goal", "day"], update_fields=kept)
    return len(rows)


def _below(pairs: Iterable[tuple[int, int | None]]) -> dict[int, list[int]]:
    """Each goal with all goals below it, itself first."""
    children: dict[int, list[int]] = {}
    ids = []
    for pk, parent in pairs:
        ids.append(pk)
        if parent:
            children.setdefault(parent, []).append(pk)
    found = {}
    for pk in ids:
        reached = [pk]
        for one in reached:
            reached += [child for child in children.get(one, ()) if child not in reached]
        found[pk] = reached
    return found


def _rests_on(day: date) -> dict[int, list[int]]:
    """Deliverables of each goal that were not dropped or delivered by ``day``; delivered ones as 0."""
    links = Deliverable.goals.through.objects.filter(
        Q(deliverable__dropped__isnull=True) | Q(deliverable__dropped__gt=day)
    ).order_by("id")
    found: dict[int, list[int]] = {}
    for goal, pk, delivered in links.values_list("goal_id", "deliverable_id", "deliverable__delivered"):
        found.setdefault(goal, []).append(0 if delivered and delivered <= day else pk)
    return found


def _row(goal: Goal, rests_on: Sequence[int], futures: Futures, day: date) -> GoalForecast:
    still = sorted({pk for pk in rests_on if pk})
    known = [pk for pk in still if pk in futures.days]
    row = GoalForecast(
        goal=goal, day=day, deliverables=len(still), unknown=len(still) - len(known), version=GOAL_VERSION
    )
    if not known:
        row.reason = UNKNOWN if still else DONE if rests_on else NOTHING
        return row
    days = futures.all_done(known)
    last_day = goal.end - timedelta(days=1)
    row.chance = chance_by(days, (last_day - day).days)
    row.p50, row.p85 = (_dated(percentile_day(days, share), day) for share in (0.50, 0.85))
    return row


def _dated(days: int | None, day: date) -> date | None:
    return None if days is None else day + timedelta(days=days)


def latest_of_goal(day: date) -> QuerySet[GoalForecast]:
    """The latest chance of the goal of an outer query that is no older than a forecast may be."""
    fresh = GoalForecast.objects.filter(goal=OuterRef("pk"), day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    return fresh.order_by("-day")[:1]
