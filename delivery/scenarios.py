"""What-ifs that are kept by name, proposed to somebody, decided once, and applied when they are accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from delivery import applied, locks
from delivery.core import what_if as core
from delivery.core.levers import Lever, LeverKind, as_json, from_json
from delivery.models import Deliverable, Forecast, Scenario
from delivery.open_levers import open_levers, problems, target_of
from delivery.what_if import Impossible, what_if
from people.models import Person


class ScenarioError(Exception):
    """Why a scenario cannot be kept, proposed or decided, as a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """To whom, and what is said with it."""

    to: Person
    note: str = ""


def keep(
    row: Deliverable,
    levers: Sequence[Lever],
    *,
    name: str,
    by: Person,
    day: date,
    now: datetime,
    proposal: Proposal | None = None,
) -> Scenario:
    """Keep ``levers`` with what they do as it looks on ``day``; with a ``proposal`` it waits for a decision.

    Raises ScenarioError where the levers cannot be pulled or there is no forecast to start from.
    """
    if not levers:
        raise ScenarioError("Nothing is changed yet: move at least one lever, then keep it.")
    if said := problems(levers, open_levers(row, day=day), deliverable=row, day=day):
        raise ScenarioError(" ".join(said))
    try:
        outcome = what_if(row, levers, day=day)
    except Impossible as error:
        raise ScenarioError(str(error)) from error
    if outcome is None:
        raise ScenarioError("There is no forecast to start from, so what this would change is not known.")
    with transaction.atomic():
        made = Scenario.objects.create(
            deliverable=row, name=name[:200], levers=as_json(levers), day=day, outcome=core.as_json(outcome), by=by
        )
        if proposal:
            _propose(made, proposal, now)
    return made


def propose(scenario: Scenario, proposal: Proposal, *, day: date, now: datetime) -> None:
    """Put a kept scenario before somebody. Raises ScenarioError for one that is proposed or of an earlier day."""
    with transaction.atomic():
        held = Scenario.objects.select_for_update().get(pk=scenario.pk)
        if held.state != Scenario.State.DRAFT:
            raise ScenarioError(_already(held))
        if held.day != day:
            raise ScenarioError(
                f"It shows how things looked on {_day(held.day)}. Run it again today, then propose that."
            )
        _propose(held, proposal, now)


def _propose(held: Scenario, proposal: Proposal, now: datetime) -> None:
    held.state, held.proposed_to, held.proposed_at = Scenario.State.PROPOSED, proposal.to, now
    held.note = proposal.note
    held.forecast = Forecast.objects.filter(deliverable=held.deliverable_id, day__lte=held.day).first()
    held.save()


def accept(scenario: Scenario, *, by: Person, day: date, now: datetime, note: str = "", cause: str = "") -> list[str]:
    """Decide for it and apply it, all or nothing; the sentences say what was done.

    Raises ScenarioError where it is decided already, or what it rests on has changed since.
    """
    with transaction.atomic():
        locks.wait_for(locks.PLANS, 0)  # it may take further deliverables of the team, as an import does
        held = _waiting(scenario)
        row = (
            Deliverable.objects.select_for_update(of=("self",))
            .select_related("team", "owner")
            .get(pk=held.deliverable_id)
        )
        levers = from_json(held.levers)
        _still_holds(held, row, levers, day)
        if any(lever.kind == LeverKind.MOVE_DATE for lever in levers) and not cause:
            raise ScenarioError("Say why the date moves: choose a cause.")
        done = applied.apply(held, row, levers, applied.Decision(by, day, cause, note))
        _decide(held, Scenario.State.ACCEPTED, by, now, note)
    return done


def decline(scenario: Scenario, *, by: Person, now: datetime, note: str = "") -> None:
    """Decide against it: nothing changes. Raises ScenarioError where it is decided already."""
    with transaction.atomic():
        _decide(_waiting(scenario), Scenario.State.DECLINED, by, now, note)


def withdraw(scenario: Scenario) -> None:
    """Take a proposal or a kept scenario back. Raises ScenarioError where it is decided already."""
    with transaction.atomic():
        held = Scenario.objects.select_for_update().get(pk=scenario.pk)
        if held.state not in (Scenario.State.PROPOSED, Scenario.State.DRAFT):
            raise ScenarioError(_already(held))
        held.state = Scenario.State.WITHDRAWN
        held.save(update_fields=["state"])


def _waiting(scenario: Scenario) -> Scenario:
    """The row, held until the transaction ends, while it waits for a decision."""
    held = Scenario.objects.select_for_update().get(pk=scenario.pk)
    if held.state != Scenario.State.PROPOSED:
        raise ScenarioError(_already(held))
    return held


def _decide(held: Scenario, state: str, by: Person, now: datetime, note: str) -> None:
    held.state, held.decided_by, held.decided_at, held.decision_note = state, by, now, note
    held.save()


def _already(held: Scenario) -> str:
    """Who decided when, for who comes second."""
    if held.state == Scenario.State.DRAFT:
        return "It is not proposed yet, so there is nothing to decide."
    if held.state == Scenario.State.PROPOSED:
        return "It is proposed already and waits for a decision."
    if held.decided_at is None:
        return "It was withdrawn. Nothing is left to decide; run it again to propose it anew."
    who = held.decided_by.name if held.decided_by else "Somebody who left"
    return f"{who} {held.get_state_display().lower()} it on {_day(held.decided_at.date())}. Nothing was changed now."


def _still_holds(held: Scenario, row: Deliverable, levers: Sequence[Lever], day: date) -> None:
    """Whether the plan that the proposal was made for is still the plan."""
    if row.delivered:
        raise ScenarioError(f"It was delivered on {_day(row.delivered)}: there is nothing left to change.")
    if row.dropped:
        raise ScenarioError(f"It was dropped on {_day(row.dropped)}: there is nothing left to change.")
    now, then = target_of(row, day=day), core.from_json(held.outcome).subject.now.target
    if now != then:
        told = f"is {_day(now)} now" if now else "is gone"
        was = f"was {_day(then)}" if then else "was none"
        raise ScenarioError(
            f"The promised day {told}; when this was proposed it {was}. Run it again today and propose that."
        )
    if said := problems(levers, open_levers(row, day=day), deliverable=row, day=day):
        raise ScenarioError(f"The plan has changed since this was proposed. {' '.join(said)}")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
