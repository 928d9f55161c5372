"""Teams as lines of a file, each with its group; a line without a team is a group in which there is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Prefetch

from delivery import csv_kinds, csv_team_scopes
from delivery.core.csv_cells import Unread
from delivery.core.cycles import way
from delivery.csv_kinds import Column, Draft, Kind, World, by_email, no_if_empty, plain, rows_of, text
from delivery.models import Source, TeamScope
from people.access import User
from people.changes import name_problem
from teams.access import can_add_team, can_place_team, placeable, teams_changed
from teams.changes import LONGEST_NAME, TeamTold, slug_problem, team_columns, team_problems
from teams.models import Group, Team


def _group(cell: str, world: World) -> Group | None:
    found = csv_kinds.group(cell, world)
    if found is not None and found.pk is None and not found.name:
        raise Unread(f"There is no group called “{cell}”: say in group_name what it is called, to make it.")
    return found


COLUMNS: Final = {
    "slug": text("Short name", needed="the team’s short name, such as ml-platform"),
    "name": text("Name", needed="the team’s name, such as ML Platform"),
    "group": Column("Group", _group, csv_kinds.slug, needed="the short name of its group, such as ml"),
    "group_name": text("Group’s name"),
    "group_parent": Column("Group’s own group", _group, csv_kinds.slug),
    "manager": Column("Manager", csv_kinds.person, csv_kinds.email),
    "lead": Column("Lead", csv_kinds.person, csv_kinds.email),
    "timezone": text("Time zone", default="UTC"),
    "archived": Column("Archived", plain(no_if_empty), default=False),
    "scopes": Column("Projects and repositories", csv_team_scopes.read, csv_team_scopes.show, default=()),
}
_OF_GROUP: Final = ("group_name", "group_parent")
_BESIDES: Final = (*_OF_GROUP, "scopes")


def load(user: User | None, now: datetime, locking: bool) -> World:
    world = World(user, now, people=by_email())
    groups = {one.pk: one for one in rows_of(Group, locking)}
    people = {one.pk: one for one in world.people.values()}
    for one in groups.values():
        one.parent = groups.get(one.parent_id)
    world.sources = {one.name: one for one in rows_of(Source, False)}
    world.parts_read = csv_team_scopes.parts_read()
    scopes = Prefetch("scopes", TeamScope.objects.select_related("source"))
    for team in rows_of(Team, locking).prefetch_related(scopes):
        team.group, team.manager, team.lead = (
            groups[team.group_id],
            people.get(team.manager_id),
            people.get(team.lead_id),
        )
        world.teams[team.slug] = team
    world.groups = {one.slug: one for one in groups.values()}
    if user is not None:
        world.may_add_team, world.changeable = can_add_team(user), teams_changed(user)
        world.may_place_teams = can_place_team(user)
        world.placeable = set(placeable(user).values_list("pk", flat=True))
    return world


def key_of(cells: dict[str, str]) -> str:
    alone = cells.get("group", "")
    return cells["slug"] or (f"group {alone}" if alone else "")


def row_of(world: World, cells: dict[str, str]) -> Team | None:
    """A new group is made of its name, too; the team is None where the line is a group’s alone."""
    name, named = cells.get("group", ""), cells.get("group_name", "")
    if name and (name not in world.groups or (world.groups[name].pk is None and not world.groups[name].name)):
        world.groups[name] = Group(slug=name, name=named)
    slug = cells["slug"]
    return world.teams.setdefault(slug, Team(slug=slug)) if slug else None


def standing(world: World, exporting: bool) -> dict[str, tuple[Any, dict[str, Any]]]:
    with_teams = {one.group.slug for one in world.teams.values()}
    found: dict[str, tuple[Any, dict[str, Any]]] = {
        f"group {slug}": (None, _values(None, one))
        for slug, one in world.groups.items()
        if not (exporting and slug in with_teams)
    }
    return found | {slug: (one, _values(one, one.group)) for slug, one in world.teams.items()}


def _values(team: Team | None, group: Group) -> dict[str, Any]:
    of_group = {"group": group, "group_name": group.name, "group_parent": group.parent}
    if team is None:
        return {name: column.default for name, column in COLUMNS.items()} | of_group
    plain_ones = {name: getattr(team, name) for name in COLUMNS if name not in (*of_group, "scopes")}
    return plain_ones | of_group | {"scopes": csv_team_scopes.in_order(team.scopes.all())}  # type: ignore[attr-defined]


def settle(world: World, drafts: Sequence[Draft]) -> None:
    stood = {slug: (one.name if one.pk else "", one.parent) for slug, one in world.groups.items()}
    said: dict[str, tuple[int, str, Group | None]] = {}
    for draft in drafts:
        group = draft.after["group"]
        _fit_group(draft, *stood[group.slug])
        if "group_name" in draft.told:
            _hear(draft, said)
        if draft.row is not None:
            for name, value in team_columns(_told(draft)).items():
                setattr(draft.row, name, value)
    for slug, (_, name, parent) in said.items():
        world.groups[slug].name, world.groups[slug].parent = name, parent


def _fit_group(draft: Draft, name: str, parent: Group | None) -> None:
    """What is said of a group counts where its name is said; otherwise it stays as it is."""
    if draft.before is not None:
        draft.before |= {"group_name": name, "group_parent": parent}
    if "group_name" not in draft.told:
        draft.after |= {"group_name": name or draft.after["group"].name, "group_parent": parent}
    elif "group_parent" not in draft.present:
        draft.after["group_parent"] = parent


def _hear(draft: Draft, said: dict[str, tuple[int, str, Group | None]]) -> None:
    slug, name, parent = draft.after["group"].slug, draft.after["group_name"], draft.after["group_parent"]
    line, *before = said.setdefault(slug, (draft.line, name, parent))
    if before[0] != name:
        draft.errors["group_name"] = f"Line {line} calls this group “{before[0]}”: give it the same name in both."
    elif before[1] is not parent:
        draft.errors["group_parent"] = f"Line {line} puts this group elsewhere: write the same in both."


def _told(draft: Draft) -> TeamTold:
    return TeamTold(**{name: value for name, value in draft.after.items() if name not in _BESIDES})


def refused(world: World, draft: Draft) -> str:
    if draft.before is None or draft.row is None or any(name in draft.changed for name in _OF_GROUP):
        return "" if world.may_add_team else "Directors and administrators make teams and groups: ask one of them."
    if world.changeable is not None and draft.row.pk not in world.changeable:
        return "You may change the teams that you manage: leave this line out."
    if {"group", "manager"} & set(draft.changed) and not world.may_place_teams:
        return "Directors and administrators say in which group a team is and who manages it: ask one of them."
    if "lead" in draft.changed and not csv_kinds.may_place(world, draft.after["lead"]):
        return "Its lead is one of those who work for you, or whom no team has: ask a director."
    return ""


def check(world: World, draft: Draft) -> dict[str, str]:
    found = team_problems(_told(draft), before=draft.was) if draft.row is not None else {}
    if draft.row is None and draft.after["scopes"]:
        found["scopes"] = "Only a team has projects and repositories: say which, or empty this."
    elif says := csv_team_scopes.unread(draft.after["scopes"], world.parts_read):
        draft.warnings["scopes"] = says
    group = draft.after["group"]
    if group.pk is None and (says := slug_problem(group.slug)):
        found["group"] = says
    if says := name_problem(draft.after["group_name"], LONGEST_NAME, "Machine Learning"):
        found["group_name"] = says
    if draft.after["group_parent"] is not None and "group_parent" in draft.changed:
        up = {one.slug: (one.parent.slug,) for one in world.groups.values() if one.parent is not None}
        parent = draft.after["group_parent"].slug
        if way(up, parent, group.slug) is not None:
            found["group_parent"] = f"“{parent}” is in this group already, or is the group itself: choose another."
    return found


def write(world: World, drafts: Sequence[Draft]) -> None:
    groups = {draft.after["group"].slug: draft.after["group"] for draft in drafts}
    groups |= {one.parent.slug: one.parent for one in [*groups.values()] if one.parent is not None}
    rows = list(groups.values())
    parents = [one.parent for one in rows]
    new = [one for one in rows if one.pk is None]
    for one in new:
        one.parent = None
    Group.objects.bulk_create(new, batch_size=1000)
    for one, parent in zip(rows, parents, strict=True):
        one.parent = parent
    _upsert(Group, rows, ["name", "parent"])
    teams = [draft.row for draft in drafts if draft.row is not None]
    Team.objects.bulk_create([one for one in teams if one.pk is None], batch_size=1000)
    changed = [draft.row for draft in drafts if draft.row is not None and draft.before is not None]
    _upsert(Team, changed, ["name", "group", "manager", "lead", "timezone", "archived"])
    csv_team_scopes.write([draft for draft in drafts if draft.row is not None])


def _upsert(model: Any, rows: Sequence[Any], fields: Sequence[str]) -> None:
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=1000)


KIND: Final = Kind(
    "teams", "team", "teams", COLUMNS, ("slug",), load,
    key_of, row_of, standing, settle, refused, check, write,
)  # fmt: skip
