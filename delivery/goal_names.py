"""What the history says of goals by their titles, told to a reader who may not see all of them.

A change keeps titles as they were on its day, several of them joined. Those of goals that the reader may see, now or
as they were called before, are told; everything else is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, QuerySet

from delivery import access
from delivery.goals import LONGEST_TITLE
from delivery.models import Goal, PlanChange
from people.access import User

SERVES, GOALS, TITLE = "Serves", "Goals", "Title"
UNSAID: Final = "what is not shown to you"
JOINT: Final = ", "  # as plan_changes.in_words has it


def told_to(user: User, rows: Sequence[PlanChange]) -> Sequence[PlanChange]:
    """The same rows without titles of goals that ``user`` may not see; two queries where any tells titles."""
    naming = [row for row in rows if row.what in (SERVES, GOALS)]
    names = {name for row in naming for text in (row.before, row.after) for name in _possible(row.what, text)}
    known = _known(user, names) if names else set()
    for row in naming:
        row.before, row.after = (_told(row.what, text, known) for text in (row.before, row.after))
    return rows


def _known(user: User, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that goals which ``user`` may see are or were called, and none that is hidden."""
    seen = access.visible_goals(user)
    now = Goal.objects.filter(title__in=names).annotate(is_seen=Exists(seen.filter(pk=OuterRef("pk"))))
    once = PlanChange.objects.filter(what=TITLE, goal__isnull=False, before__in=names)
    once = once.annotate(is_seen=Exists(seen.filter(pk=OuterRef("goal"))))
    found = [*_pairs(now, "title"), *_pairs(once, "before")]
    return {name for name, is_seen in found if is_seen} - {name for name, is_seen in found if not is_seen}


def _pairs(rows: QuerySet[Any], name: str) -> Iterable[tuple[str, bool]]:
    return rows.order_by().values_list(F(name), "is_seen").distinct()


def _possible(what: str, text: str) -> Iterable[str]:
    """Every title that ``text`` may hold: a title may have commas of its own."""
    if what == SERVES:
        return [text] if text else []
    parts = text.split(JOINT) if text else []
    return [name for first in range(len(parts)) for name, _ in _from(parts, first)]


def _from(parts: Sequence[str], first: int) -> list[tuple[str, int]]:
    """What begins at ``first``, the shortest first, with where it ends."""
    found: list[tuple[str, int]] = []
    for end in range(first + 1, len(parts) + 1):
        name = JOINT.join(parts[first:end])
        if len(name) > LONGEST_TITLE:
            break
        found.append((name, end))
    return found


def _told(what: str, text: str, known: set[str]) -> str:
    if what == SERVES or not text:
        return text if text in known or not text else UNSAID
    parts, place = text.split(JOINT), 0
    told: list[str] = []
    while place < len(parts):
        fits = [(name, end) for name, end in _from(parts, place) if name in known]
        name, place = fits[-1] if fits else (UNSAID, place + 1)
        told.append(name)
    shown = [one for one in told if one != UNSAID]
    return JOINT.join([*shown, UNSAID] if len(shown) < len(told) else shown)
