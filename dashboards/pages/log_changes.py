"""What was changed of a deliverable, told in its log: one entry for all that somebody kept at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Final

from django.utils import timezone

from dashboards import words
from dashboards.pages.log import Entry, signed
from delivery.goal_names import told_to
from delivery.models import Deliverable, PlanChange
from people.access import User

MOST: Final = 100
LONGEST: Final = 120  # letters of a value


def changed(user: User, row: Deliverable, day: date) -> tuple[Entry, ...]:
    """The newest of its changes, without goals that the reader may not see; one query, and two where goals changed."""
    rows = row.changes.select_related("by").order_by("-at", "-id")[:MOST]  # type: ignore[attr-defined]
    return tuple(
        _entry(list(same), day) for _, same in groupby(told_to(user, list(rows)), lambda one: (one.at, one.by_id))
    )


def _entry(rows: list[PlanChange], day: date) -> Entry:
    rows = rows[::-1]  # as the form has them
    names = ", ".join(one.what.lower() for one in rows if one.before or one.after)
    strong = f"Changed: {names}." if names else f"{rows[0].what}."
    note = next((one.note for one in rows if one.note), "")
    on = timezone.localdate(rows[0].at)
    return Entry(on, False, strong, " ".join(_values(rows)), note, signed(on, rows[0].by, day, ""))


def _values(rows: Iterable[PlanChange]) -> Iterable[str]:
    for one in rows:
        if one.before or one.after:
            before, after = (words.short(text, LONGEST) or "nothing" for text in (one.before, one.after))
            yield f"{one.what}: from “{before}” to “{after}”."
