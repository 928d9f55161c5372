"""Rules while they are being written: rows of a form that are added, moved, removed and looked at before they count."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

MOST: Final = 200  # rules of a source
LONGEST: Final = 200  # letters of a pattern
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """``says``: how much it fits or decides, ``examples`` some of that; ``focus``: where the writing goes on."""

    place: int
    typed: Typed
    error: str
    says: str
    examples: str
    focus: bool
    first: bool
    last: bool


def typed(data: QueryDict, fields: Sequence[str]) -> list[Typed]:
    """The rows of a form, as they were typed."""
    told = data.get("count", "")
    count = min(int(told), MOST) if told.isdecimal() else 0
    return [{name: data.get(f"{name}-{place}", "").strip() for name in fields} for place in range(count)]


def stepped(rows: Sequence[Typed], do: str, empty: Typed) -> tuple[list[Typed], int | None]:
    """The rows after the button ``do`` (add, up-2, down-2, remove-2), and which of them to go on with."""
    found = list(rows)
    if do == "add" and len(found) < MOST:
        return [*found, empty], len(found)
    step, _, told = do.partition("-")
    place = int(told) if told.isdecimal() else len(found)
    if place >= len(found):
        return found, None
    if step == "remove":
        del found[place]
        return found, None
    to = place + {"up": -1, "down": 1}.get(step, 0)
    if 0 <= to < len(found):
        found.insert(to, found.pop(place))
        return found, to
    return found, None


def digest(rules: Sequence[object]) -> str:
    """Changes whenever the rules do: for noticing that two edit at once."""
    return hashlib.sha256(repr(list(rules)).encode()).hexdigest()[:16]


def scope(told: str, known: Mapping[str, str]) -> str | None:
    """A project or repository as the source spells it; None when there is none of that name."""
    return known.get(told.lower()) if told else ""


def wrong_pattern(pattern: str, example: str) -> str:
    """What is wrong with a pattern, in a sentence; empty when nothing is."""
    if not pattern:
        return f"Enter what it has to be, such as {example}."
    return f"Use at most {LONGEST} letters." if len(pattern) > LONGEST else ""
