"""What the demo's goals show beyond the plan: key results that Headway feeds itself, one goal for few, one that what is
below it cannot add up to, and their last weeks. Safe to run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction

from delivery import fed, key_results
from delivery.goal_tree import running
from delivery.models import CheckIn, Goal, KeyResult

WEEKS: Final = 6  # of the past that are fed
FedBy = KeyResult.FedBy
SECRET: Final = "Decide whether both serving platforms become one"
EACH: Final = 8  # services of a team
MISSING: Final = 6  # services that nobody has taken on
METRICS: Final = (
    ("Items finished a week", "throughput", "", 6, 9),
    ("Cycle time", "cycle_time", "days", 14, 8),
    ("Wait for a first review", "review_wait", "hours", 12, 5),
    ("Work in progress", "wip", "items", 24, 12),
)


def seed(today: date) -> int:
    """Write the key results and feed their last weeks, unless there are any; then today's. How many stand today."""
    if not KeyResult.objects.exclude(fed_by=FedBy.TYPED).filter(goal__in=Goal.objects.filter(running(today))).exists():
        _live(_write(today), today)
    return fed.feed(day=today, at=datetime.now(UTC))


@transaction.atomic
def _write(today: date) -> list[KeyResult]:
    """Key results of every running goal; those that people type in, from the bottom to the top."""
    goals = list(Goal.objects.filter(running(today), dropped=None).select_related("owner", "group").order_by("pk"))
    below: dict[int, list[Goal]] = {}
    for one in goals:
        below.setdefault(one.parent_id or 0, []).append(one)
    teams = [one for one in goals if one.level == Goal.Level.TEAM]
    for one, told in zip(teams[:: len(METRICS)], METRICS, strict=False):
        title, metric, unit, start, target = told
        _add(one, title, FedBy.METRIC, start, target, metric=metric, unit_word=unit)
    for one in teams:
        _add(one, "Its deliverables, done", FedBy.DELIVERABLES, 0, 100, unit=KeyResult.Unit.PERCENT, unit_word="")
    typed: list[KeyResult] = []
    is_short = True
    for top in (one for one in goals if one.level == Goal.Level.COMPANY):
        typed += _moved(top, below, is_short)
        is_short = False
    return typed


def _moved(top: Goal, below: dict[int, list[Goal]], is_short: bool) -> list[KeyResult]:
    """Services that a company moves: the sum of its groups’, which are the sums of their teams’; and one group’s secret."""
    groups = [one for one in below.get(top.pk, ()) if below.get(one.pk)]
    if not groups:
        return []
    targets = [EACH * len(below[one.pk]) + (MISSING if is_short and one == groups[0] else 0) for one in groups]
    secret = EACH if is_short else 0
    whole = _add(top, "Services moved", FedBy.PARTS, 0, sum(targets) + secret)
    typed = []
    for one, target in zip(groups, targets, strict=True):
        part = _add(one, "Services moved by its teams", FedBy.PARTS, 0, target, counts_towards=whole)
        typed += [_add(team, "Services moved", FedBy.TYPED, 0, EACH, counts_towards=part) for team in below[one.pk]]
    if is_short:
        typed.append(
            _add(
                _secret(top, groups[0]), "Services of the other platform", FedBy.TYPED, 0, secret, counts_towards=whole
            )
        )
    return typed


def _secret(top: Goal, beside: Goal) -> Goal:
    """For the director of a group, and directors."""
    group = beside.group
    assert group is not None  # a constraint holds it
    made, _ = Goal.objects.get_or_create(
        title=SECRET,
        level=Goal.Level.GROUP,
        group=group,
        start=beside.start,
        end=beside.end,
        defaults={"owner": group.director, "parent": top, "confidential": True, "ambition": Goal.Ambition.STRETCH},
    )
    CheckIn.objects.create(
        goal=made, day=made.start, by=made.owner, status="at_risk", confidence=50, note="Two open questions."
    )
    return made


def _add(of: Goal, title: str, fed_by: str, start: float, target: float, **more: Any) -> KeyResult:
    fields = {"title": title, "fed_by": fed_by, "start": start, "target": target, "unit_word": "services"} | more
    return KeyResult.objects.create(goal=of, position=of.key_results.count(), **fields)  # type: ignore[attr-defined]


def _live(typed: Sequence[KeyResult], today: date) -> None:
    """Week by week: owners say what theirs stand at, and the rest is fed."""
    for week in range(WEEKS, -1, -1):
        day = today - timedelta(weeks=week)
        at = datetime.combine(day, time(9), UTC)
        for row in typed:
            stood = float(min((day - row.goal.start).days // 10 + row.pk % 3, EACH))
            if row.goal.start <= day and row.goal.owner and stood != row.current:
                key_results.keep_values({row: stood}, by=row.goal.owner, day=day, at=at)
        if week:
            fed.feed(day=day, at=at)
