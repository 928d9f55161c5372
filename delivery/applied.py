"""What an accepted scenario does: what Headway keeps itself is changed, the rest becomes actions for the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from delivery import actions
from delivery.access import possible_owners
from delivery.core import what_if as core
from delivery.core.levers import Lever, LeverKind, as_json
from delivery.models import Action, Commitment, Deliverable, Scenario
from delivery.what_if import Impossible, what_if
from people.models import Person
from teams.models import OpenRole, Team

SOON: Final = timedelta(days=14)
"""An action without a day of its own is due after two weeks, or on the promised day where that comes first."""
KINDS: Final = {
    LeverKind.REMOVE_SCOPE: Action.Kind.REMOVE_SCOPE,
    LeverKind.ADD_SCOPE: Action.Kind.OTHER,
    LeverKind.ADD_PEOPLE: Action.Kind.ADD_PEOPLE,
    LeverKind.UNBLOCK: Action.Kind.UNBLOCK,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who accepts, when and why; ``cause`` of a date that moves."""

    by: Person
    day: date
    cause: str = ""
    note: str = ""


def apply(scenario: Scenario, row: Deliverable, levers: tuple[Lever, ...], decision: Decision) -> list[str]:
    """Do it, and say in sentences what was done. The caller holds the rows and the transaction."""
    return [_apply(lever, scenario, row, levers, decision) for lever in levers]


def _apply(lever: Lever, scenario: Scenario, row: Deliverable, levers: tuple[Lever, ...], decision: Decision) -> str:
    if lever.kind == LeverKind.MOVE_DATE:
        return _move(lever, scenario, row, levers, decision)
    if lever.kind == LeverKind.PUT_FIRST:
        return _put_first(row)
    if lever.kind == LeverKind.DROP_DEPENDENCY:
        return _drop(lever, row)
    if lever.kind == LeverKind.HIRE:
        return _hire(lever)
    return _act(lever, scenario, row, levers, decision)


def _move(lever: Lever, scenario: Scenario, row: Deliverable, levers: tuple[Lever, ...], decision: Decision) -> str:
    assert lever.day is not None  # a lever without one cannot be made
    missing = core.from_json(scenario.outcome).subject.then.missing if scenario.outcome else None
    told = missing is not None and len(levers) == 1 and scenario.day == decision.day and 0 < missing < 1
    Commitment.objects.create(
        deliverable=row,
        given=decision.day,
        target=lever.day,
        by=decision.by,
        cause=decision.cause,
        note=decision.note or scenario.note,
        chance=1 - missing if told and missing is not None else None,
    )
    return f"The promised day is now {_day(lever.day)}."


def _put_first(row: Deliverable) -> str:
    """The first of its team; those that had an order keep it, one place later."""
    others = list(
        Deliverable.objects.select_for_update()
        .filter(team=row.team_id, delivered=None, dropped=None, priority__isnull=False)
        .exclude(pk=row.pk)
        .order_by("priority", "pk")
    )
    for place, other in enumerate(others, 2):
        other.priority = place
    Deliverable.objects.bulk_update(others, ["priority"])
    Deliverable.objects.filter(pk=row.pk).update(priority=1)
    return f"{row.team.name} works on it first."


def _drop(lever: Lever, row: Deliverable) -> str:
    needed = row.depends_on.get(pk=lever.needs or 0)
    row.depends_on.remove(needed)
    return f"It waits for {needed.title} no more."


def _hire(lever: Lever) -> str:
    assert lever.day is not None
    role = OpenRole.objects.select_for_update().get(pk=lever.role or 0)
    role.start = lever.day
    role.save(update_fields=["start"])
    title = role.title
    return f"{title} is expected on {_day(lever.day)}."


def _act(lever: Lever, scenario: Scenario, row: Deliverable, levers: tuple[Lever, ...], decision: Decision) -> str:
    effect = _effect(lever, scenario, row, levers, decision.day)
    made = actions.add_action(
        actions.Told(
            title_of(lever)[: actions.LONGEST], _owner(row) or decision.by, _due(lever, scenario, decision.day)
        ),
        by=decision.by,
        deliverable=row,
        scenario=scenario,
        kind=KINDS[lever.kind],
        why=f"From the scenario “{scenario.name[:250]}”.",
        levers=as_json([lever]),
        expected=_expected(effect),
        day=decision.day,
    )
    return f"“{made.title}” is an action of {made.owner}, due {_day(made.due)}."


def _owner(row: Deliverable) -> Person | None:
    """Who answers for the deliverable, where they can still be given something to do."""
    return possible_owners().filter(pk=row.owner_id).first() if row.owner_id else None


def _expected(effect: core.Effect | None) -> actions.Expected:
    """By how much missing becomes less likely: the effect with its sign turned."""
    if effect is None or effect.change is None:
        return actions.Expected()
    low, high = effect.low, effect.high
    return actions.Expected(-effect.change, None if high is None else -high, None if low is None else -low)


def _effect(
    lever: Lever, scenario: Scenario, row: Deliverable, levers: tuple[Lever, ...], day: date
) -> core.Effect | None:
    """What this lever does by itself: a part of a whole whose effects overlap is not to be told as the whole."""
    if len(levers) == 1 and scenario.outcome:
        return core.from_json(scenario.outcome).subject
    try:
        found = what_if(row, [lever], day=day)
    except Impossible:
        return None
    return found.subject if found else None


def _due(lever: Lever, scenario: Scenario, day: date) -> date:
    if lever.kind == LeverKind.ADD_PEOPLE and lever.day is not None:
        return max(lever.day, day)
    target = core.from_json(scenario.outcome).subject.then.target if scenario.outcome else None
    return max(min(target or day + SOON, day + SOON), day)


def title_of(lever: Lever) -> str:
    """A lever that people must pull, as an action's title."""
    if lever.kind == LeverKind.REMOVE_SCOPE:
        return f"Move {_items(lever.items)} to a later release"
    if lever.kind == LeverKind.ADD_SCOPE:
        return f"Take in {_items(lever.items)} more"
    if lever.kind == LeverKind.UNBLOCK:
        return "Clear what is stuck"
    lender = Team.objects.filter(pk=lever.lender).values_list("name", flat=True).first() if lever.lender else ""
    count = f"{lever.people:g} {'person' if lever.people == 1 else 'people'}"
    start = f" from {_day(lever.day)}" if lever.day else ""
    return f"Borrow {count} of {lender}{start}" if lender else f"Add {count}{start}"


def _items(count: int) -> str:
    return f"{count:,} {'item' if count == 1 else 'items'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
