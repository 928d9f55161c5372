"""The key results of a goal as its page tells them: where each stands, what that rests on, its parts and its weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncWeek

from dashboards import words
from dashboards.glyphs import Line, line
from delivery.access import visible_goals
from delivery.core.key_results import progress
from delivery.models import Goal, KeyResult, KeyResultValue
from people.access import User

WEEKS: Final = 53  # at most, of the goal's period, that are told
FedBy = KeyResult.FedBy
METRICS: Final = {
    "throughput": ("item finished", "items finished"),
    "cycle_time": ("finished item", "finished items"),
    "wip": ("item in progress", "items in progress"),
    "review_wait": ("change", "changes"),
    "deployments": ("deployment", "deployments"),
    "lead_time": ("change that reached production", "changes that reached production"),
    "fail_rate": ("deployment", "deployments"),
}
COUNTED: Final = {
    FedBy.DELIVERABLES: (("deliverable", "deliverables"), "without items"),
    FedBy.PARTS: (("key result that counts towards it", "key results that count towards it"), "without a value"),
}
NOT_YET: Final = "Headway has not counted it yet: it does so every six hours while the goal runs."
UNSEEN: Final = "in goals that are not shown to you"


@dataclass(frozen=True, slots=True)
class Part:
    """A key result that counts towards another one, and its goal."""

    goal: int
    title: str
    says: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A key result, its numbers as a person reads them. ``rests_on``: n, and what was left out, of a measured value;
    ``unseen``: how many of its parts the reader may not see.
    """

    title: str
    start: str
    current: str
    target: str
    percent: int | None
    fed: str
    as_of: str
    rests_on: str
    why: str
    line: Line | None
    line_says: str
    values: tuple[str, ...]
    parts: tuple[Part, ...]
    unseen: str


def measures(user: User, goal: Goal, day: date) -> tuple[Measured, ...]:
    """Four queries, and those of who may see what; of values only the latest measured one and one a week."""
    seen = visible_goals(user)
    rows = list(
        goal.key_results.select_related("counts_towards").annotate(  # type: ignore[attr-defined]
            above_seen=Exists(seen.filter(key_results=OuterRef("counts_towards")))
        )
    )
    latest, weeks, parts = _latest(goal), _weeks(goal, day), _parts(goal, seen, day)
    return tuple(
        _measured(one, latest.get(one.pk), weeks.get(one.pk, ()), parts.get(one.pk, ()), goal, day) for one in rows
    )


def _latest(goal: Goal) -> dict[int, KeyResultValue]:
    """The latest value that Headway measured, by key result."""
    rows = KeyResultValue.objects.filter(key_result__goal=goal, measured=True)
    return {one.key_result_id: one for one in rows.order_by("key_result_id", "-day").distinct("key_result")}


def _weeks(goal: Goal, day: date) -> dict[int, list[KeyResultValue]]:
    """The last value of every week of the goal's period up to ``day``, by key result, the oldest first."""
    last = min(day, goal.end - timedelta(days=1))
    first = max(goal.start, last - timedelta(weeks=WEEKS))
    rows = KeyResultValue.objects.filter(key_result__goal=goal, day__gte=first, day__lte=last).select_related("by")
    weekly = rows.annotate(week=TruncWeek("day")).order_by("key_result_id", "week", "-day", "-id")
    found: dict[int, list[KeyResultValue]] = {}
    for one in weekly.distinct("key_result", "week"):
        found.setdefault(one.key_result_id, []).append(one)
    return found


def _parts(goal: Goal, seen: QuerySet[Goal], day: date) -> dict[int, list[KeyResult]]:
    """What counts towards the goal's key results, by them; of goals that are not dropped."""
    open_ones = Q(goal__dropped=None) | Q(goal__dropped__gt=day)
    rows = KeyResult.objects.filter(open_ones, counts_towards__goal=goal).select_related("goal")
    found: dict[int, list[KeyResult]] = {}
    for one in rows.annotate(is_seen=Exists(seen.filter(pk=OuterRef("goal")))).order_by("goal__title", "pk"):
        found.setdefault(one.counts_towards_id or 0, []).append(one)
    return found


def _measured(
    one: KeyResult,
    latest: KeyResultValue | None,
    weeks: Sequence[KeyResultValue],
    parts: Sequence[KeyResult],
    goal: Goal,
    day: date,
) -> Measured:
    share = progress(one.start, one.target, one.current)
    shown = [part for part in parts if part.is_seen]  # type: ignore[attr-defined]
    points = [(value.day, value.value) for value in weeks]
    return Measured(
        title=one.title,
        start=amount(one.start, one),
        current="not known" if one.current is None else amount(one.current, one),
        target=amount(one.target, one),
        percent=None if share is None else round(100 * share),
        fed=_fed(one),
        as_of=words.near_day(one.current_on, day) if one.current_on else "",
        rests_on=_rests_on(one, latest),
        why=one.unknown or (NOT_YET if one.fed_by != FedBy.TYPED and one.current_on is None else ""),
        line=line(points, first=goal.start, last=goal.end, low=one.start, high=one.target),
        line_says=_line_says(one, points, day),
        values=tuple(_value(value, one, day) for value in reversed(weeks)),
        parts=tuple(Part(part.goal_id, part.goal.title, _part(part, day)) for part in shown),
        unseen=_unseen(len(parts) - len(shown), len(parts)),
    )


def _fed(one: KeyResult) -> str:
    says = KeyResult.Metric(one.metric).label if one.metric else FedBy(one.fed_by).label
    above = one.counts_towards if one.above_seen else None  # type: ignore[attr-defined]
    return f"{says}; counts towards “{above.title}”" if above else str(says)


def _rests_on(one: KeyResult, latest: KeyResultValue | None) -> str:
    """n, and what was left out; nothing where what it stands at now was not measured."""
    if latest is None or one.fed_by == FedBy.TYPED or latest.day != one.current_on or latest.n is None:
        return ""
    metric = (METRICS.get(one.metric, ("", "")), "with a part not known")
    (single, many), without = COUNTED.get(FedBy(one.fed_by), metric)
    says = f"n = {words.plural(latest.n, single, many)}"
    return f"{says}; {words.number(latest.left_out)} {without} left out" if latest.left_out else says


def _part(one: KeyResult, day: date) -> str:
    as_of = f", {words.near_day(one.current_on, day)}" if one.current_on else ""
    now = "not known" if one.current is None else amount(one.current, one)
    return f"{one.title}: {now} of {amount(one.target, one)}{as_of}"


def _unseen(hidden: int, every: int) -> str:
    if not hidden:
        return ""
    return f"{'All' if hidden == every else 'Also'} {words.number(hidden)} {UNSEEN}: counted, and not told one by one."


def _line_says(one: KeyResult, points: Sequence[tuple[date, float | None]], day: date) -> str:
    """From 12 producers on 5 Oct to 27 producers on Mon 23 Nov, in 7 weeks with a value."""
    known = [(on, value) for on, value in points if value is not None]
    if len(known) < 2:
        return ""
    ends = [f"{amount(value, one)} on {words.near_day(on, day)}" for on, value in (known[0], known[-1])]
    return f"From {ends[0]} to {ends[1]}, {len(known)} weeks with a value"


def amount(value: float, one: KeyResult) -> str:
    """A number of a key result with its unit."""
    if one.unit == KeyResult.Unit.YES_NO:
        return "yes" if value >= 1 else "no"
    number = f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) < 1e9 else f"{value:,.6g}"
    unit = "%" if one.unit == KeyResult.Unit.PERCENT else f" {one.unit_word}" if one.unit_word else ""
    return f"{number}{unit}".replace("-", "−")


def _value(each: KeyResultValue, one: KeyResult, day: date) -> str:
    said = amount(each.value, one) if each.value is not None else f"not known: {each.unknown}"
    who = f"measured (formula {each.formula})" if each.measured else each.by.name if each.by else "somebody who left"
    return f"{words.near_day(each.day, day)}: {said}, {who}"
