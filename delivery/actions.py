"""What someone does about a deliverable or a risk: added, changed, started, done or dropped, and all of it kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from delivery.access import possible_owners
from delivery.models import Action, ActionEvent, Deliverable, Risk, Scenario
from people.access import User
from people.models import Person

State = Action.State
ENDED: Final = (State.DONE, State.DROPPED)
OPEN: Final = (State.PROPOSED, State.STARTED)
LONGEST: Final = 200


class Wrong(ValueError):
    """What was typed cannot be kept; ``errors`` says why, by field."""

    def __init__(self, errors: Mapping[str, str]):
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


class Conflict(Exception):
    """Somebody else has changed the action meanwhile; ``action`` is how it stands now."""

    def __init__(self, action: Action):
        super().__init__("Somebody else has changed this action meanwhile.")
        self.action = action


@dataclass(frozen=True, slots=True)
class Expected:
    """By how much the chance of missing is to fall (0.14 is 14 points), with its range where one is known."""

    points: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a person may say of an action."""

    title: str
    owner: Person | None
    due: date
    state: str = State.PROPOSED


def problems(told: Told, *, chosen: date, before: Action | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. ``before`` is the action as it stands."""
    found = {}
    if not told.title.strip() or len(told.title) > LONGEST:
        found["title"] = "Say in up to 200 letters what will be done, such as “Second reviewer for the schema change”."
    if told.due < chosen:
        found["due"] = f"The due date cannot be before {chosen:%-d %B %Y}, the day the action was chosen."
    if told.state not in State.values:
        found["state"] = f"Choose one of: {', '.join(State.values)}."
    kept = before is not None and before.owner_id == (told.owner.pk if told.owner else None)
    if told.owner is not None and not kept and not possible_owners().filter(pk=told.owner.pk).exists():
        found["owner"] = "Choose a director, a manager, a lead or an engineer who is still here."
    return found


@transaction.atomic
def add_action(
    told: Told,
    *,
    by: User,
    deliverable: Deliverable | None = None,
    risk: Risk | None = None,
    scenario: Scenario | None = None,
    kind: str = Action.Kind.OTHER,
    why: str = "",
    levers: Sequence[Mapping[str, Any]] = (),
    expected: Expected | None = None,
    day: date | None = None,
) -> Action:
    """A new action, from a suggestion, a scenario, a risk or by hand; what it is to bring is frozen now.

    Raises Wrong. Who may do so is for the caller to ask.
    """
    chosen = day or timezone.localdate()
    wrong = problems(told, chosen=chosen)
    if kind not in Action.Kind.values:
        wrong["kind"] = "Choose what kind of action it is."
    if wrong:
        raise Wrong(wrong)
    frozen = expected or Expected()
    action = Action.objects.create(
        **_fields(told),
        deliverable=deliverable or (risk.deliverable if risk else None),
        risk=risk,
        scenario=scenario,
        kind=kind,
        why=why[:300],
        levers=[dict(one) for one in levers],
        by=_person(by),
        chosen=chosen,
        ended=chosen if told.state in ENDED else None,
        **{"expected": frozen.points, "expected_low": frozen.low, "expected_high": frozen.high},
    )
    _keep(action, by, [(ActionEvent.What.ADDED, "", action.get_state_display())])
    return action


@transaction.atomic
def change(action: Action, told: Told, *, by: User, seen: int, note: str = "", day: date | None = None) -> Action:
    """The action as ``told``; every difference goes into its history, with ``note``. Nothing is kept where nothing differs.

    ``seen`` is the version that the person looked at. Raises Conflict where it is not the present one, and Wrong.
    """
    row = Action.objects.select_for_update(of=("self",)).select_related("owner").get(pk=action.pk)
    if row.version != seen:
        raise Conflict(row)
    wrong = problems(told, chosen=row.chosen, before=row)
    if wrong:
        raise Wrong(wrong)
    told_by = _differences(row, told)
    if note.strip():
        told_by.append((ActionEvent.What.NOTE, "", ""))
    if not told_by:
        return row
    if told.state != row.state:
        row.ended = (day or timezone.localdate()) if told.state in ENDED else None
    if told.state != row.state or told.due != row.due:
        _measure_anew(row)
    for name, value in _fields(told).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    _keep(row, by, told_by, note.strip())
    return row


def start(action: Action, *, by: User, seen: int, note: str = "") -> Action:
    return to_state(action, State.STARTED, by=by, seen=seen, note=note)


def finish(action: Action, *, by: User, seen: int, note: str = "") -> Action:
    return to_state(action, State.DONE, by=by, seen=seen, note=note)


def drop(action: Action, *, by: User, seen: int, note: str = "") -> Action:
    return to_state(action, State.DROPPED, by=by, seen=seen, note=note)


def to_state(action: Action, state: str, *, by: User, seen: int, note: str = "") -> Action:
    """The same action in another state. Raises Conflict and Wrong."""
    return change(action, Told(action.title, action.owner, action.due, state), by=by, seen=seen, note=note)


def as_told(action: Action) -> Told:
    return Told(action.title, action.owner, action.due, action.state)


def _fields(told: Told) -> dict[str, Any]:
    return {"title": told.title.strip(), "owner": told.owner, "due": told.due, "state": told.state}


def _differences(row: Action, told: Told) -> list[tuple[str, str, str]]:
    owner = (row.owner.name if row.owner else "", told.owner.name if told.owner else "")
    pairs = [
        (ActionEvent.What.TITLE, row.title, told.title.strip()),
        (ActionEvent.What.OWNER, *owner),
        (ActionEvent.What.DUE, row.due.isoformat(), told.due.isoformat()),
        (ActionEvent.What.STATE, row.get_state_display(), str(State(told.state).label)),
    ]
    same_name = row.owner_id != (told.owner.pk if told.owner else None)
    return [one for one in pairs if one[1] != one[2] or (one[0] == ActionEvent.What.OWNER and same_name)]


def _measure_anew(row: Action) -> None:
    """What was measured for another end no longer holds; the history keeps it."""
    row.measured = row.measured_low = row.measured_high = row.measured_on = None
    row.compared, row.unknown = 0, ""


def _keep(action: Action, by: User, told: Sequence[tuple[str, str, str]], note: str = "") -> None:
    at: datetime = timezone.now()
    ActionEvent.objects.bulk_create(
        ActionEvent(
            action=action, at=at, by=_person(by), what=what, before=before[:LONGEST], after=after[:LONGEST],
            note=note if number == len(told) - 1 else "",
        )
        for number, (what, before, after) in enumerate(told)
    )  # fmt: skip


def _person(by: User) -> Person | None:
    return by if isinstance(by, Person) else None
