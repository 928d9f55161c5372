"""The key results of a goal in one cell of a file: a JSON list, each known by its title."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from delivery import plan_changes
from delivery.core.csv_cells import Unread, shortened, shown_objects
from delivery.csv_kinds import Draft
from delivery.key_results import FEEDS, MEASURED, KeyResultTold, as_told, columns
from delivery.models import KeyResult, KeyResultValue
from people.access import User

NAMES: Final = ("title", "unit", "unit_word", "start", "target", "current", "fed_by", "metric", "counts_towards")
_NUMBERS: Final = ("start", "target", "current")
EXAMPLE: Final = '[{"title": "Events on schema v3", "unit": "percent", "start": 0, "target": 100}]'


@dataclass(frozen=True, slots=True)
class KeyResultLine(KeyResultTold):
    """``towards``: the title of what it counts towards, one of the goal’s that its own goal serves; empty for nothing.

    None where the file does not say, or where the person may not know.
    """

    towards: str | None = None


def told_of(one: dict[str, Any]) -> KeyResultLine:
    """Raises Unread."""
    for name, value in one.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name in _NUMBERS and not (value is None or is_number):
            raise Unread(f"In key_results, {name} is a number without quotation marks, such as 41.")
        if name not in _NUMBERS and not isinstance(value, str):
            raise Unread(f"In key_results, {name} is a text in quotation marks.")
    if one.get("current") is not None and one.get("fed_by") in FEEDS:
        raise Unread(f"In key_results, current: {MEASURED}")
    texts = {name: value.strip() for name, value in one.items() if name not in _NUMBERS}
    towards = texts.pop("counts_towards", None)
    return KeyResultLine(**{"title": "", "start": None, "target": None} | texts | _numbers(one), towards=towards)


def _numbers(one: dict[str, Any]) -> dict[str, float | None]:
    try:
        return {name: None if one[name] is None else float(one[name]) for name in _NUMBERS if name in one}
    except OverflowError:
        raise Unread("In key_results, a number is too large: enter one such as 41.") from None


def as_lines(rows: Sequence[KeyResult], wholes: Mapping[int, str]) -> list[KeyResultLine]:
    """``wholes``: by the id of a key result what it is called, where the person may know."""
    found = []
    for one in as_told(rows):
        towards = "" if one.counts_towards is None else wholes.get(one.counts_towards)
        values = {name.name: getattr(one, name.name) for name in fields(one)}
        found.append(KeyResultLine(**values, towards=towards))
    return found


def as_cells(told: Sequence[KeyResultLine]) -> str:
    return shown_objects({name: _plain(one, name) for name in NAMES} for one in told)


def _plain(one: KeyResultLine, name: str) -> Any:
    """What a fed one stands at is measured, and nobody’s to write."""
    if name == "counts_towards":
        return (one.towards or "").strip()
    value = getattr(one, name)
    if name == "current" and one.fed_by != KeyResult.FedBy.TYPED:
        return None
    return value.strip() if isinstance(value, str) else value


def matched(told: Sequence[KeyResultLine], before: Sequence[KeyResultLine]) -> list[KeyResultLine]:
    """Each with the id of the one of the same title, in their order; without a value it keeps the one it has."""
    left = list(before)
    found = []
    for one in told:
        same = next((other for other in left if other.title.strip() == one.title.strip()), None)
        if same is not None:
            left.remove(same)
            one = _kept(one, same)
        metric = one.metric if one.fed_by == KeyResult.FedBy.METRIC else ""
        found.append(replace(one, metric=metric))
    return found


def _kept(one: KeyResultLine, same: KeyResultLine) -> KeyResultLine:
    """What it counts towards stays where the file does not say, and where the person could not see it."""
    towards = same.towards if one.towards is None or (not one.towards and same.towards is None) else one.towards
    above = same.counts_towards if towards == same.towards else None
    current = same.current if one.current is None else one.current
    return replace(one, id=same.id, towards=towards, counts_towards=above, current=current)


def towards_problems(told: Sequence[KeyResultLine], wholes: Collection[str]) -> list[str]:
    """``wholes``: what the key results of the goal above are called."""
    return [
        f"Key result {place}, counts_towards: the goal above has no key result called “{shortened(one.towards)}”. "
        "Mend the name, or leave it empty."
        for place, one in enumerate(told, 1)
        if one.towards and one.towards.strip() not in wholes
    ]


def write_key_results(
    drafts: Sequence[Draft], there: Mapping[int, Sequence[KeyResult]], *, by: User, at: datetime
) -> None:
    """Those of all goals at once; every new value with its day."""
    rows: list[tuple[KeyResult, KeyResultLine, bool]] = []
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
    _find_wholes(rows)
    names = ["title", "unit", "unit_word", "start", "target", "fed_by", "metric", "position", "counts_towards"]
    KeyResult.objects.bulk_create(
        [row for row, told, _ in rows if told.id is not None or row.counts_towards_id],
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


def _find_wholes(rows: Sequence[tuple[KeyResult, KeyResultLine, bool]]) -> None:
    """What each counts towards, by its title, once all of them are there; one query."""
    parents = {row.goal.parent_id for row, told, _ in rows if told.towards}
    wholes = KeyResult.objects.filter(goal__in=parents).order_by("-position", "-pk") if parents else ()
    known = {(one.goal_id, one.title.strip()): one.pk for one in wholes}
    for row, told, _ in rows:
        if told.towards:
            row.counts_towards_id = known[row.goal.parent_id or 0, told.towards.strip()]


def _rows(draft: Draft, stood: Sequence[KeyResult]) -> tuple[list[tuple[KeyResult, KeyResultLine, bool]], list[int]]:
    """Each with what was told of it and whether its value moves; and the ids of those that are gone."""
    there = {one.pk: one for one in stood}
    found = []
    for place, told in enumerate(draft.after["key_results"]):
        row = there.pop(told.id, None) or KeyResult()
        row.goal = draft.row
        for name, value in (columns(told) | {"position": place}).items():
            setattr(row, name, value)
        moves = told.fed_by == KeyResult.FedBy.TYPED and told.current is not None and told.current != row.current
        found.append((row, told, moves))
    return found, list(there)
