"""Deliverables as lines of a file, with what they wait for, their scope, and the day that is promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from delivery import commitments, csv_kinds, scope_rules
from delivery.access import plan_reach, reaches, visible_goals
from delivery.core import csv_cells
from delivery.core.commitments import standing as standing_days
from delivery.core.csv_cells import Unread
from delivery.csv_kinds import Column, Draft, Kind, World, by_email, plain, rows_of, several, text
from delivery.csv_written import ends_of, write_all
from delivery.deliverables import LINKED as MANY
from delivery.deliverables import DeliverableTold, Waiting, columns, problems
from delivery.models import Commitment, Deliverable, Goal, Scope, Source
from delivery.scope_rules import ScopeTold
from people.access import User
from teams.models import Team

EXAMPLE: Final = '[{"source": "Jira", "rule": "parent", "value": "ABC-12"}]'
OF_PROMISE: Final = ("promised", "promised_on", "slip_cause", "slip_note")
PLAIN: Final = (
    *("slug", "title", "kind", "team", "owner", "start", "done_when", "priority", "size_low", "size_high", "stage"),
    *("success_threshold", "attempts_done", "attempts_low", "attempts_high"),
)


def _scope(cell: str, world: World) -> list[ScopeTold]:
    found = []
    for one in csv_cells.objects(cell, ("source", "rule", "value"), EXAMPLE):
        source, rule, value = (one.get(name, "") for name in ("source", "rule", "value"))
        if not all(isinstance(said, str) for said in (source, rule, value)):
            raise Unread(f"In scope, everything is a text in quotation marks, as in {EXAMPLE}.")
        if source not in world.sources:
            raise Unread(f"There is no source called “{csv_cells.shortened(source)}”: connect it, or mend its name.")
        found.append(ScopeTold(world.sources[source], rule, value.strip()))
    return sorted(found, key=_in_order)


def _in_order(one: Any) -> tuple[str, str, str]:
    return one.source.name, one.rule, one.value


def _show_scope(rules: Sequence[Any]) -> str:
    return csv_cells.shown_objects({"source": one.source.name, "rule": one.rule, "value": one.value} for one in rules)


def _count(cell: str) -> int:
    return csv_cells.whole(cell) or 0


COLUMNS: Final = {
    "slug": text("Short name", needed="the deliverable’s short name, such as event-schema-v3"),
    "title": text("Title", needed="a line such as Event schema v3"),
    "kind": text("Kind", default=Deliverable.Kind.FEATURE),
    "team": Column("Team", csv_kinds.team, csv_kinds.slug, needed="the short name of the team, such as ml-platform"),
    "helping_teams": Column("Helping teams", several(csv_kinds.team), csv_kinds.slugs, default=()),
    "owner": Column("Owner", csv_kinds.person, csv_kinds.email),
    "goals": Column("Goals", several(csv_kinds.goal), csv_kinds.slugs, default=()),
    "depends_on": Column("Waits for", several(csv_kinds.deliverable), csv_kinds.slugs, default=()),
    "start": Column("Start", plain(csv_cells.day), needed="a day, such as 2027-01-04"),
    "done_when": text("Done when"),
    "priority": Column("Order in the team", plain(csv_cells.whole)),
    "size_low": Column("Fewest items", plain(csv_cells.whole)),
    "size_high": Column("Most items", plain(csv_cells.whole)),
    "stage": text("Stage"),
    "success_threshold": text("Success threshold"),
    "attempts_done": Column("Attempts so far", plain(_count), default=0),
    "attempts_low": Column("Fewest attempts", plain(csv_cells.whole)),
    "attempts_high": Column("Most attempts", plain(csv_cells.whole)),
    "promised": Column("Promised", plain(csv_cells.day)),
    "promised_on": Column("Promised on", plain(csv_cells.day)),
    "slip_cause": text("What moved it"),
    "slip_note": text("What happened"),
    "delivered": Column("Delivered", plain(csv_cells.day)),
    "dropped": Column("Dropped", plain(csv_cells.day)),
    "scope": Column("Scope", _scope, _show_scope, default=()),
}  # fmt: skip


def load(user: User | None, now: datetime, locking: bool) -> World:
    """Deliverables first: what they are linked with is never taken away, and so is there afterwards."""
    rows = list(rows_of(Deliverable, locking))
    world = World(user, now, people=by_email(), promises=_promises(now))
    links = {name: _pairs(name) for name in MANY}
    scopes = list(Scope.objects.order_by("pk"))
    world.teams = {one.slug: one for one in rows_of(Team, False)}
    world.goals = {one.slug: one for one in rows_of(Goal, False)}
    world.sources = {one.name: one for one in rows_of(Source, False)}
    world.deliverables = {one.slug: one for one in rows}
    people, teams, sources = _by_id(world.people), _by_id(world.teams), _by_id(world.sources)
    for one in rows:
        one.team, one.owner = teams[one.team_id], people.get(one.owner_id)
    known = {"helping_teams": teams, "goals": _by_id(world.goals), "depends_on": _by_id(world.deliverables)}
    world.links = {name: _linked(pairs, known[name]) for name, pairs in links.items()}
    world.links["scope"] = {}
    for scope in scopes:
        if scope.source_id in sources:  # a source can be taken away meanwhile
            scope.source = sources[scope.source_id]
            world.links["scope"].setdefault(scope.deliverable_id, []).append(scope)
    if user is not None:
        world.reach = plan_reach(user)
        seen = set(visible_goals(user).values_list("pk", flat=True))
        world.hidden = {one.slug for one in world.goals.values() if one.pk not in seen}
    return world


def _by_id(rows: Mapping[str, Any]) -> dict[int, Any]:
    return {one.pk: one for one in rows.values()}


def _pairs(name: str) -> list[tuple[int, int]]:
    """(id of a deliverable, id of what it is linked with)."""
    own, other = ends_of(name)
    through: Any = getattr(Deliverable, name).through
    return list(through.objects.order_by("pk").values_list(f"{own}_id", f"{other}_id"))


def _linked(pairs: Iterable[tuple[int, int]], known: Mapping[int, Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for mine, other in pairs:
        if other in known:
            found.setdefault(mine, []).append(known[other])
    return found


def _promises(now: datetime) -> dict[int, Commitment]:
    rows = Commitment.objects.order_by("given", "id")
    return {one.deliverable_id: one for one in standing_days(rows, timezone.localdate(now))}


def row_of(world: World, cells: dict[str, str]) -> Deliverable:
    slug = cells["slug"]
    return world.deliverables.get(slug) or world.deliverables.setdefault(slug, Deliverable(slug=slug))


def standing(world: World, exporting: bool) -> dict[str, tuple[Any, dict[str, Any]]]:
    return {slug: (one, _values(world, one)) for slug, one in world.deliverables.items() if one.pk is not None}


def _values(world: World, row: Deliverable) -> dict[str, Any]:
    promise = world.promises.get(row.pk)
    many = {name: sorted(world.links[name].get(row.pk, ()), key=csv_kinds.slug) for name in MANY}
    many["goals"] = [one for one in many["goals"] if one.slug not in world.hidden]
    return (
        {name: getattr(row, name) for name in PLAIN}
        | many
        | {
            "promised": promise.target if promise else None,
            "promised_on": promise.given if promise else None,
            "slip_cause": "",
            "slip_note": "",
            "delivered": row.delivered,
            "dropped": row.dropped,
            "scope": sorted(world.links["scope"].get(row.pk, ()), key=_in_order),
        }
    )


def settle(world: World, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        _fit_promise(draft)
        for name, value in (columns(_told(draft))).items():
            setattr(draft.row, name, value)
        draft.row.delivered, draft.row.dropped = draft.after["delivered"], draft.after["dropped"]
    world.titles = {slug: one.title for slug, one in world.deliverables.items()}
    needs = world.links["depends_on"]
    for slug, one in world.deliverables.items():
        world.beside[slug] = [other.slug for other in needs.get(one.pk, ())]
    for draft in drafts:
        world.beside[draft.key] = [one.slug for one in draft.after["depends_on"]]


def _fit_promise(draft: Draft) -> None:
    """What moved a promise is of its move alone; a first one was given on the day that is said, or is given today."""
    before = draft.before["promised"] if draft.before is not None else None
    if before is not None and draft.after["promised"] == before:
        draft.after |= {name: draft.before[name] for name in OF_PROMISE}  # type: ignore[index]
    elif before is not None:
        draft.after["promised_on"] = draft.before["promised_on"]  # type: ignore[index]


def _told(draft: Draft) -> DeliverableTold:
    names = (*PLAIN, *MANY)
    return DeliverableTold(**{name: draft.after[name] for name in names})


def refused(world: World, draft: Draft) -> str:
    if draft.was is not None and not reaches(world.reach, team=draft.was.team_id):
        return "You may change the deliverables of your teams: leave this line out."
    if reaches(world.reach, team=draft.row.team_id):
        return ""
    return "You may write deliverables for your teams: choose one of them, or leave this line out."


def check(world: World, draft: Draft) -> dict[str, str]:
    before = draft.was if draft.was is not None else Deliverable(slug=draft.key)
    found = problems(_told(draft), waiting=Waiting(world.beside, world.titles), before=before)
    if draft.row.delivered and draft.row.dropped:
        found["dropped"] = "It was delivered or dropped, not both: empty one of the days."
    if says := " ".join(scope_rules.problems(draft.after["scope"]).values()):
        found["scope"] = says
    return found | _promise_problems(world, draft)


def _promise_problems(world: World, draft: Draft) -> dict[str, str]:
    after, target = draft.after, draft.after["promised"]
    before = world.promises.get(draft.row.pk) if draft.before is not None else None
    if target is None:
        if before is not None:
            return {"promised": "A promise is never taken back: enter the day it moves to, or drop the deliverable."}
        return {}
    if before is not None and before.target == target:
        return {}
    if draft.was is not None and (draft.was.delivered or draft.was.dropped):
        return {"promised": "It is delivered or dropped, so there is nothing left to promise."}
    today = timezone.localdate(world.now)
    day = today if before is not None else after["promised_on"] or today
    if day > today:
        return {"promised_on": "A promise is given today or was given before: enter that day, or leave it empty."}
    cause, note = after["slip_cause"], after["slip_note"]
    found = commitments.problems(draft.row, target, before=before, cause=cause, note=note, day=day)
    names = {"target": "promised", "cause": "slip_cause", "note": "slip_note"}
    return {names[name]: says for name, says in found.items()}


def write(world: World, drafts: Sequence[Draft]) -> None:
    labels = {name: one.label for name, one in COLUMNS.items() if name not in (*OF_PROMISE, "slug", "scope")}
    write_all(world, drafts, [name for name in PLAIN if name != "slug"], labels)


KIND: Final = Kind(
    "deliverables", "deliverable", "deliverables", COLUMNS, ("slug",), load,
    lambda cells: cells["slug"], row_of, standing, settle, refused, check, write,
)  # fmt: skip
