"""The queue of what waits for the reader: what, why and since when, and one button that settles it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse

from dashboards import words
from dashboards.answers import DECIDE
from delivery.needs import Need, NeedKind, needs

__all__ = ["MOST", "Queue", "needs", "queue"]

MOST: Final = 7
KINDS: Final = {
    NeedKind.DECISION: "Decision",
    NeedKind.OVERDUE: "Overdue action",
    NeedKind.RISK: "New risk",
    NeedKind.STALE: "Stale check-in",
    NeedKind.GAP: "Gap",
}
BUTTONS: Final = {
    NeedKind.DECISION: "Decide",
    NeedKind.OVERDUE: "Settle",
    NeedKind.RISK: "Review",
    NeedKind.STALE: "Check in",
    NeedKind.GAP: "Look at it",
}


@dataclass(frozen=True, slots=True)
class Duty:
    title: str
    kind: str
    why: str
    button: str
    url: str
    is_risk: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """The first ``MOST`` and the rest, which opens on request."""

    first: tuple[Duty, ...]
    rest: tuple[Duty, ...]

    @property
    def count(self) -> int:
        return len(self.first) + len(self.rest)

    @property
    def says(self) -> str:
        if not self.count:
            return ""
        return f"{words.plural(self.count, 'thing')}, oldest duty first" if self.count > 1 else "One thing"


def queue(found: Iterable[Need], day: date) -> Queue:
    lines = tuple(_duty(one, day) for one in found)
    return Queue(lines[:MOST], lines[MOST:])


def _duty(one: Need, day: date) -> Duty:
    return Duty(one.title, KINDS[one.kind], _why(one, day), BUTTONS[one.kind], _url(one), one.kind == NeedKind.RISK)


def _why(one: Need, day: date) -> str:
    on = words.long_day(one.since, day) if one.since else ""
    late = (day - one.since).days if one.since else 0
    if one.kind == NeedKind.DECISION:
        asked = f"asked by {one.who}" if one.who else "asked"
        return f"{asked}{_ago(late)}" if one.since else asked
    if one.kind == NeedKind.OVERDUE:
        whose = {"": "yours", "nobody": "nobody’s yet"}.get(one.who, f"{one.who}’s")
        return f"{whose}, due {on}"
    if one.kind == NeedKind.RISK:
        return f"since {on}" if on else "new"
    if one.kind == NeedKind.STALE:
        return f"never one since it began on {on}" if one.lacks else f"no word for {words.days(late)}"
    return f"{one.lacks}, began {on}"


def _ago(late: int) -> str:
    return f", {words.days(late)} ago" if late > 0 else " today"


def _url(one: Need) -> str:
    """Where it can be settled."""
    if one.kind == NeedKind.OVERDUE:
        return reverse("action_edit", args=[one.about])
    if one.kind == NeedKind.STALE:
        return reverse("check_in", args=["goal" if one.deliverable is None else "deliverable", one.about])
    if one.kind == NeedKind.RISK:
        return reverse("risk", args=[one.about])
    return f"{reverse('deliverable', args=[one.deliverable])}{DECIDE.anchor if one.kind == NeedKind.DECISION else ''}"
