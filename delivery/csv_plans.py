"""Teams, people, memberships, goals and deliverables from a file: first what it would do, then all of it or nothing.

The same checks and permissions as behind the forms. Rows that the file does not name are never touched.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery import csv_deliverables, csv_goals, csv_memberships, csv_people, csv_teams, locks
from delivery.access import plan_reach
from delivery.core import csv_text
from delivery.core.csv_cells import Unread
from delivery.core.csv_text import Fault
from delivery.csv_kinds import Change, Draft, Kind, Line, Plan, World
from people.access import User, can_manage_people
from teams.access import can_add_team, teams_changed

KINDS: Final = {
    one.name: one
    for one in (csv_teams.KIND, csv_people.KIND, csv_memberships.KIND, csv_goals.KIND, csv_deliverables.KIND)
}


class Changed(Exception):
    """The file would do something else by now; ``plan`` is what. Nothing was kept."""

    def __init__(self, plan: Plan):
        super().__init__("Something has changed since this was looked at: look at it again.")
        self.plan = plan


def importable(user: User) -> tuple[str, ...]:
    """The kinds of which the person may change some; empty where none."""
    reach, teams = plan_reach(user), bool(teams_changed(user))
    plans = reach.everything or bool(reach.teams or reach.groups)
    may = {
        "teams": teams or can_add_team(user),
        "people": can_manage_people(user),
        "memberships": teams,
        "goals": plans,
        "deliverables": plans,
    }
    return tuple(kind for kind in KINDS if may[kind])


def plan(kind: str, text: str, *, user: User | None, now: datetime | None = None) -> Plan:
    """What the file would do, with every fault of every line. ``user`` None: the operator, who may do all."""
    return _planned(kind, text, user, now or timezone.now(), locking=False)[0]


def apply(plan_seen: Plan, *, now: datetime | None = None) -> Plan:
    """Do what was planned, all in one transaction. Raises Changed where it would do something else by now."""
    told = (plan_seen.kind, plan_seen.text, plan_seen.user)
    try:
        return _apply(plan_seen, now or timezone.now())
    except IntegrityError:  # somebody has added a row of the same name since we looked
        raise Changed(plan(*told[:2], user=told[2])) from None


@transaction.atomic
def _apply(seen: Plan, now: datetime) -> Plan:
    locks.wait_for(locks.PLANS, 0)
    fresh, world, drafts = _planned(seen.kind, seen.text, seen.user, now, locking=True)
    if fresh.digest != seen.digest or fresh.faults:
        raise Changed(fresh)
    KINDS[seen.kind].write(world, [draft for draft in drafts if draft.changed])
    return fresh


def export(kind: str, *, user: User | None, now: datetime | None = None) -> str:
    """All of the kind that the person may see, as a file that ``plan`` finds unchanged."""
    chosen = KINDS[kind]
    found = chosen.standing(chosen.load(user, now or timezone.now(), False), True)
    rows = ([column.show(values[name]) for name, column in chosen.columns.items()] for _, values in _in_order(found))
    return csv_text.written(list(chosen.columns), rows)


def _in_order(found: dict[str, tuple[Any, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((key, found[key][1]) for key in sorted(found))


def _planned(
    kind: str, text: str, user: User | None, now: datetime, *, locking: bool
) -> tuple[Plan, World, list[Draft]]:
    chosen = KINDS[kind]
    sheet = csv_text.read(text, chosen.columns, chosen.key)
    world = chosen.load(user, now, locking)
    drafts, faults = _drafts(chosen, world, sheet)
    chosen.settle(world, [draft for draft in drafts if not draft.errors])
    for draft in drafts:
        _judge(chosen, world, draft)
    faults += [Fault(d.line, name, says) for d in drafts for name, says in d.errors.items()]
    faults.sort(key=lambda one: one.line)
    warnings = tuple(Fault(d.line, name, says) for d in drafts for name, says in d.warnings.items())
    lines = tuple(_line(draft) for draft in drafts)
    made = Plan(kind, text, user, lines, tuple(faults), warnings, _digest(lines, faults))
    return made, world, drafts


def _drafts(kind: Kind, world: World, sheet: csv_text.Sheet) -> tuple[list[Draft], list[Fault]]:
    faults, drafts, seen = list(sheet.faults), [], dict[str, int]()
    standing = kind.standing(world, False)
    lines = [(number, {name: cell.strip() for name, cell in cells.items()}) for number, cells in sheet.lines]
    for number, cells in lines:
        key = kind.key_of(cells)
        if not key:
            faults.append(Fault(number, kind.key[0], f"Say which {kind.one} it is: {_needed(kind)}."))
        elif key in seen:
            faults.append(Fault(number, kind.key[0], f"Line {seen[key]} is about “{key}”, too: keep one of the two."))
        else:
            seen[key] = number
            row, before = standing.get(key, (None, None))
            new = kind.row_of(world, cells)
            told = frozenset(name for name, cell in cells.items() if cell)
            was = copy.copy(row)
            drafts.append(Draft(number, key, row or new, before, {}, frozenset(cells), told, was))
    by_line = dict(lines)
    for draft in drafts:
        _read(kind, world, draft, by_line[draft.line])
    return drafts, faults


def _needed(kind: Kind) -> str:
    return ", ".join(f"{name} is {kind.columns[name].needed}" for name in kind.key)


def _read(kind: Kind, world: World, draft: Draft, cells: dict[str, str]) -> None:
    if draft.before is None and draft.row is not None and draft.row.pk is not None:  # there, and not theirs to see
        draft.errors[kind.key[0]] = kind.refused(world, draft)
        world.faulty.add(draft.key)
        return
    for name, column in kind.columns.items():
        if name not in cells:
            if draft.before is None and column.needed and column.default is None and draft.row is not None:
                draft.errors[name] = f"A new {kind.one} needs the column {name}: {column.needed}."
            draft.after[name] = draft.before[name] if draft.before is not None else column.default
            continue
        if not cells[name] and column.needed and draft.row is not None:
            draft.errors[name] = f"This cannot be empty: enter {column.needed}."
            continue
        try:
            draft.after[name] = column.read(cells[name], world)
        except Unread as error:
            draft.errors[name] = str(error)
    if draft.errors:
        world.faulty.add(draft.key)


def _judge(kind: Kind, world: World, draft: Draft) -> None:
    """What differs, and whether it may and can be."""
    if draft.errors:
        return
    draft.changed = {one.column: one for one in _changes(kind, draft)}
    if not draft.changed:
        return
    says = kind.refused(world, draft)
    if not says or draft.before is None:  # of what others have nothing is told
        draft.errors |= kind.check(world, draft)
    if says:
        draft.errors[kind.key[0]] = says


def _changes(kind: Kind, draft: Draft) -> Iterator[Change]:
    """Of a new row every column; of another one those that are shown otherwise than before."""
    for name, column in kind.columns.items():
        after = draft.after[name]
        if draft.before is None:
            yield Change(name, "", column.show(after))
        elif (stood := draft.before[name]) is not after and stood != after:  # equal values are shown alike
            before, now = column.show(stood), column.show(after)
            if before.strip() != now.strip():
                yield Change(name, before, now)


def _line(draft: Draft) -> Line:
    if draft.errors:
        return Line(draft.line, draft.key, "wrong")
    if not draft.changed:
        return Line(draft.line, draft.key, "unchanged")
    what = "new" if draft.before is None else "changed"
    return Line(draft.line, draft.key, what, tuple(one for one in draft.changed.values() if one.before or one.after))


def _digest(lines: Sequence[Line], faults: Sequence[Fault]) -> str:
    said = [[one.number, one.key, one.what, [[c.column, c.before, c.after] for c in one.changes]] for one in lines]
    wrong = [[one.line, one.column, one.text] for one in faults]
    return hashlib.sha256(json.dumps([said, wrong]).encode()).hexdigest()
