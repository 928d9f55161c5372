"""Which deliverables serve a goal: several linked and unlinked at once, all of them or none.

Who may do so is for the caller to ask (delivery.access): of the goal, and of every deliverable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction

from delivery import deliverables, goals, locks
from delivery.models import Deliverable, Goal
from delivery.refused import Wrong
from people.access import User

MOST: Final = 50
TOO_MANY: Final = f"Change up to {MOST} at once: keep these first, then choose the next."


@transaction.atomic
def link(
    goal: Goal,
    wishes: Mapping[Deliverable, bool],
    *,
    by: User,
    at: datetime,
    seen: Mapping[int, int],
    note: str = "",
) -> int:
    """Each deliverable serves the goal from now on, or no longer; how many do otherwise than before.

    The change is in the history of each deliverable; the other goals that it serves stay. ``seen``: the version of
    each, by id, that the person looked at. Raises Conflict with the first that is not at its version, and Wrong.
    """
    locks.wait_for(locks.PLANS, 0)
    if len(wishes) > MOST:
        raise Wrong({"deliverables": TOO_MANY})
    if goals.locked(goal).dropped and any(wishes.values()):
        raise Wrong({"deliverables": f"“{goal.title}” is dropped: take it up again first, or only take work off it."})
    return sum(_link(goal, row, serves, by, at, seen[row.pk], note) for row, serves in wishes.items())


def _link(goal: Goal, row: Deliverable, serves: bool, by: User, at: datetime, seen: int, note: str) -> bool:
    told = deliverables.as_told(row)
    others = [one for one in told.goals if one.pk != goal.pk]
    is_new = serves is (len(others) == len(told.goals))
    told = replace(told, goals=[*others, goal] if serves else others)
    try:
        deliverables.change_deliverable(row, told, by=by, at=at, seen=seen, note=note if is_new else "")
    except Wrong as wrong:
        says = f"“{row.title}” is not right as it stands: {' '.join(wrong.errors.values())} Edit it first."
        raise Wrong({"deliverables": says}) from None
    return is_new
