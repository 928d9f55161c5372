"""Memberships as lines of a file: who is in which team from which day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from delivery import csv_kinds
from delivery.core import csv_cells
from delivery.csv_kinds import Column, Draft, Kind, World, by_email, plain, rows_of, text
from people.access import User, can_manage_people
from teams.access import placeable, teams_changed, visible_memberships
from teams.changes import MembershipTold, membership_columns, membership_problems, share_warning
from teams.models import Membership, Team

COLUMNS: Final = {
    "person": Column("Person", csv_kinds.person, csv_kinds.email, needed="an e-mail address, such as ada@example.com"),
    "team": Column("Team", csv_kinds.team, csv_kinds.slug, needed="the team’s short name, such as ml-platform"),
    "role": text("Role", default="engineer"),
    "start": Column("First day", plain(csv_cells.day), needed="a day, such as 2027-01-04"),
    "end": Column("First day after it", plain(csv_cells.day)),
    "share": Column("Share", plain(csv_cells.share), default=csv_cells.share("1"), needed="a share, such as 1 or 0.5"),
}


def load(user: User | None, now: datetime, locking: bool) -> World:
    world = World(user, now, people=by_email(locking), teams={one.slug: one for one in rows_of(Team, False)})
    people = {one.pk: one for one in world.people.values()}
    teams = {one.pk: one for one in world.teams.values()}
    for one in rows_of(Membership, locking):
        one.person, one.team = people[one.person_id], teams[one.team_id]
        world.memberships.append(one)
    if user is not None:
        world.changeable = teams_changed(user)
        world.placeable = set(placeable(user).values_list("pk", flat=True))
    return world


def key_of(cells: dict[str, str]) -> str:
    said = [cells["person"].lower(), cells["team"], cells["start"]]
    return ", ".join(said) if all(said) else ""


def row_of(world: World, cells: dict[str, str]) -> Membership:
    return Membership()


def standing(world: World, exporting: bool) -> dict[str, tuple[Any, dict[str, Any]]]:
    rows = world.memberships
    if world.user is not None and not can_manage_people(world.user):
        day = timezone.localdate(world.now)
        seen = set(visible_memberships(world.user, day=day).values_list("pk", flat=True))
        rows = [one for one in rows if one.pk in seen]
    found = {}
    for one in rows:
        key = f"{one.person.email.lower()}, {one.team.slug}, {one.start}"
        found[key] = (one, {name: getattr(one, name) for name in COLUMNS})
    return found


def settle(world: World, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        for name, value in membership_columns(_told(draft)).items():
            setattr(draft.row, name, value)
    rows = [*world.memberships, *(draft.row for draft in drafts if draft.before is None)]
    for one in rows:
        world.beside.setdefault(one.person.email, []).append(one)


def _told(draft: Draft) -> MembershipTold:
    return MembershipTold(**draft.after)


def refused(world: World, draft: Draft) -> str:
    may = world.changeable is None or draft.after["team"].pk in world.changeable
    if not may:
        return "You may change who is in the teams that you manage: leave this line out."
    if draft.before is None and not csv_kinds.may_place(world, draft.after["person"]):
        return "You may add engineers and leads who work for you, or whom no team has: ask a director."
    return ""


def check(world: World, draft: Draft) -> dict[str, str]:
    told = _told(draft)
    others = [one for one in world.beside[draft.row.person.email] if one is not draft.row]
    if says := share_warning(told, others):
        draft.warnings["share"] = says
    return membership_problems(told, others)


def write(world: World, drafts: Sequence[Draft]) -> None:
    Membership.objects.bulk_create([draft.row for draft in drafts if draft.before is None], batch_size=1000)
    Membership.objects.bulk_create(
        [draft.row for draft in drafts if draft.before is not None],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["role", "end", "share"],
        batch_size=1000,
    )


KIND: Final = Kind(
    "memberships", "membership", "memberships", COLUMNS, ("person", "team", "start"), load,
    key_of, row_of, standing, settle, refused, check, write,
)  # fmt: skip
