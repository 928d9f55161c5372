"""Pulling levers: what lies ahead as it would be with something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from delivery.core import mapping
from delivery.core.ahead import OpenItems, Role, Steps, TeamAhead, WorkAhead, open_items
from delivery.core.calibration import marks_of
from delivery.core.levers import Lever, LeverKind

BORROWED_RAMP: Final = 2
NEWCOMER_RAMP: Final = 12
"""Weeks until somebody works as much as the others: lent by a team, or new. Assumptions (FORECAST.md 7)."""
FIRST: Final = 0
"""The priority of what is put before everything else."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """Everything that a simulation is given, by id."""

    teams: Mapping[int, TeamAhead]
    works: Mapping[int, WorkAhead]


class Impossible(ValueError):
    """A lever that cannot be pulled here; the message says why, for a person."""


def touched(ahead: Ahead, levers: Iterable[Lever]) -> set[int]:
    """Ids of the teams whose deliverables these levers move; more only wait for what these do."""
    found: set[int] = set()
    for lever in levers:
        if lever.kind == LeverKind.ADD_PEOPLE:
            found |= {team for team in (lever.team, lever.lender) if team is not None}
        elif lever.kind == LeverKind.HIRE:
            found.add(_role(ahead, lever)[0].id)
        else:
            found.add(_work(ahead, lever).team)
    return found


def pull(ahead: Ahead, levers: Iterable[Lever], *, care: int = 0) -> Ahead:
    """``ahead`` with ``levers`` pulled one after the other. Raises Impossible.

    ``care`` 1 takes what a lever leaves open at its worst, -1 at its best: which items are left for later, how long
    newcomers take to be of use.
    """
    for lever in levers:
        ahead = PULLS[lever.kind](ahead, lever, care)
    return ahead


def _work(ahead: Ahead, lever: Lever) -> WorkAhead:
    found = ahead.works.get(lever.deliverable or 0)
    if found is None:
        raise Impossible(
            "This deliverable has no forecast to change: it is delivered, dropped or has too little history."
        )
    return found


def _with(ahead: Ahead, *changed: WorkAhead) -> Ahead:
    return replace(ahead, works={**ahead.works, **{one.id: one for one in changed}})


def _remove(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    work = _work(ahead, lever)
    count = len(work.items.ages)
    if lever.items > count:
        raise Impossible(f"Only {count} items are open; {lever.items} cannot be left for later.")
    order = _left_first(work.items, work.id, care)
    return _with(ahead, with_items(work, work.items.take(np.sort(order[lever.items :]))))


def with_items(work: WorkAhead, items: OpenItems) -> WorkAhead:
    """The deliverable with other open items, corrected as the record corrects one of that size.

    Never so that less work ends later, or more work sooner: which items are begun is not what the lever is about.
    """
    marks = marks_of(len(items.ages), int(items.begun.sum()))
    sooner = work.correction.centre(marks) <= work.correction.centre(work.marks)
    fitting = sooner if len(items.ages) <= len(work.items.ages) else not sooner
    return replace(work, items=items, marks=marks if fitting else work.marks)


def _left_first(items: OpenItems, seed: int, care: int) -> np.ndarray:
    """Places of the items, what would be left for later first: what nobody has begun; among these as it falls.

    At its worst the newest (they end soonest), at its best the oldest.
    """
    ages = items.ages * care if care else np.random.default_rng(seed).permutation(len(items.ages))
    return np.lexsort((ages, items.begun)) if not care else np.argsort(ages, kind="stable")


def _add(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    work = _work(ahead, lever)
    items, more = work.items, open_items(np.zeros(lever.items))
    ids = (*items.ids, *(0 for _ in range(lever.items))) if items.ids else ()
    flags = (np.concatenate(pair) for pair in zip(items.flags, more.flags, strict=True))
    return _with(ahead, with_items(work, OpenItems(np.concatenate([items.ages, more.ages]), ids, *flags)))


def _move(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    return _with(ahead, replace(_work(ahead, lever), target=lever.day))


def _first(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    return _with(ahead, replace(_work(ahead, lever), priority=FIRST))


def _unblock(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    return _with(ahead, replace(_work(ahead, lever), freed=True))


def _do_without(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    work = _work(ahead, lever)
    if lever.needs not in work.needs:
        raise Impossible("It does not wait for this deliverable.")
    return _with(ahead, replace(work, needs=tuple(need for need in work.needs if need != lever.needs)))


def _people(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    team = ahead.teams.get(lever.team or 0)
    if team is None or not team.size or lever.day is None:
        raise Impossible("Nobody is in this team, so nothing says how much one more would bring.")
    weeks = BORROWED_RAMP if lever.lender else NEWCOMER_RAMP
    weeks = weeks * 2 if care > 0 else weeks // 2 if care < 0 else weeks
    changed = _staffed(ahead, team.id, mapping.ramp(lever.day, lever.people / team.size, weeks, lever.until))
    if lever.lender is not None:
        changed += _staffed(changed_ahead := _with(ahead, *changed), lever.lender, _lent(changed_ahead, lever))
    return _with(ahead, *changed)


def _lent(ahead: Ahead, lever: Lever) -> Steps:
    lender = ahead.teams.get(lever.lender or 0)
    if lender is None or lender.size <= lever.people or lever.day is None:
        raise Impossible("The team that would lend has not so many people.")
    back = ((lever.until, 0.0),) if lever.until else ()
    return ((lever.day, -lever.people / lender.size), *back)


def _staffed(ahead: Ahead, team: int, more: Steps) -> list[WorkAhead]:
    """The deliverables of a team with more (or fewer) people on them."""
    mine = (work for work in ahead.works.values() if work.team == team)
    return [replace(one, steps=mapping.added(one.steps, more), full=mapping.added(one.full, more)) for one in mine]


def _hire(ahead: Ahead, lever: Lever, care: int) -> Ahead:
    team, role = _role(ahead, lever)
    before = tuple((day, -part) for day, part in mapping.ramp(role.start, role.part, role.ramp_weeks))
    changed = _with(ahead, *_staffed(ahead, team.id, before))
    weeks = role.ramp_weeks * 2 if care > 0 else role.ramp_weeks // 2 if care < 0 else role.ramp_weeks
    start: date = lever.day or role.start
    changed = _with(changed, *_staffed(changed, team.id, mapping.ramp(start, role.part, weeks)))
    roles = tuple(replace(one, start=start) if one.id == role.id else one for one in team.roles)
    return replace(changed, teams={**changed.teams, team.id: replace(team, roles=roles)})


def _role(ahead: Ahead, lever: Lever) -> tuple[TeamAhead, Role]:
    for team in ahead.teams.values():
        for role in team.roles:
            if role.id == lever.role:
                return team, role
    raise Impossible("This role is not open any more, or its team has no forecast.")


PULLS: Final = {
    LeverKind.REMOVE_SCOPE: _remove,
    LeverKind.ADD_SCOPE: _add,
    LeverKind.MOVE_DATE: _move,
    LeverKind.ADD_PEOPLE: _people,
    LeverKind.PUT_FIRST: _first,
    LeverKind.UNBLOCK: _unblock,
    LeverKind.DROP_DEPENDENCY: _do_without,
    LeverKind.HIRE: _hire,
}
