"""What people write of key results: checked, kept, and every value with its day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from delivery import plan_changes
from delivery.models import Goal, KeyResult, KeyResultValue
from delivery.plan_changes import Difference
from people.access import User

MOST: Final = 12
LONGEST_TITLE: Final = 200
LONGEST_UNIT: Final = 20
LARGEST: Final = 1e15
FedBy = KeyResult.FedBy
FEEDS: Final = frozenset(FedBy) - {FedBy.TYPED}
MEASURED: Final = "Headway finds this number itself: leave it empty, or let people type it in."


@dataclass(frozen=True, slots=True)
class KeyResultTold:
    """What a person may say of a key result. ``id`` None is a new one; ``counts_towards``: one of the parent goal's."""

    title: str
    start: float | None
    target: float | None
    unit: str = KeyResult.Unit.NUMBER
    unit_word: str = ""
    fed_by: str = FedBy.TYPED
    metric: str = ""
    current: float | None = None
    counts_towards: int | None = None
    id: int | None = None


def key_result_problems(told: Sequence[KeyResultTold], goal: Goal | None, parent: Goal | None) -> dict[str, str]:
    """Why they cannot be kept, by field: ``kr-0-title`` is the title of the first; at most two queries."""
    found: dict[str, str] = {}
    if len(told) > MOST:
        found["key_results"] = f"Keep it to {MOST} key results; these are {len(told)}."
    own = set(goal.key_results.values_list("pk", flat=True)) if goal else set()  # type: ignore[attr-defined]
    above = {one.counts_towards for one in told if one.counts_towards is not None}
    known = set(KeyResult.objects.filter(goal=parent, pk__in=above).values_list("pk", flat=True)) if above else set()
    for place, one in enumerate(told):
        wrong = problems_of(one)
        if one.id is not None and one.id not in own:
            wrong["title"] = "This key result is gone: somebody else took it away. Enter it anew, or leave it out."
        if one.current is not None and one.fed_by in FEEDS:
            wrong["current"] = MEASURED
        if one.counts_towards is not None and one.counts_towards not in known:
            wrong["counts_towards"] = "Choose a key result of the goal that this one serves, or none."
        found |= {f"kr-{place}-{name}": text for name, text in wrong.items()}
    return found


def problems_of(one: KeyResultTold) -> dict[str, str]:
    """Of one key result, by field; no queries."""
    found = {}
    if not one.title.strip() or len(one.title.strip()) > LONGEST_TITLE:
        found["title"] = f"Say in up to {LONGEST_TITLE} letters what is measured, such as “Events on schema v3”."
    if one.unit not in KeyResult.Unit:
        found["unit"] = f"Choose one of: {', '.join(KeyResult.Unit.values)}."
    if len(one.unit_word) > LONGEST_UNIT:
        found["unit_word"] = f"Keep it to {LONGEST_UNIT} letters, such as min."
    if one.fed_by not in FedBy:
        found["fed_by"] = f"Choose one of: {', '.join(FedBy.values)}."
    if one.fed_by == FedBy.METRIC and one.metric not in KeyResult.Metric:
        found["metric"] = "Choose the metric that feeds it."
    return found | _number_problems(one)


def _number_problems(one: KeyResultTold) -> dict[str, str]:
    found = {}
    for name, value in (("start", one.start), ("target", one.target), ("current", one.current)):
        if value is not None and (not math.isfinite(value) or abs(value) > LARGEST):
            found[name] = "Enter a number, such as 41 or 99.5."
        elif value is None and name != "current":
            found[name] = "Enter a number, such as 0."
    if not found and one.start == one.target:
        found["target"] = f"The target is where it starts ({one.start:,.15g}): enter the number it should come to."
    if not found and one.unit == KeyResult.Unit.YES_NO and {one.start, one.target} != {0.0, 1.0}:
        found["target"] = "Yes or no goes from 0 (no) to 1 (yes): enter 0 as its start and 1 as its target."
    return found


def keep_key_results(
    goal: Goal, told: Sequence[KeyResultTold], *, by: User, at: datetime, is_new: bool = False
) -> list[Difference]:
    """The goal's key results as ``told``, in their order; those left out are taken away. What differed, in words."""
    before = {} if is_new else {one.pk: one for one in goal.key_results.select_related("counts_towards")}  # type: ignore[attr-defined]
    found: list[Difference] = []
    for place, one in enumerate(told):
        row = before.pop(one.id, None) if one.id else None
        found += _keep_one(goal, row, one, place, by=by, at=at)
    for gone in before.values():
        stood = "no value" if gone.current is None else f"{gone.current:,.15g}"
        values = {name: getattr(gone, name) for name in ("title", "start", "target", "unit_word", "metric", "fed_by")}
        found.append(Difference("Key result taken away", f"{_told(values)}; it stood at {stood}", ""))
        gone.delete()
    return found


def _keep_one(
    goal: Goal, row: KeyResult | None, told: KeyResultTold, place: int, *, by: User, at: datetime
) -> list[Difference]:
    values = columns(told) | {"position": place}
    if row is None:
        row = KeyResult.objects.create(goal=goal, **values)
        found = [Difference("Key result", "", told.title.strip())]
    else:
        found = _differences(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=[*values])
    if told.fed_by == FedBy.TYPED and told.current is not None and told.current != row.current:
        found += keep_values({row: told.current}, by=by, day=timezone.localdate(at), at=at)
    return found


def columns(told: KeyResultTold) -> dict[str, Any]:
    """Without what it stands at, which has its own history."""
    return {
        "title": told.title.strip(),
        "unit": told.unit,
        "unit_word": told.unit_word.strip(),
        "start": told.start,
        "target": told.target,
        "fed_by": told.fed_by,
        "metric": told.metric if told.fed_by == FedBy.METRIC else "",
        "counts_towards_id": told.counts_towards,
    }


def _differences(row: KeyResult, values: Mapping[str, Any]) -> list[Difference]:
    before = {name: getattr(row, name) for name in values if name != "position"}
    changed = [name for name in before if before[name] != values[name]]
    if not changed:
        return []
    return [Difference(f"Key result “{row.title[:40]}”", _told(before), _told(values))]


def _told(values: Mapping[str, Any]) -> str:
    fed = KeyResult.Metric(values["metric"]).label if values["metric"] else FedBy(values["fed_by"]).label
    unit = f" {values['unit_word']}" if values["unit_word"] else ""
    return f"{values['title']}: from {values['start']:,.15g} to {values['target']:,.15g}{unit} ({fed})"


def key_result_clash(goal: Goal, told: Sequence[KeyResultTold]) -> list[Difference]:
    """Where two wrote the key results of ``goal``: all of them now, and all of them as told; nothing where they agree."""
    now = as_told(goal.key_results.select_related("counts_towards"))  # type: ignore[attr-defined]
    before, after = (
        "; ".join(_told(columns(one)) for one in each if None not in (one.start, one.target)) for each in (now, told)
    )
    return plan_changes.differences([("Key results", before, after)])


def keep_values(values: Mapping[KeyResult, float], *, by: User, day: date, at: datetime) -> list[Difference]:
    """What key results stand at, as typed: a row each, and the latest on the key result itself. What differed."""
    KeyResultValue.objects.bulk_create(
        KeyResultValue(key_result=row, day=day, at=at, value=value, by=plan_changes.person(by))
        for row, value in values.items()
    )
    found = [Difference(row.title[:60], plan_changes.in_words(row.current), f"{v:,.15g}") for row, v in values.items()]
    for row, value in values.items():
        row.current, row.current_on, row.unknown = value, day, ""
    KeyResult.objects.bulk_update(values, ["current", "current_on", "unknown"])
    return found


def as_told(rows: Iterable[KeyResult]) -> list[KeyResultTold]:
    names = ("title", "start", "target", "unit", "unit_word", "fed_by", "metric", "current")
    return [
        KeyResultTold(**{name: getattr(row, name) for name in names}, counts_towards=row.counts_towards_id, id=row.pk)
        for row in rows
    ]
