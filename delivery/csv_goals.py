"""Goals as lines of a file, with their key results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from delivery import csv_kinds, plan_changes
from delivery.access import owners_seen, plan_reach, reaches, visible_goals
from delivery.core import csv_cells
from delivery.core.csv_cells import Unread
from delivery.csv_key_results import (
    EXAMPLE,
    NAMES,
    KeyResultLine,
    as_cells,
    as_lines,
    matched,
    told_of,
    towards_problems,
    write_key_results,
)
from delivery.csv_kinds import Column, Draft, Kind, World, by_email, no_if_empty, plain, rows_of, text
from delivery.goal_sight import HIDDEN, UNSEEN
from delivery.goals import Around, GoalTold, drop_problems, fields_of, goal_differences, problems
from delivery.key_results import MOST, KeyResultTold, problems_of
from delivery.models import Goal, KeyResult, PlanChange
from delivery.plan_changes import Difference
from people.access import User
from teams.models import Group, Team

BY_FILE: Final = "By a file."  # which has no column for why
DAY: Final = timedelta(days=1)


def _key_results(cell: str, world: World) -> list[KeyResultLine]:
    return [told_of(one) for one in csv_cells.objects(cell, NAMES, EXAMPLE)]


def _level(cell: str, world: World) -> str:
    if cell not in Goal.Level:
        raise Unread(f"Choose one of: {', '.join(Goal.Level.values)}.")
    return cell


COLUMNS: Final = {
    "slug": text("Short name", needed="the goal’s short name, such as events-on-v3"),
    "title": text("Title", needed="a line such as All events on schema v3"),
    "level": Column("Level", _level, needed=f"one of {', '.join(Goal.Level.values)}"),
    "group": Column("Group", csv_kinds.group, csv_kinds.slug),
    "team": Column("Team", csv_kinds.team, csv_kinds.slug),
    "owner": Column("Owner", csv_kinds.person, csv_kinds.email),
    "parent": Column("Serves", csv_kinds.goal, csv_kinds.slug),
    "first_day": Column("First day", plain(csv_cells.day), needed="a day, such as 2027-01-01"),
    "last_day": Column("Last day", plain(csv_cells.day), needed="a day, such as 2027-06-30"),
    "ambition": text("Ambition", default=Goal.Ambition.COMMITTED),
    "confidential": Column("Confidential", plain(no_if_empty), default=False),
    "why": text("Why"),
    "dropped": Column("Dropped", plain(csv_cells.day)),
    "key_results": Column("Key results", _key_results, as_cells, default=()),
}


def load(user: User | None, now: datetime, locking: bool) -> World:
    world = World(user, now, people=by_email())
    world.groups = {one.slug: one for one in rows_of(Group, False)}
    world.teams = {one.slug: one for one in rows_of(Team, False)}
    goals = {one.pk: one for one in rows_of(Goal, locking)}
    results: dict[int, list[Any]] = {}
    for one in rows_of(KeyResult, locking).order_by("position", "pk"):
        results.setdefault(one.goal_id, []).append(one)
    world.links["key_results"] = results
    known: dict[str, dict[int, Any]] = {
        "group": {one.pk: one for one in world.groups.values()},
        "team": {one.pk: one for one in world.teams.values()},
        "owner": {one.pk: one for one in world.people.values()},
        "parent": goals,
    }
    for goal in goals.values():
        for name, rows in known.items():
            setattr(goal, name, rows.get(getattr(goal, f"{name}_id")))
    world.goals = {one.slug: one for one in goals.values()}
    if user is not None:
        world.reach, world.owners = plan_reach(user), owners_seen(user)
        seen = set(visible_goals(user).values_list("pk", flat=True))
        world.hidden = {one.slug for one in goals.values() if one.pk not in seen}
    world.wholes = _wholes(world)
    return world


def _wholes(world: World) -> dict[int, str]:
    """What key results are called, of goals that the person may see."""
    goals = [one for one in world.goals.values() if one.slug not in world.hidden]
    return {each.pk: each.title.strip() for one in goals for each in world.links["key_results"].get(one.pk, ())}


def row_of(world: World, cells: dict[str, str]) -> Goal:
    slug = cells["slug"]
    return world.goals.get(slug) or world.goals.setdefault(slug, Goal(slug=slug))


def standing(world: World, exporting: bool) -> dict[str, tuple[Any, dict[str, Any]]]:
    return {
        slug: (one, _values(world, one))
        for slug, one in world.goals.items()
        if slug not in world.hidden and one.pk is not None
    }


def _values(world: World, goal: Goal) -> dict[str, Any]:
    names = ("slug", "title", "level", "owner", "ambition", "confidential", "why", "dropped")
    parent = goal.parent if goal.parent is not None and goal.parent.slug not in world.hidden else None
    return {name: getattr(goal, name) for name in names} | {
        "group": goal.group if goal.level == Goal.Level.GROUP else None,
        "team": goal.team if goal.level == Goal.Level.TEAM else None,
        "parent": parent,
        "first_day": goal.start,
        "last_day": goal.end - DAY,
        "key_results": as_lines(world.links["key_results"].get(goal.pk, ()), world.wholes),
    }


def settle(world: World, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        _fit(world, draft)
        for name, value in fields_of(_told(draft)).items():
            setattr(draft.row, name, value)
        draft.row.dropped = draft.after["dropped"]
        world.measures[draft.key] = {one.title.strip() for one in draft.after["key_results"]}
    for one in world.goals.values():
        if one.parent is not None and one.dropped is None and one.slug not in world.faulty:
            world.beside.setdefault(one.parent.slug, []).append(one)


def _fit(world: World, draft: Draft) -> None:
    """What the form would make of it; what the person cannot see stays as it is."""
    after = draft.after
    after["group"] = after["group"] if after["level"] == Goal.Level.GROUP else None
    after["team"] = after["team"] if after["level"] == Goal.Level.TEAM else None
    before = draft.before["key_results"] if draft.before is not None else ()
    after["key_results"] = matched(after["key_results"], before)


def _told(draft: Draft) -> GoalTold:
    names = ("slug", "title", "level", "group", "team", "owner", "ambition", "confidential", "why")
    told = {name: draft.after[name] for name in names}
    parent = draft.after["parent"]
    if parent is None and draft.was is not None and draft.before is not None and draft.before["parent"] is None:
        parent = draft.was.parent  # None, or one that the person may not see
    return GoalTold(**told, parent=parent, start=draft.after["first_day"], end=draft.after["last_day"] + DAY)


def refused(world: World, draft: Draft) -> str:
    if draft.key in world.hidden:
        return f"There is a goal called {draft.key} already, and you may not change it: choose another name."
    was = draft.was
    may = was is None or reaches(world.reach, team=was.team_id, group=was.group_id)
    if not may:
        return "You may change the goals of your teams and groups: leave this line out."
    after = draft.row
    if reaches(world.reach, team=after.team_id, group=after.group_id):
        return ""
    return "You may write goals for your teams and groups: choose one of them, or leave this line out."


def check(world: World, draft: Draft) -> dict[str, str]:
    told = _told(draft)
    if told.parent is not None and told.parent.slug in world.faulty:
        told = replace(told, parent=None)  # told at its own line
    found = _problems(world, draft, told) | _out_of_sight(world, draft.row)
    if draft.row.dropped != (draft.was.dropped if draft.was else None):
        found |= drop_problems(draft.row.dropped, BY_FILE, today=timezone.localdate(world.now))
    says = _key_result_problems(draft.after["key_results"])
    if told.parent is not None or draft.after["parent"] is None:
        says += towards_problems(draft.after["key_results"], _measures(world, told.parent))
    return found | ({"key_results": " ".join(says)} if says else {})


def _problems(world: World, draft: Draft, told: GoalTold) -> dict[str, str]:
    """By column, without the titles of goals that the person may not see."""
    below = [one for one in world.beside.get(draft.key, ()) if draft.before is None or one.slug not in world.faulty]
    found = problems(told, around=Around(_chain(told.parent), below), before=draft.was or Goal(slug=draft.key))
    if "parent" in found and told.parent is not None and told.parent.slug in world.hidden:
        found["parent"] = HIDDEN
    if "end" in found and any(one.slug in world.hidden for one in below):
        found["end"] = HIDDEN
    named = {"start": "first_day", "end": "last_day"}
    return {named.get(name, name): says for name, says in found.items()}


def _out_of_sight(world: World, goal: Goal) -> dict[str, str]:
    unseen = world.owners is not None and goal.confidential and goal.owner_id not in world.owners
    return {"owner": UNSEEN} if unseen else {}


def _measures(world: World, goal: Goal | None) -> set[str]:
    """What the key results of a goal are called, as the file would leave them."""
    if goal is None or goal.slug in world.hidden:
        return set()
    stood = {one.title.strip() for one in world.links["key_results"].get(goal.pk, ())}
    return world.measures.get(goal.slug, stood)


def _chain(goal: Goal | None) -> dict[str, str]:
    """The goals above one, by the slug of the one below: what it takes to find a circle."""
    found: dict[str, str] = {}
    while goal is not None and goal.parent is not None and goal.slug not in found:
        found[goal.slug] = goal.parent.slug
        goal = goal.parent
    return found


def _key_result_problems(told: Sequence[KeyResultTold]) -> list[str]:
    says = [f"Keep it to {MOST} key results; these are {len(told)}."] if len(told) > MOST else []
    for place, one in enumerate(told, 1):
        says += [f"Key result {place}, {name}: {wrong}" for name, wrong in problems_of(one).items()]
    return says


def write(world: World, drafts: Sequence[Draft]) -> None:
    for new in _from_the_top([draft.row for draft in drafts if draft.before is None]):
        Goal.objects.bulk_create(new, batch_size=1000)
    changed = [draft.row for draft in drafts if draft.before is not None]
    for draft in drafts:
        draft.row.parent = draft.row.parent  # which has its id by now
        draft.row.version += draft.before is not None
    fields = [*fields_of(_told(drafts[0])), "dropped", "version"] if drafts else []
    Goal.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=1000
    )
    by = csv_kinds.by(world)
    write_key_results(drafts, world.links["key_results"], by=by, at=world.now)
    history = [
        row for draft in drafts for row in plan_changes.rows_of(draft.row, _differences(draft), by=by, at=world.now)
    ]
    PlanChange.objects.bulk_create(history, batch_size=1000)


def _from_the_top(new: Sequence[Goal]) -> Iterator[list[Goal]]:
    """New goals, those first whose parents are there; nobody is in a circle any more."""
    left = list(new)
    while left:
        waiting = [one for one in left if one.parent is not None and one.parent.pk is None]
        yield [one for one in left if one.parent is None or one.parent.pk is not None]
        left = waiting


def _differences(draft: Draft) -> list[Difference]:
    if draft.before is None:
        return [Difference("Written down", "", "")]
    found = goal_differences(draft.was, _told(draft))
    pairs = [("Dropped", draft.was.dropped, draft.row.dropped)]
    if "key_results" in draft.changed:
        before, after = (
            tuple(one.title.strip() for one in values["key_results"]) for values in (draft.before, draft.after)
        )
        found.append(Difference("Key results", ", ".join(before), ", ".join(after)))
    return found + plan_changes.differences(pairs)


KIND: Final = Kind(
    "goals", "goal", "goals", COLUMNS, ("slug",), load,
    lambda cells: cells["slug"], row_of, standing, settle, refused, check, write,
)  # fmt: skip
