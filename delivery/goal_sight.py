"""What whoever writes of a goal may not see of others: it stays as it is, is not named, and nobody writes themselves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.db.models import QuerySet

from delivery import access
from delivery.key_results import KeyResultTold
from delivery.models import Goal, KeyResult
from people.access import User
from people.models import Person

HIDDEN: Final = "A goal that is not yours to see runs otherwise: ask a director, or keep the period and the level."
UNSEEN: Final = "You could not see this goal any more: name yourself or somebody who works for you, or ask a director."


def _hidden_from(by: User) -> QuerySet[Goal]:
    return Goal.objects.exclude(pk__in=access.visible_goals(by).values("pk"))


def kept_parent(row: Goal, parent: Goal | None, by: User) -> Goal | None:
    """``parent`` as told; none where the present one was never shown to ``by`` is no wish to leave it."""
    if parent is None and row.parent_id and _hidden_from(by).filter(pk=row.parent_id).exists():
        return row.parent
    return parent


def kept_wholes(row: Goal, told: Sequence[KeyResultTold], by: User) -> list[KeyResultTold]:
    """The same of what a key result counts towards."""
    hidden = KeyResult.objects.filter(goal=row, counts_towards__goal__in=_hidden_from(by))
    above = dict(hidden.values_list("pk", "counts_towards_id"))
    return [replace(one, counts_towards=one.counts_towards or above.get(one.id or 0)) for one in told]


def unsaid(row: Goal, wrong: Mapping[str, str], by: User) -> dict[str, str]:
    """The errors of ``row``’s parent and period without the titles of goals that ``by`` may not see."""
    hidden = _hidden_from(by)
    around = {"parent": hidden.filter(pk=row.parent_id or 0), "end": hidden.filter(parent=row)}
    named = {name for name, rows in around.items() if name in wrong and rows.exists()}
    return {name: HIDDEN if name in named else says for name, says in wrong.items()}


def out_of_sight(row: Goal, by: User) -> dict[str, str]:
    """Nobody writes a goal out of their own sight by mistake: what is wrong, by field. Asked once it is written."""
    if not row.confidential or not isinstance(by, Person) or access.can_see_goal(by, row):
        return {}
    return {"owner": UNSEEN}
