"""Key results that Headway feeds itself: by a metric of their team, by their goal's deliverables, by their parts.

One measured value a day each, with what it rests on; the latest also stands on the key result. What is not known is
kept as that, with the reason. Safe to run twice; a day that is over is never written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from delivery import fed_metrics, scoped
from delivery.core.key_results import Reading, deliverables_progress, parts_first, parts_sum
from delivery.fed_metrics import TeamNow
from delivery.goal_tree import running
from delivery.models import Deliverable, Goal, KeyResult, KeyResultValue

FORMULA: Final = 1
"""Of all the ways to feed a key result; raised when the same work would come to another value."""
FedBy = KeyResult.FedBy
ONLY_TEAMS: Final = "Only a team’s goal can be fed by a metric of the team."
NO_DELIVERABLE: Final = "No deliverable serves this goal yet."
NO_ITEMS: Final = "None of the deliverables that serve this goal has items yet."
NO_PART: Final = "No key result counts towards it yet."
NO_PART_KNOWN: Final = "None of the key results that count towards it has a value yet."
CIRCLE: Final = "It counts towards itself by way of other key results, so they have no sum."

Readings = dict[int, Reading]


def feed(*, day: date, at: datetime, key_results: Iterable[KeyResult] | None = None) -> int:
    """Take the value of every fed key result as of ``day``, at the moment ``at`` of it; how many were written.

    Of goals that are running and not dropped, or the given ones. A fixed number of queries, and at most ten for each
    team whose metrics are asked for.
    """
    rows = list(_fed(day, key_results))
    found = _by_metric(rows, at) | _by_deliverables(rows, day)
    return _keep(rows, found | _by_parts(rows, found, day), day, at)


def feed_goal(goal: Goal, *, at: datetime) -> int:
    """Take today's values of what the goal itself has to be fed, as soon as it is kept; how many were written.

    Only while it runs and is not dropped. What counts its key results as parts waits for the next run.
    """
    day = at.date()  # as the runs have it
    if not _not_dropped(day).filter(running(day), pk=goal.pk).exists():
        return 0
    return feed(day=day, at=at, key_results=goal.key_results.all())  # type: ignore[attr-defined]


def _fed(day: date, chosen: Iterable[KeyResult] | None) -> QuerySet[KeyResult]:
    rows = KeyResult.objects.exclude(fed_by=FedBy.TYPED)
    if chosen is None:
        rows = rows.filter(goal__in=_not_dropped(day).filter(running(day)))
    else:
        rows = rows.filter(pk__in=[one.pk for one in chosen])
    return rows.select_related("goal__team").order_by("pk")


def _not_dropped(day: date) -> QuerySet[Goal]:
    return Goal.objects.filter(Q(dropped=None) | Q(dropped__gt=day)).order_by()


def _by_metric(rows: Sequence[KeyResult], at: datetime) -> Readings:
    """Team by team, so that what is read of one is let go before the next."""
    found: Readings = {}
    by_team: dict[int, list[KeyResult]] = {}
    for row in rows:
        if row.fed_by == FedBy.METRIC and row.goal.level == Goal.Level.TEAM:
            by_team.setdefault(row.goal.team_id or 0, []).append(row)
        elif row.fed_by == FedBy.METRIC:
            found[row.pk] = Reading(None, unknown=ONLY_TEAMS)
    for own in by_team.values():
        assert own[0].goal.team is not None  # a constraint holds it
        now = TeamNow(own[0].goal.team, at)
        found |= {row.pk: fed_metrics.read(row.metric, now) for row in own}
    return found


def _by_deliverables(rows: Sequence[KeyResult], day: date) -> Readings:
    """The way from start to target, as far as the goal's deliverables are done on average; two queries."""
    fed = [row for row in rows if row.fed_by == FedBy.DELIVERABLES]
    shares = _shares({row.goal_id for row in fed}, day) if fed else {}
    return {row.pk: _as_far(row, shares.get(row.goal_id, [])) for row in fed}


def _as_far(row: KeyResult, shares: Sequence[float | None]) -> Reading:
    done = deliverables_progress(shares)
    if done.value is None:
        return Reading(None, 0, done.left_out, NO_ITEMS if shares else NO_DELIVERABLE)
    return Reading(row.start + done.value * (row.target - row.start), done.n, done.left_out)


def _shares(goals: Iterable[int], day: date) -> dict[int, list[float | None]]:
    """The share of items done of each deliverable that serves a goal, by the goal; dropped ones are none of it."""
    links = Deliverable.goals.through.objects.filter(
        Q(deliverable__dropped=None) | Q(deliverable__dropped__gt=day), goal__in=goals
    ).order_by("pk")
    names = ("goal_id", "deliverable_id", "deliverable__delivered", "deliverable__team__timezone")
    served = list(links.values_list(*names))
    counts = scoped.count({pk: zone for _, pk, _, zone in served}, {}, day)
    found: dict[int, list[float | None]] = {}
    for goal, pk, delivered, _ in served:
        is_over = delivered is not None and delivered <= day
        found.setdefault(goal, []).append(1.0 if is_over else _share(counts.get(pk, scoped.Counts())))
    return found


def _share(counts: scoped.Counts) -> float | None:
    return counts.done / counts.items if counts.items else None


def _by_parts(rows: Sequence[KeyResult], known: Readings, day: date) -> Readings:
    """Their own start and what their parts have come, parts of parts first; one query.

    Parts that are not fed now count with the value they have.
    """
    fed = {row.pk: row for row in rows if row.fed_by == FedBy.PARTS}
    parts = _parts(fed, day) if fed else {}
    order, round_and_round = parts_first({pk: [part.pk for part in parts.get(pk, ())] for pk in fed})
    found = known | {pk: Reading(None, unknown=CIRCLE) for pk in round_and_round}
    for pk in order:
        found[pk] = _sum(fed[pk], parts.get(pk, ()), found)
    return {pk: found[pk] for pk in fed}


def _parts(wholes: Iterable[int], day: date) -> dict[int, list[KeyResult]]:
    found: dict[int, list[KeyResult]] = {}
    for part in KeyResult.objects.filter(counts_towards__in=wholes, goal__in=_not_dropped(day)).order_by("pk"):
        found.setdefault(part.counts_towards_id or 0, []).append(part)
    return found


def _sum(row: KeyResult, parts: Sequence[KeyResult], known: Readings) -> Reading:
    values = [(part.start, known[part.pk].value if part.pk in known else part.current) for part in parts]
    found = parts_sum(row.start, values)
    if found.value is None:
        return Reading(None, 0, found.left_out, NO_PART_KNOWN if parts else NO_PART)
    return Reading(found.value, found.n, found.left_out)


@transaction.atomic
def _keep(rows: Sequence[KeyResult], found: Readings, day: date, at: datetime) -> int:
    """Write what was found; not of key results that a person changes just now, or has changed since they were read, nor
    of those with a value of a later day.
    """
    before = {row.pk: _how(row) for row in rows}
    held = KeyResult.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=before).order_by("pk")
    mine = [row for row in held if _how(row) == before[row.pk] and (row.current_on is None or row.current_on <= day)]
    todays = KeyResultValue.objects.filter(key_result__in=mine, day=day, measured=True).order_by()
    there = dict(todays.values_list("key_result_id", "pk"))
    for row in mine:
        row.current, row.current_on, row.unknown = found[row.pk].value, day, found[row.pk].unknown
    # By id: an update with a case for each row would take the square of their number.
    names = ["current", "current_on", "unknown"]
    KeyResult.objects.bulk_create(mine, update_conflicts=True, unique_fields=["pk"], update_fields=names)
    values = [_value(row, found[row.pk], at, there.get(row.pk)) for row in mine]
    names = ["at", "value", "n", "left_out", "unknown", "formula"]
    KeyResultValue.objects.bulk_create(values, update_conflicts=True, unique_fields=["pk"], update_fields=names)
    return len(mine)


def _how(row: KeyResult) -> tuple[str, str, float, float]:
    """What a value rests on that a person may change meanwhile."""
    return row.fed_by, row.metric, row.start, row.target


def _value(row: KeyResult, found: Reading, at: datetime, pk: int | None) -> KeyResultValue:
    """On the day the key result says; ``pk`` of that day's value, where it has one."""
    assert row.current_on is not None
    return KeyResultValue(
        pk=pk,
        key_result=row,
        day=row.current_on,
        at=at,
        value=found.value,
        measured=True,
        n=found.n,
        left_out=found.left_out,
        unknown=found.unknown,
        formula=FORMULA,
    )
