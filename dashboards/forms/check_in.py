"""What is typed at a check-in, and what its form shows first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.forms.numbers import NotANumber, number, shown
from delivery.check_ins import CheckInTold
from delivery.models import CheckIn, KeyResult

NUMBER: Final = "Enter a number, such as 30."
EVEN: Final = 50  # per cent, before anything was ever said
WINDOW: Final = "window"
FIELDS: Final = ("status", "confidence", "note", "reason")


@dataclass(frozen=True, slots=True)
class Typed:
    """``errors`` by field: what is no number."""

    told: CheckInTold
    errors: Mapping[str, str]


def read(data: Mapping[str, str], key_results: Sequence[KeyResult]) -> Typed:
    """``confidence`` comes in per cent; a key result whose field is left empty did not move."""
    errors, values = dict[str, str](), dict[int, float]()
    for one in key_results:
        try:
            value = number(data.get(f"kr-{one.pk}", ""))
        except NotANumber:
            errors[f"kr-{one.pk}"] = f"{NUMBER} It goes from {shown(one.start)} to {shown(one.target)}."
        else:
            if value is not None:
                values[one.pk] = value
    sure = data.get("confidence", "")
    known = sure.isascii() and sure.isdigit() and len(sure) < 4
    if sure and not known:
        errors["confidence"] = "Enter a whole number from 0 to 100, such as 70."
    told = CheckInTold(
        status=data.get("status", ""),
        confidence=int(sure) if known else None,
        note=data.get("note", ""),
        reason=data.get("reason", ""),
        values=values,
    )
    return Typed(told, errors)


def first(last: CheckIn | None, key_results: Sequence[KeyResult]) -> dict[str, str]:
    """Last week's values; words are written anew each time."""
    found = {f"kr-{one.pk}": shown(one.current) for one in key_results}
    found |= {"note": "", "reason": "", "status": last.status if last else ""}
    sure = last.confidence if last else None
    return found | {"confidence": str(EVEN if sure is None else sure)}


def kept(data: Mapping[str, str], key_results: Sequence[KeyResult]) -> dict[str, str]:
    """What a draft keeps of a form that was sent, and in which window it was typed."""
    names = (*FIELDS, WINDOW, *(f"kr-{one.pk}" for one in key_results))
    return {name: data[name] for name in names if name in data}


def same_words(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two drafts say the same, in whatever window."""
    return {**one, WINDOW: ""} == {**other, WINDOW: ""}
