"""The history of goals and deliverables: what was changed, from what to what, by whom and when. Never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.text import slugify

from delivery.models import Deliverable, Goal, PlanChange
from delivery.models.naming import LONGEST_SLUG, any_slug
from people.access import User
from people.models import Person

Subject = Goal | Deliverable


@dataclass(frozen=True, slots=True)
class Difference:
    """``what`` as the form calls it; the values in words."""

    what: str
    before: str
    after: str


def differences(pairs: Iterable[tuple[str, Any, Any]]) -> list[Difference]:
    """Those of (what, before, after) that differ, in words."""
    found = (Difference(what, in_words(before), in_words(after)) for what, before, after in pairs if before != after)
    return [one for one in found if one.before != one.after]


def in_words(value: Any) -> str:
    """A value as a person reads it; empty is nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, float):
        return f"{value:,.15g}"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(in_words, value)))
    return str(value)


def rows_of(
    subject: Subject, found: Sequence[Difference], *, by: User, at: datetime, note: str = ""
) -> list[PlanChange]:
    """The history's rows, unsaved; ``note`` stands with the last of them."""
    about = {"goal": subject} if isinstance(subject, Goal) else {"deliverable": subject}
    return [
        PlanChange(
            **about, at=at, by=person(by), what=one.what, before=one.before, after=one.after,
            note=note if number == len(found) else "",
        )
        for number, one in enumerate(found, 1)
    ]  # fmt: skip


def keep(subject: Subject, found: Sequence[Difference], *, by: User, at: datetime, note: str = "") -> None:
    PlanChange.objects.bulk_create(rows_of(subject, found, by=by, at=at, note=note))


def person(by: User) -> Person | None:
    return by if isinstance(by, Person) else None


def free_slug(title: str, taken: Iterable[str]) -> str:
    """A name made of ``title`` that is not in ``taken``; a random one where the title has no Latin letters."""
    known = set(taken)
    base = slugify(title)[: LONGEST_SLUG - 5].strip("-")
    if not base:
        return any_slug()
    names = (base if number == 1 else f"{base}-{number}" for number in range(1, len(known) + 2))
    return next(name for name in names if name not in known)


def free_slug_of(rows: Any, title: str) -> str:
    """The same, of the rows of a model; one query."""
    base = slugify(title)[: LONGEST_SLUG - 5].strip("-")
    taken = rows.objects.filter(slug__startswith=base).values_list("slug", flat=True) if base else ()
    return free_slug(title, taken)
