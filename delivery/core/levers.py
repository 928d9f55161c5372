"""What a what-if may change: a list of levers, each a plain record that can be kept, compared and applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any


class LeverKind(StrEnum):
    """What a lever does; which fields of ``Lever`` it reads is said beside it."""

    REMOVE_SCOPE = "remove_scope"  # deliverable, items: so many open items are left for later
    ADD_SCOPE = "add_scope"  # deliverable, items: so many items come on top
    MOVE_DATE = "move_date"  # deliverable, day: the promise moves to this day
    ADD_PEOPLE = "add_people"  # team, people (full-time), day (from), until (None: for good), lender (team or None)
    PUT_FIRST = "put_first"  # deliverable: the team works on it before everything else
    UNBLOCK = "unblock"  # deliverable: what is stuck, blocked or very old, moves on
    DROP_DEPENDENCY = "drop_dependency"  # deliverable, needs: it waits for this deliverable no more
    HIRE = "hire"  # role, day: the open role starts on this day instead


@dataclass(frozen=True, slots=True)
class Lever:
    """One change. Ids are those of rows; fields that its kind does not read are left as they are."""

    kind: LeverKind
    deliverable: int | None = None
    team: int | None = None
    items: int = 0
    day: date | None = None
    until: date | None = None
    people: float = 0.0
    lender: int | None = None
    needs: int | None = None
    role: int | None = None

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(problem)


NEEDED: Mapping[LeverKind, tuple[str, ...]] = {
    LeverKind.REMOVE_SCOPE: ("deliverable", "items"),
    LeverKind.ADD_SCOPE: ("deliverable", "items"),
    LeverKind.MOVE_DATE: ("deliverable", "day"),
    LeverKind.ADD_PEOPLE: ("team", "people", "day"),
    LeverKind.PUT_FIRST: ("deliverable",),
    LeverKind.UNBLOCK: ("deliverable",),
    LeverKind.DROP_DEPENDENCY: ("deliverable", "needs"),
    LeverKind.HIRE: ("role", "day"),
}


def _problem(lever: Lever) -> str:
    """Why ``lever`` cannot be pulled, as a sentence; empty where it can."""
    missing = [name for name in NEEDED[lever.kind] if not getattr(lever, name)]
    if missing:
        return f"The lever {lever.kind.value} needs {' and '.join(missing)}."
    if lever.items < 0 or lever.people < 0:
        return "A lever cannot move less than nothing."
    if lever.until is not None and lever.day is not None and lever.until <= lever.day:
        return "People cannot leave before they come."
    if lever.kind == LeverKind.ADD_PEOPLE and lever.lender == lever.team:
        return "A team cannot borrow from itself."
    return ""


def as_json(levers: Iterable[Lever]) -> list[dict[str, Any]]:
    """Levers as they are kept: days as ISO texts, defaults left out."""
    return [
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(lever).items()
            if value not in (None, 0, 0.0)
        }
        for lever in levers
    ]


def from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[Lever, ...]:
    """The reverse of ``as_json``. Raises ValueError with a sentence for anything that is no lever."""
    return tuple(_lever(row) for row in rows)


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{text!r} is no day; write it as 2026-11-23.") from error


NUMBERS: Mapping[str, float] = {
    **dict.fromkeys(("deliverable", "team", "lender", "needs", "role"), 2.0**62),
    "items": 100_000.0,
    "people": 10_000.0,
}
"""Fields that hold a number, and the largest that makes sense."""


def _is_number(value: Any, most: float) -> bool:
    """Whole, or for people any number from 0 on; nothing counts as not given."""
    if value is None:
        return True
    whole = isinstance(value, int) and not isinstance(value, bool)
    fraction = isinstance(value, float) and most == NUMBERS["people"]
    return (whole or fraction) and 0 <= value <= most


def _lever(row: Mapping[str, Any]) -> Lever:
    unknown = set(row) - {field.name for field in fields(Lever)}
    if unknown:
        raise ValueError(f"A lever knows no {', '.join(sorted(unknown))}.")
    wrong = [name for name, value in row.items() if name in NUMBERS and not _is_number(value, NUMBERS[name])]
    if wrong:
        raise ValueError(
            f"A lever needs a whole number (people: a number) of a sensible size for {' and '.join(wrong)}."
        )
    given = dict(row)
    if given.get("kind") not in [kind.value for kind in LeverKind]:
        raise ValueError(f"There is no lever {given.get('kind', '')!r}.")
    try:
        given["kind"] = LeverKind(given["kind"])
        for name in ("day", "until"):
            if given.get(name) is not None:
                given[name] = _day(given[name])
        given = {name: value for name, value in given.items() if value is not None}
        return Lever(**given)
    except (TypeError, KeyError) as error:
        raise ValueError(f"This is no lever: {dict(row)}.") from error
