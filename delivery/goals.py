"""What people write of goals: checked, kept with its history, and refused where somebody else was quicker.

Who may do so is for the caller to ask (delivery.access). The same checks stand behind form, API and import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from delivery import goal_sight, locks, plan_changes
from delivery.core.cycles import way
from delivery.key_results import KeyResultTold, keep_key_results, key_result_problems
from delivery.models import Goal
from delivery.models.naming import LONGEST_SLUG
from delivery.plan_changes import Difference
from delivery.refused import Conflict, Wrong
from people.access import User
from people.models import Person
from teams.models import Group, Team

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 5000
SLUG: Final = re.compile(r"[-a-zA-Z0-9_]+")
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
RANK: Final = {Goal.Level.COMPANY: 0, Goal.Level.GROUP: 1, Goal.Level.TEAM: 2}


@dataclass(frozen=True, slots=True)
class GoalTold:
    """What a person may say of a goal; ``end`` is the first day after its period. An empty ``slug`` is made of the title."""

    title: str
    level: str
    start: date
    end: date
    group: Group | None = None
    team: Team | None = None
    owner: Person | None = None
    parent: Goal | None = None
    ambition: str = Goal.Ambition.COMMITTED
    confidential: bool = False
    why: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What a goal's check needs to know of others: every goal's parent by slug, and the goals right below it."""

    parents: Mapping[str, str] = field(default_factory=dict)
    below: Sequence[Goal] = ()


def around(goal: Goal | None) -> Around:
    """Two queries."""
    pairs = Goal.objects.filter(parent__isnull=False).order_by().values_list("slug", "parent__slug")
    return Around(dict(pairs), list(goal.children.filter(dropped=None)) if goal else ())  # type: ignore[attr-defined]


def problems(told: GoalTold, *, around: Around, before: Goal | None = None) -> dict[str, str]:
    """Why ``told`` cannot be kept, by field; empty where it can. ``before``: the goal as it stands. No queries."""
    found = _text_problems(told)
    if told.level not in Goal.Level:
        found["level"] = f"Choose one of: {', '.join(Goal.Level.values)}."
    elif told.level == Goal.Level.TEAM and told.team is None:
        found["team"] = "Choose the team whose goal it is."
    elif told.level == Goal.Level.GROUP and told.group is None:
        found["group"] = "Choose the group whose goal it is."
    if told.ambition not in Goal.Ambition:
        found["ambition"] = f"Choose one of: {', '.join(Goal.Ambition.values)}."
    found |= _period_problems(told, around.below)
    if told.parent is not None and not found.keys() & {"level", "start", "end"}:
        says = _parent_problem(told, told.parent, around, before)
        if says:
            found["parent"] = says
    return found


def _text_problems(told: GoalTold) -> dict[str, str]:
    found = {}
    if not told.title.strip():
        found["title"] = "Say in a line what will be true, such as “All events on schema v3”."
    elif len(told.title.strip()) > LONGEST_TITLE:
        found["title"] = f"Keep it to {LONGEST_TITLE} letters; these are {len(told.title.strip()):,}."
    if len(told.why) > LONGEST_TEXT:
        found["why"] = f"Keep it to {LONGEST_TEXT:,} letters; these are {len(told.why):,}."
    return found | slug_problem(told.slug, "events-on-v3")


def slug_problem(slug: str, such: str) -> dict[str, str]:
    """Why it cannot name a goal or a deliverable in addresses and files; an empty one is made of the title."""
    if len(slug) > LONGEST_SLUG:
        return {"slug": f"Keep it to {LONGEST_SLUG} letters."}
    if slug and not SLUG.fullmatch(slug):
        return {"slug": f"Use letters without accents, digits and hyphens, such as {such}."}
    return {}


def _period_problems(told: GoalTold, below: Iterable[Goal]) -> dict[str, str]:
    if not FIRST_DAY <= told.start <= LAST_DAY or not FIRST_DAY <= told.end <= LAST_DAY + timedelta(days=1):
        return {"start": "Enter days between 2000 and 2199, such as 2027-01-01."}
    if told.end <= told.start:
        return {"end": f"The last day is before the first: enter {_day(told.start)} or a later day."}
    outside = [one for one in below if one.start < told.start or one.end > told.end]
    if outside:
        one = outside[0]
        more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
        until = f"{_day(one.start)} to {_day(one.end - timedelta(days=1))}"
        return {
            "end": f"“{one.title}”{more} below it would lie outside ({until}): move these first, or keep the period."
        }
    return {}


def _parent_problem(told: GoalTold, parent: Goal, around: Around, before: Goal | None) -> str:
    if parent.dropped is not None and (before is None or before.parent_id != parent.pk):
        return f"“{parent.title}” was dropped: choose another goal, or none."
    if not _is_above(parent.level, told.level):
        return f"A {told.level}’s goal cannot serve a {parent.level}’s goal: choose one of a higher level."
    if told.start < parent.start or told.end > parent.end:
        until = f"{_day(parent.start)} to {_day(parent.end - timedelta(days=1))}"
        return f"“{parent.title}” runs from {until}: choose a goal whose period holds this one’s, or change the days."
    if before is not None:
        up = {child: (above,) for child, above in around.parents.items()}
        if way(up, parent.slug, before.slug) is not None:
            return f"“{parent.title}” is below this goal already, so it cannot be above it: choose another one."
    return ""


def _is_above(parent: str, child: str) -> bool:
    """A level above; a group's goal also under another group's, because groups nest."""
    return RANK[Goal.Level(parent)] < RANK[Goal.Level(child)] or (parent, child) == (Goal.Level.GROUP, Goal.Level.GROUP)


@transaction.atomic
def add_goal(told: GoalTold, key_results: Sequence[KeyResultTold] = (), *, by: User, at: datetime) -> Goal:
    """A new goal with its key results. Raises Wrong."""
    locks.wait_for(locks.PLANS, 0)
    wrong = problems(told, around=Around()) | key_result_problems(key_results, None, told.parent)
    if told.slug and Goal.objects.filter(slug=told.slug).exists():
        wrong["slug"] = f"There is a goal called {told.slug} already: choose another name."
    _demand(wrong)
    goal = Goal.objects.create(**fields_of(told) | {"slug": told.slug or plan_changes.free_slug_of(Goal, told.title)})
    plan_changes.keep(goal, [Difference("Written down", "", "")], by=by, at=at)
    keep_key_results(goal, key_results, by=by, at=at, is_new=True)
    _demand(goal_sight.out_of_sight(goal, by))
    return goal


@transaction.atomic
def change_goal(
    goal: Goal,
    told: GoalTold,
    key_results: Sequence[KeyResultTold] | None = None,
    *,
    by: User,
    at: datetime,
    seen: int,
    note: str = "",
) -> Goal:
    """The goal as ``told``, every difference in its history; ``key_results`` None leaves them as they are.

    ``seen`` is the version that the person looked at. Raises Conflict where it is not the present one, and Wrong.
    """
    locks.wait_for(locks.PLANS, 0)
    row = locked(goal)
    if row.version != seen:
        raise Conflict(row)
    told = replace(told, parent=goal_sight.kept_parent(row, told.parent, by))
    wrong = problems(told, around=around(row), before=row)
    if key_results is not None:
        key_results = goal_sight.kept_wholes(row, key_results, by)
        wrong |= key_result_problems(key_results, row, told.parent)
    _demand(goal_sight.unsaid(row, wrong, by))
    found = goal_differences(row, told)
    for name, value in fields_of(told).items():
        setattr(row, name, value)
    row.save()
    _demand(goal_sight.out_of_sight(row, by))
    if key_results is not None:
        found += keep_key_results(row, key_results, by=by, at=at)
    if found or note.strip():
        Goal.objects.filter(pk=row.pk).update(version=seen + 1)
        row.version = seen + 1
        plan_changes.keep(row, found or [Difference("Note", "", "")], by=by, at=at, note=note.strip())
    return row


def _demand(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise Wrong(wrong)


def move_goal(goal: Goal, parent: Goal | None, *, by: User, at: datetime, seen: int) -> Goal:
    """The goal under another parent, or under none. Raises Conflict and Wrong."""
    return change_goal(goal, as_told(goal, parent=parent), by=by, at=at, seen=seen)


@transaction.atomic
def drop_goal(goal: Goal, *, day: date | None, why: str, by: User, at: datetime, seen: int) -> Goal:
    """Given up on ``day``, or taken up again (None); ``why`` goes into the history. Raises Conflict and Wrong."""
    row = locked(goal)
    if row.version != seen:
        raise Conflict(row)
    if not why.strip():
        raise Wrong({"why": "Say why in a sentence: readers of its history will ask."})
    found = plan_changes.differences([("Dropped", row.dropped, day)])
    if found:
        row.dropped, row.version = day, row.version + 1
        row.save(update_fields=["dropped", "version"])
        plan_changes.keep(row, found, by=by, at=at, note=why.strip())
    return row


def locked(goal: Goal) -> Goal:
    rows = Goal.objects.select_for_update(of=("self",)).select_related("owner", "team", "group", "parent")
    return rows.get(pk=goal.pk)


def as_told(goal: Goal, **other: Any) -> GoalTold:
    """The goal as it stands, with some things otherwise."""
    names = ("title", "level", "start", "end", "group", "team", "owner", "parent", "ambition", "confidential", "why")
    return GoalTold(**{name: getattr(goal, name) for name in names} | {"slug": goal.slug} | other)


def fields_of(told: GoalTold) -> dict[str, Any]:
    """The goal's columns; whose it is follows from its level. Its slug never changes."""
    return {
        "title": told.title.strip(),
        "level": told.level,
        "group": told.group if told.level == Goal.Level.GROUP else None,
        "team": told.team if told.level == Goal.Level.TEAM else None,
        "owner": told.owner,
        "parent": told.parent,
        "start": told.start,
        "end": told.end,
        "ambition": told.ambition,
        "confidential": told.confidential,
        "why": told.why.strip(),
    }


def goal_differences(row: Goal, told: GoalTold) -> list[Difference]:
    after = fields_of(told)
    last = timedelta(days=1)
    return plan_changes.differences(
        [
            ("Title", row.title, after["title"]),
            ("Whose goal", _whose(row.level, row.group, row.team), _whose(told.level, after["group"], after["team"])),
            ("Owner", row.owner, told.owner),
            ("Serves", row.parent, told.parent),
            ("First day", row.start, told.start),
            ("Last day", row.end - last, told.end - last),
            ("Ambition", Goal.Ambition(row.ambition).label, Goal.Ambition(told.ambition).label),
            ("Confidential", row.confidential, told.confidential),
            ("Why", row.why, after["why"]),
        ]
    )


def _whose(level: str, group: Group | None, team: Team | None) -> str:
    return str(team or group or "The company") if level in Goal.Level else ""


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
