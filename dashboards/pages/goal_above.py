"""The goal above another one, told to a reader who may not see it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from delivery import goal_sight
from delivery.access import can_see_goal
from delivery.goal_names import SERVES, UNSAID
from delivery.goals import GoalTold, goal_differences
from delivery.models import Goal
from delivery.plan_changes import Difference
from people.access import User

TOP: Final = "None: it stands at the top"
STAYS: Final = "As it is: what it serves is not shown to you"


def is_hidden(user: User, goal: Goal | None) -> bool:
    """Whether it serves a goal that ``user`` may not see; at most a query."""
    return goal is not None and goal.parent is not None and not can_see_goal(user, goal.parent)


def no_other(user: User, goal: Goal | None) -> str:
    """What it means to choose no goal above it."""
    return STAYS if is_hidden(user, goal) else TOP


def serves(user: User, goal: Goal) -> str:
    """It serves “Grow revenue” now."""
    if goal.parent is None:
        return "stands at the top now"
    return f"serves {UNSAID if is_hidden(user, goal) else f'“{goal.parent.title}” now'}"


def clash(user: User, now: Goal, told: GoalTold) -> list[Difference]:
    """Where what was typed differs from what counts now."""
    told = replace(told, parent=goal_sight.kept_parent(now, told.parent, user))
    unsaid = is_hidden(user, now)
    return [
        replace(one, before=UNSAID) if unsaid and one.what == SERVES else one for one in goal_differences(now, told)
    ]
