"""What the managers typed into Headway: the part of the organisation that no tool knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from simulator.company import clock, goals, roster
from simulator.company.history import History
from simulator.company.staff import COMPANY, Staff
from simulator.company.trace import Promise
from simulator.records import CheckIn, Commitment, Deliverable, Membership, OpenRole, Plan

NOTICE = timedelta(days=30)  # a move or departure is entered this long before
OPENED = timedelta(days=20)  # before the anchor, the roles open today were agreed
# Ahead by two weeks at least for all the days the stories hold. By team, title, days past the anchor, share, ramp.
_ROLES = ((0, "Machine learning engineer", 45, 1.0, 12), (7, "Data engineer", 60, 0.8, 10))
Promised = tuple[Deliverable, ...]


def written(staff: Staff, seed: int, start: date, day: date, promises: list[Promised], *, anchor: date) -> Plan:
    """The whole plan as of the end of ``day``."""
    return Plan(
        day=day,
        company=COMPANY,
        groups=staff.groups,
        teams=staff.teams,
        people=staff.people,
        memberships=tuple(_known(m, day) for m in staff.memberships if m.start <= day + NOTICE),
        time_off=roster.time_off(staff, seed, start, roster.known(day)),
        holidays=tuple(d for year in range(start.year, day.year + 2) for d in clock.holidays(year)),
        goals=goals.written(staff, seed, start, day),
        deliverables=tuple(one for team in promises for one in team),
        open_roles=_open_roles(staff, anchor) if day >= anchor - OPENED else (),
    )


def _open_roles(staff: Staff, anchor: date) -> tuple[OpenRole, ...]:
    """Those of the teams there are; a smaller organisation looks for fewer people."""
    return tuple(
        OpenRole(staff.teams[team].slug, title, anchor + timedelta(days=days), share, weeks)
        for team, title, days, share, weeks in _ROLES
        if team < len(staff.teams)
    )


def _known(membership: Membership, day: date) -> Membership:
    """An end that nobody had announced yet is open."""
    if membership.end is not None and membership.end > day + NOTICE:
        return replace(membership, end=None)
    return membership


def promised(history: History, day: int) -> Promised:
    """One team's deliverables with what had been said of them by the end of ``day``, by order of commitment."""
    people = list(history.roster.index)
    return tuple(_deliverable(history, one, day, people) for one in history.promises.values() if one.committed <= day)


def _deliverable(history: History, one: Promise, day: int, people: list[str]) -> Deliverable:
    given = date.fromordinal(one.committed)
    first = date.fromordinal(one.commitments[0][1])
    return Deliverable(
        slug=one.slug,
        title=one.title,
        kind=one.kind,
        team=history.team.slug,
        owner=people[one.owner],
        goal=goals.team_goal(history.team.project, given, first, one.seq),
        epic=one.ticket.key,
        start=given,
        commitments=tuple(
            Commitment(date.fromordinal(at), date.fromordinal(target), people[by], cause, note)
            for at, target, by, cause, note in one.commitments
            if at <= day
        ),
        check_ins=tuple(
            CheckIn(date.fromordinal(at), people[by], status, confidence, note)
            for at, by, status, confidence, note in one.check_ins
            if at <= day
        ),
        depends_on=(one.waits,) if one.waits else (),
        story=one.story,
        size=(round(_SMALL * size), round(_LARGE * size)) if (size := _expected(history, one)) else None,
    )


_SMALL, _LARGE = 0.7, 1.6  # of the items that will be found, as they are guessed before anybody has looked


def _expected(history: History, one: Promise) -> int:
    """Items of a deliverable that is promised before its scope is known; 0 for any other."""
    return next((story.items for story in history.traits.stories if one.story == story.name == "no_scope"), 0)
