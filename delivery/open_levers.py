"""Which levers can do something for a deliverable, and whether some levers are among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from delivery.core.levers import Lever, LeverKind
from delivery.models import Deliverable, ScopedItem
from delivery.promise_facts import promised_day
from delivery.queries import blocked_items
from teams.models import OpenRole, Team

MOST_ADDED: Final = 200  # items
MOST_PEOPLE: Final = 10
FURTHEST: Final = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Named:
    """A row to choose by its number."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """An open role of the team and the day from which somebody is expected."""

    id: int
    name: str
    start: date


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen. ``items``: open ones in scope; ``blocked``: of them; ``target``: the promised day."""

    items: int
    blocked: int
    target: date | None
    waits_for: tuple[Named, ...]
    roles: tuple[OpenPlace, ...]
    lenders: tuple[Named, ...]
    siblings: int  # other open deliverables of the team: something to be put before


def open_levers(deliverable: Deliverable, *, day: date) -> Choices:
    """What could change the answer for ``deliverable``; a fixed number of queries."""
    scoped = ScopedItem.objects.filter(deliverable=deliverable, until=None)
    waits = deliverable.depends_on.filter(delivered=None, dropped=None).order_by("title", "pk")
    roles = OpenRole.objects.filter(team=deliverable.team_id, filled=None, dropped=None).order_by("start", "pk")
    others = Team.objects.filter(archived=False).exclude(pk=deliverable.team_id).order_by("name", "pk")
    siblings = Deliverable.objects.filter(team=deliverable.team_id, delivered=None, dropped=None)
    return Choices(
        items=scoped.filter(item__ended=None, item__deleted=None).count(),
        blocked=len(blocked_items(deliverable)),
        target=target_of(deliverable, day=day),
        waits_for=tuple(Named(*row) for row in waits.values_list("pk", "title")),
        roles=tuple(OpenPlace(*row) for row in roles.values_list("pk", "title", "start")),
        lenders=tuple(Named(*row) for row in others.values_list("pk", "name")),
        siblings=siblings.exclude(pk=deliverable.pk).count(),
    )


def target_of(deliverable: Deliverable, *, day: date) -> date | None:
    """The promised day as it stands on ``day``."""
    row = Deliverable.objects.filter(pk=deliverable.pk).order_by()
    return row.annotate(target=promised_day(day)).values_list("target", flat=True).first()


def problems(levers: Sequence[Lever], choices: Choices, *, deliverable: Deliverable, day: date) -> list[str]:
    """Why ``levers`` cannot be pulled for ``deliverable`` today, in sentences; empty where they can."""
    found = [said for lever in levers if (said := _problem(lever, choices, deliverable, day))]
    kinds = [(lever.kind, lever.needs, lever.role) for lever in levers]
    if len(kinds) > len(set(kinds)):
        found.append("The same lever was pulled twice: choose one value for each.")
    return list(dict.fromkeys(found))


def _problem(lever: Lever, choices: Choices, deliverable: Deliverable, day: date) -> str:
    if lever.deliverable not in (None, deliverable.pk) or lever.team not in (None, deliverable.team_id):
        return "These levers are of another deliverable."
    return _CHECKS[lever.kind](lever, choices, day)


def _remove(lever: Lever, choices: Choices, day: date) -> str:
    if lever.items <= choices.items:
        return ""
    return f"Choose from 0 to {choices.items} items to leave for later: so many are open."


def _add(lever: Lever, choices: Choices, day: date) -> str:
    return "" if lever.items <= MOST_ADDED else f"Choose from 0 to {MOST_ADDED} items to add."


def _move(lever: Lever, choices: Choices, day: date) -> str:
    if lever.day is None or not day <= lever.day <= day + FURTHEST:
        return "Choose a promised day from today on and within three years."
    return "That is the promised day already: choose another one." if lever.day == choices.target else ""


def _people(lever: Lever, choices: Choices, day: date) -> str:
    if lever.people > MOST_PEOPLE:
        return f"Choose from 0 to {MOST_PEOPLE} people to add."
    if lever.day is None or not day <= lever.day <= day + FURTHEST:
        return "Choose a day from today on, and within three years, for people to come."
    if lever.lender is not None and lever.lender not in {one.id for one in choices.lenders}:
        return "Choose another team to borrow from: that one is not there."
    return ""


def _first(lever: Lever, choices: Choices, day: date) -> str:
    return "" if choices.siblings else "It is the team’s only open deliverable, so there is nothing to put it before."


def _unblock(lever: Lever, choices: Choices, day: date) -> str:
    return ""


def _drop(lever: Lever, choices: Choices, day: date) -> str:
    known = lever.needs in {one.id for one in choices.waits_for}
    return "" if known else "It does not wait for that deliverable (any more)."


def _hire(lever: Lever, choices: Choices, day: date) -> str:
    if lever.role not in {one.id for one in choices.roles}:
        return "That role is not open in this team (any more)."
    if lever.day is None or not day <= lever.day <= day + FURTHEST:
        return "Choose a day from today on, and within three years, for the open role."
    return ""


_CHECKS: Final[dict[LeverKind, Callable[[Lever, Choices, date], str]]] = {
    LeverKind.REMOVE_SCOPE: _remove,
    LeverKind.ADD_SCOPE: _add,
    LeverKind.MOVE_DATE: _move,
    LeverKind.ADD_PEOPLE: _people,
    LeverKind.PUT_FIRST: _first,
    LeverKind.UNBLOCK: _unblock,
    LeverKind.DROP_DEPENDENCY: _drop,
    LeverKind.HIRE: _hire,
}
