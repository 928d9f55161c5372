"""People as lines of a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.hashers import make_password

from delivery.core import csv_cells
from delivery.csv_kinds import Column, Draft, Kind, World, by_email, plain, text
from people.access import User, can_manage_people
from people.changes import LAST_ADMIN, PersonTold, person_columns, person_problems
from people.models import Person, Role
from teams.access import visible_people

COLUMNS: Final = {
    "email": text("E-mail", needed="an e-mail address, such as ada@example.com"),
    "name": text("Name", needed="a name, such as Ada Lovelace"),
    "role": text("Role", default=Role.ENGINEER),
    "timezone": text("Time zone", default="UTC"),
    "active": Column("Active", plain(csv_cells.yes_no), default=True, needed="yes or no"),
}


def load(user: User | None, now: datetime, locking: bool) -> World:
    people = by_email(locking)
    if user is None or can_manage_people(user):
        return World(user, now, people=people)
    seen = set(visible_people(user).values_list("email", flat=True))
    return World(user, now, people={key: one for key, one in people.items() if one.email in seen})


def row_of(world: World, cells: dict[str, str]) -> Person:
    return world.people.setdefault(cells["email"].lower(), Person(email=cells["email"].lower()))


def standing(world: World, exporting: bool) -> dict[str, tuple[Any, dict[str, Any]]]:
    names = ("email", "name", "role", "timezone")
    return {
        key: (one, {name: getattr(one, name) for name in names} | {"active": one.is_active})
        for key, one in world.people.items()
    }


def settle(world: World, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        draft.after["email"] = draft.before["email"] if draft.before else draft.key
        for name, value in person_columns(_told(draft)).items():
            setattr(draft.row, name, value)
    if not any(_manages(one) for one in world.people.values()):
        for draft in drafts:
            if draft.was is not None and _manages(draft.was):
                draft.errors["active" if draft.row.role == Role.ADMIN else "role"] = LAST_ADMIN


def _manages(one: Person) -> bool:
    return one.is_active and one.role == Role.ADMIN


def _told(draft: Draft) -> PersonTold:
    return PersonTold(**draft.after)


def refused(world: World, draft: Draft) -> str:
    return "" if world.user is None or can_manage_people(world.user) else "Only administrators change people."


def check(world: World, draft: Draft) -> dict[str, str]:
    return person_problems(_told(draft))


def write(world: World, drafts: Sequence[Draft]) -> None:
    new = [draft.row for draft in drafts if draft.before is None]
    for one in new:
        one.password = make_password(None)
    Person.objects.bulk_create(new, batch_size=1000)
    changed = [draft.row for draft in drafts if draft.before is not None]
    fields = ["name", "role", "timezone", "is_active"]
    Person.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=1000
    )


KIND: Final = Kind(
    "people", "person", "people", COLUMNS, ("email",), load,
    lambda cells: cells["email"].lower(), row_of, standing, settle, refused, check, write,
)  # fmt: skip
