"""What the demo's managers do about what threatens them: some proposed, started, overdue, done. Safe to run again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from delivery import actions, measured, promises
from delivery.core.promise import Promise
from delivery.models import Action, Deliverable, Scenario
from people.models import Person, Role

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seed:
    """``chosen`` and ``due`` count days from today; ``state`` is reached on the due day, or today where that is to come."""

    place: int  # among the deliverables in danger, the likeliest to be missed first
    title: str
    why: str
    kind: str
    chosen: int
    due: int
    state: str
    expected: float | None
    director: bool = False  # the director's own, else the owner's of the deliverable


# Forecasts of the past are a week apart: a done one was chosen on such a day, and its due date is the day before one.
SEEDS: Final = (
    Seed(0, "Second reviewer for the schema change", "Reviews wait longest", "review", -4, 6, "proposed", 0.09),
    Seed(0, "Leave the audit fields for the next release", "None waits for them", "remove_scope", -6, 9, "started", 0.16),
    Seed(0, "Borrow one engineer for the migration", "Two weeks, agreed", "add_people", -24, -5, "started", 0.08),
    Seed(1, "Choose the vector index vendor", "Four items wait for it", "decide", -20, -11, "proposed", 0.12, True),
    Seed(1, "Clear the two blocked contract tests", "", "unblock", -28, -15, "done", 0.10),
    Seed(2, "Put it before the upkeep work", "The team agreed", "put_first", -35, -15, "done", 0.15),
    Seed(3, "Agree which partners come later", "", "remove_scope", -42, -22, "done", 0.20),
    Seed(4, "Ask operations for a second review slot", "", "review", -35, -22, "done", 0.06),
    Seed(5, "Move the backfill to the weekend window", "", "other", -21, -7, "dropped", None),
)  # fmt: skip


def seed(today: date) -> int:
    """Write the actions and one proposal, unless there are any; how many were measured."""
    director = Person.objects.filter(role=Role.DIRECTOR).order_by("pk").first()
    if director is None or Action.objects.exists():
        return 0
    found = [one for one in promises.promises(director, day=today) if one.missing is not None and one.owner_id]
    rows = Deliverable.objects.select_related("owner").in_bulk([one.id for one in found])
    for each in SEEDS:
        if each.place < len(found):
            _add(each, rows[found[each.place].id], director, today)
    if len(found) > 1:
        _propose(found[1], rows[found[1].id], director, today)
    return measured.measure(day=today, at=timezone.now())


def _add(each: Seed, row: Deliverable, director: Person, today: date) -> None:
    owner = director if each.director else row.owner
    chosen, due = today + each.chosen * DAY, today + each.due * DAY
    made = actions.add_action(
        actions.Told(each.title, owner, due),
        by=director,
        deliverable=row,
        kind=each.kind,
        why=each.why,
        expected=actions.Expected(each.expected),
        day=chosen,
    )
    if each.state != made.state:
        told = actions.Told(each.title, owner, due, each.state)
        actions.change(made, told, by=owner or director, seen=made.version, day=min(due, today))


def _propose(one: Promise, row: Deliverable, director: Person, today: date) -> None:
    """A later date, asked of the director three days ago."""
    if Scenario.objects.exists() or one.p85 is None:
        return
    Scenario.objects.create(
        deliverable=row,
        name=f"Move it to {one.p85:%-d %B}",
        levers=[{"kind": "move_date", "deliverable": row.pk, "day": one.p85.isoformat()}],
        day=today - 3 * DAY,
        state=Scenario.State.PROPOSED,
        by=row.owner,
        note="The date from which it is almost sure.",
        proposed_to=director,
        proposed_at=timezone.now() - 3 * DAY,
    )
