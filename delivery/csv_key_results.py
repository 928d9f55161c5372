"""The key results of a goal in one cell of a file: a JSON list, each known by its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from delivery import plan_changes
from delivery.core.csv_cells import Unread, shown_objects
from delivery.csv_kinds import Draft
from delivery.key_results import KeyResultTold, columns
from delivery.models import KeyResult, KeyResultValue
from people.access import User

NAMES: Final = ("title", "unit", "unit_word", "start", "target", "current", "fed_by", "metric")
_NUMBERS: Final = ("start", "target", "current")
EXAMPLE: Final = '[{"title": "Events on schema v3", "unit": "percent", "start": 0, "target": 100}]'


def told_of(one: dict[str, Any]) -> KeyResultTold:
    """Raises Unread."""
    for name, value in one.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in _NUMBERS and not (value is None or is_number):
            raise Unread(f"In key_results, {name} is a number without quotation marks, such as 41.")
        if name not in _NUMBERS and not isinstance(value, str):
            raise Unread(f"In key_results, {name} is a text in quotation marks.")
    texts = {name: value.strip() for name, value in one.items() if name not in _NUMBERS}
    return KeyResultTold(**{"title": "", "start": None, "target": None} | texts | _numbers(one))


def _numbers(one: dict[str, Any]) -> dict[str, float | None]:
    try:
        return {name: None if one[name] is None else float(one[name]) for name in _NUMBERS if name in one}
    except OverflowError:
        raise Unread("In key_results, a number is too large: enter one such as 41.") from None


def as_cells(told: Sequence[KeyResultTold]) -> str:
    return shown_objects({name: _plain(one, name) for name in NAMES} for one in told)


def _plain(one: KeyResultTold, name: str) -> Any:
    """What a fed one stands at is measured, and nobody’s to write."""
    value = getattr(one, name)
    if name == "current" and one.fed_by != KeyResult.FedBy.TYPED:
        return None
    return value.strip() if isinstance(value, str) else value


def matched(told: Sequence[KeyResultTold], before: Sequence[KeyResultTold]) -> list[KeyResultTold]:
    """Each with the id of the one of the same title, in their order; without a value it keeps the one it has."""
    left = list(before)
    found = []
    for one in told:
        same = next((other for other in left if other.title.strip() == one.title.strip()), None)
        if same is not None:
            left.remove(same)
            kept = same.current if one.current is None else one.current
            one = replace(one, id=same.id, counts_towards=same.counts_towards, current=kept)
        metric = one.metric if one.fed_by == KeyResult.FedBy.METRIC else ""
        found.append(replace(one, metric=metric))
    return found


def write_key_results(
    drafts: Sequence[Draft], there: Mapping[int, Sequence[KeyResult]], *, by: User, at: datetime
) -> None:
    """Those of all goals at once; every new value with its day."""
    rows: list[tuple[KeyResult, KeyResultTold, bool]] = []
    gone: list[int] = []
    for draft in drafts:
        if "key_results" in draft.changed:
            found, left = _rows(draft, there.get(draft.row.pk, ()))
            rows += found
            gone += left
    KeyResult.objects.filter(pk__in=gone).delete()
    day = timezone.localdate(at)
    moved = [(row, told.current) for row, told, moves in rows if moves]
    for row, value in moved:
        row.current, row.current_on, row.unknown = value, day, ""
    KeyResult.objects.bulk_create([row for row, _, _ in rows if row.pk is None], batch_size=1000)
    names = ["title", "unit", "unit_word", "start", "target", "fed_by", "metric", "position"]
    KeyResult.objects.bulk_create(
        [row for row, told, _ in rows if told.id is not None],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*names, "current", "current_on", "unknown"],
        batch_size=1000,
    )
    KeyResultValue.objects.bulk_create(
        (
            KeyResultValue(key_result=row, day=day, at=at, value=value, by=plan_changes.person(by))
            for row, value in moved
        ),
        batch_size=1000,
    )


def _rows(draft: Draft, stood: Sequence[KeyResult]) -> tuple[list[tuple[KeyResult, KeyResultTold, bool]], list[int]]:
    """Each with what was told of it and whether its value moves; and the ids of those that are gone."""
    there = {one.pk: one for one in stood}
    found = []
    for place, told in enumerate(draft.after["key_results"]):
        row = there.pop(told.id, None) or KeyResult(goal=draft.row)
        for name, value in (columns(told) | {"position": place}).items():
            setattr(row, name, value)
        moves = told.fed_by == KeyResult.FedBy.TYPED and told.current is not None and told.current != row.current
        found.append((row, told, moves))
    return found, list(there)
