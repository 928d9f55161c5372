"""What people write of people: checked, kept, and refused where somebody else was quicker.

Who may do so is for the caller to ask (people.access). The same checks stand behind API and import.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from people.models import Person, Role
from people.refused import Conflict, Wrong

LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 254
ZONES: Final = frozenset(available_timezones())
LAST_ADMIN: Final = "Nobody else could manage Headway then: make somebody else an administrator first."


@dataclass(frozen=True, slots=True)
class PersonTold:
    """What may be said of a person. Addresses are kept in small letters."""

    email: str
    name: str
    role: str = Role.ENGINEER
    timezone: str = "UTC"
    active: bool = True


def person_as_told(row: Person) -> PersonTold:
    return PersonTold(row.email, row.name, row.role, row.timezone, row.is_active)


def person_problems(told: PersonTold) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. No queries."""
    found = {}
    try:
        validate_email(told.email)
    except ValidationError:
        found["email"] = "Enter an e-mail address, such as ada@example.com."
    if len(told.email) > LONGEST_ADDRESS:
        found["email"] = f"Keep it to {LONGEST_ADDRESS} letters."
    if says := name_problem(told.name, LONGEST_NAME, "Ada Lovelace"):
        found["name"] = says
    if told.role not in Role.values:
        found["role"] = f"Choose one of: {', '.join(Role.values)}."
    if says := zone_problem(told.timezone):
        found["timezone"] = says
    return found


def name_problem(name: str, longest: int, such: str) -> str:
    if not name.strip():
        return f"Enter a name, such as {such}."
    return f"Keep it to {longest} letters." if len(name.strip()) > longest else ""


def zone_problem(zone: str) -> str:
    return "" if zone in ZONES else "Enter a time zone by its place, such as Europe/Berlin or UTC."


@transaction.atomic
def add_person(told: PersonTold) -> Person:
    """Somebody new, who cannot log in before they are invited or come by single sign-on. Raises Wrong."""
    wrong = person_problems(told) | _taken(told)
    if wrong:
        raise Wrong(wrong)
    return Person.objects.create(**person_columns(told), password=make_password(None))


@transaction.atomic
def change_person(person: Person, told: PersonTold, *, seen: str) -> Person:
    """The person as ``told``; ``seen`` is ``content_hash(person_as_told(…))`` of what was looked at. Raises Conflict and Wrong."""
    # All administrators, in one order, so that two of them cannot take each other's role away at once.
    # With the person, as an import locks everybody.
    admins = Q(role=Role.ADMIN, is_active=True)
    rows = Person.objects.filter(admins | Q(pk=person.pk)).order_by("pk").select_for_update()
    others = {one.pk for one in rows if _is_admin(person_as_told(one))} - {person.pk}
    row = locked(Person, person.pk, person_as_told, seen)
    wrong = person_problems(told) | (_taken(told, row) if told.email.lower() != row.email.lower() else {})
    if _is_admin(person_as_told(row)) and not _is_admin(told) and not others:
        wrong["role" if told.role != Role.ADMIN else "active"] = LAST_ADMIN
    if wrong:
        raise Wrong(wrong)
    for name, value in person_columns(told).items():
        setattr(row, name, value)
    row.save()
    return row


def _is_admin(told: PersonTold) -> bool:
    return told.active and told.role == Role.ADMIN


def _taken(told: PersonTold, but: Person | None = None) -> dict[str, str]:
    there = Person.objects.filter(email__iexact=told.email).exclude(pk=but.pk if but else 0)
    return {"email": "Somebody with this address is here already: enter another one."} if there.exists() else {}


def person_columns(told: PersonTold) -> dict[str, Any]:
    return {
        "email": told.email.lower(),
        "name": told.name.strip(),
        "role": told.role,
        "timezone": told.timezone,
        "is_active": told.active,
    }


def locked(rows: Any, pk: int, told_of: Callable[[Any], Any], seen: str) -> Any:
    """The row, locked until the transaction ends. Raises Conflict where its content is not the ``seen`` one."""
    row = rows.objects.select_for_update().get(pk=pk)
    if content_hash(told_of(row)) != seen:
        raise Conflict(row)
    return row


def content_hash(told: Any) -> str:
    """Stands for a record that somebody looked at, of its content alone; a row in it stands by its key."""
    values = [getattr(told, name) for name in told.__slots__]
    text = json.dumps([getattr(value, "pk", value) for value in values], default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
