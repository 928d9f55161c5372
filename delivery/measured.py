"""What actions brought, measured once their due date is past: docs/decisions/0021-what-an-action-brought.md.

A few queries for each span of days, however many deliverables there are. Safe to run twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from delivery.core import effect
from delivery.models import Action, ActionEvent, Commitment, Deliverable, Forecast
from delivery.promise_facts import FRESH_DAYS

DAY: Final = timedelta(days=1)
FURTHEST: Final = 12  # earlier spans that are looked at for something to compare with
MOVES_THE_DATE: Final = "Moving the date changes what is promised, not when it is done."
NO_DELIVERABLE: Final = "It is not about a deliverable."
NO_TARGET: Final = "No date was promised on the day it was chosen."
NO_WITHOUT: Final = "There was no forecast on the day it was chosen."
NO_WITH: Final = "There was no forecast after its due date."
DROPPED: Final = "The deliverable was dropped."


@dataclass(slots=True)
class Span:
    """All that is known of deliverables from the day ``first`` to the day ``last`` on which they are looked at again."""

    first: date
    last: date
    before: dict[int, Forecast] = field(default_factory=dict)
    after: dict[int, Forecast] = field(default_factory=dict)
    targets: dict[int, date] = field(default_factory=dict)
    ends: dict[int, tuple[date | None, date | None]] = field(default_factory=dict)  # delivered, dropped


def due_for_measuring(day: date) -> QuerySet[Action]:
    """Done, their due date over, and neither measured nor known to be unknown."""
    done = Action.objects.filter(state=Action.State.DONE, measured__isnull=True, unknown="")
    return done.filter(due__lt=day, ended__lte=day).select_related("deliverable").order_by("pk")


@dataclass(frozen=True, slots=True)
class Found:
    """What an action brought, on which day that was found and when it was written."""

    day: date
    at: datetime
    fell: float | None = None
    usual: effect.Usual | None = None
    unknown: str = ""


def measure(*, day: date, at: datetime) -> int:
    """Measure every action that is due for it by ``day``, written at ``at``; how many were measured or are unknown."""
    spans: dict[tuple[date, date], Span] = {}
    return sum(_measure(action, Found(day, at), spans) for action in due_for_measuring(day))


def _measure(action: Action, now: Found, spans: dict[tuple[date, date], Span]) -> bool:
    last = max(action.due + DAY, action.ended or action.due)
    reason = _never(action)
    if reason:
        return _keep(action, replace(now, unknown=reason))
    span = _span(action.chosen, last, spans)
    pk = action.deliverable_id or 0
    fell = _fell(span, pk)
    if isinstance(fell, str):
        waits = fell == NO_WITH and now.day < last + FRESH_DAYS * DAY  # the night's forecast may still come
        return False if waits else _keep(action, replace(now, unknown=fell))
    return _keep(action, replace(now, fell=fell, usual=_usual(span, spans)))


def _never(action: Action) -> str:
    if action.deliverable_id is None:
        return NO_DELIVERABLE
    return MOVES_THE_DATE if action.kind == Action.Kind.MOVE_DATE else ""


def _fell(span: Span, pk: int) -> float | str:
    """By how much the chance of missing fell over the span, without less with; or why that is not known."""
    target, before = span.targets.get(pk), span.before.get(pk)
    delivered, dropped = span.ends.get(pk, (None, None))
    if dropped is not None and dropped <= span.last:
        return DROPPED
    if target is None:
        return NO_TARGET
    if before is None:
        return NO_WITHOUT
    ended = delivered is not None and delivered <= span.last
    open_until = (delivered - DAY) if ended and delivered else span.last
    after = span.after.get(pk)
    if ended and delivered:
        with_it = 0.0 if delivered <= target else 1.0
    elif after is None:
        return NO_WITH
    else:
        with_it = _missing(after, target)
    without = effect.without(
        before.quantiles, target=(target - before.day).days, open_until=max((open_until - before.day).days, 0)
    )
    return without - with_it


def _missing(row: Forecast, target: date) -> float:
    if row.target == target and row.chance is not None:
        return 1 - row.chance
    return effect.missing_after(row.quantiles, (target - row.day).days)


def _usual(span: Span, spans: dict[tuple[date, date], Span]) -> effect.Usual | None:
    """Of the same days; where too few can be compared, of earlier spans as long as this one, too."""
    falls: list[float] = []
    length = max(span.last - span.first, DAY)
    for back in range(FURTHEST + 1):
        earlier = _span(span.first - back * length, span.last - back * length, spans)
        if back and not earlier.before:
            break
        falls += _falls_without_action(earlier)
        if len(falls) >= effect.FEWEST:
            break
    return effect.usual(falls)


def _falls_without_action(span: Span) -> list[float]:
    acted = set(_acted_on(span))
    found = (_fell(span, pk) for pk in sorted(span.before) if pk not in acted and _was_open(span, pk))
    return [fell for fell in found if not isinstance(fell, str)]


def _was_open(span: Span, pk: int) -> bool:
    delivered, _ = span.ends.get(pk, (None, None))
    return delivered is None or delivered > span.first


def _acted_on(span: Span) -> Iterable[int | None]:
    """Deliverables about which somebody did something in these days."""
    actions = Action.objects.exclude(state=Action.State.DROPPED).filter(deliverable__isnull=False)
    during = Q(ended__isnull=True) | Q(ended__gte=span.first)
    return actions.filter(during, chosen__lte=span.last).values_list("deliverable_id", flat=True)


def _span(first: date, last: date, spans: dict[tuple[date, date], Span]) -> Span:
    if (first, last) not in spans:
        spans[first, last] = _read(first, last)
    return spans[first, last]


def _read(first: date, last: date) -> Span:
    """Four queries: the latest forecast up to ``first``, the first one from ``last`` on, the dates, the ends."""
    span = Span(first, last)
    fresh = FRESH_DAYS - 1
    rows = Forecast.objects.exclude(quantiles=[]).only("deliverable_id", "day", "target", "chance", "quantiles")
    for row in rows.filter(day__range=(first - fresh * DAY, first)).order_by("day"):
        span.before[row.deliverable_id] = row
    for row in rows.filter(day__range=(last, last + fresh * DAY)).order_by("-day"):
        span.after[row.deliverable_id] = row
    given = Commitment.objects.as_of(first).order_by("given", "id")
    span.targets = dict(given.values_list("deliverable_id", "target"))
    ends = Deliverable.objects.filter(Q(delivered__isnull=False) | Q(dropped__isnull=False))
    span.ends = {pk: (delivered, dropped) for pk, delivered, dropped in ends.values_list("pk", "delivered", "dropped")}
    return span


@transaction.atomic
def _keep(action: Action, found: Found) -> bool:
    """Written once, and only where the action is still the one that was measured."""
    same = Action.objects.filter(pk=action.pk, version=action.version, measured__isnull=True, unknown="")
    fell, usual = found.fell, found.usual
    kept = same.update(
        measured=fell,
        measured_on=None if fell is None else found.day,
        measured_low=usual.low if usual else None,
        measured_high=usual.high if usual else None,
        compared=usual.count if usual else 0,
        unknown=found.unknown,
        version=F("version") + 1,
    )
    if not kept:
        return False
    after = found.unknown if fell is None else f"{round(100 * fell)} points".replace("-", "−")
    ActionEvent.objects.create(action=action, at=found.at, what=ActionEvent.What.MEASURED, after=after[:200])
    return True
