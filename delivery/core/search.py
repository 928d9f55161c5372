"""Searching the levers for the smallest changes that bring a deliverable back to a wanted chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import combinations
from typing import Final

from delivery.core.ahead import WorkAhead
from delivery.core.counterfactual import Ahead
from delivery.core.levers import Lever, LeverKind
from delivery.core.portfolio import Futures
from delivery.core.suggestion import Suggestion
from delivery.core.what_if import Outcome

MOST: Final = 4
"""Suggestions shown; more is a menu, not advice."""
WORTH: Final = 0.03
"""A lever that brings less than three points is not proposed."""
SOON: Final = timedelta(days=14)
"""From when people can be lent."""
LENDERS: Final = 2
LEAST_LENT: Final = 3.0
"""A team of fewer people does not lend one."""
SMALL: Final = 0.1
"""What disturbs others by less than this in all counts as this, so that the gentlest do not win by dividing by nothing."""

Try = Callable[[Sequence[Lever]], Outcome]


def search(ahead: Ahead, base: Futures, work: WorkAhead, attempt: Try, *, wanted: float) -> tuple[Suggestion, ...]:
    """The few changes that bring the chance of missing down to ``wanted``, or nearest, the best first.

    Ranked by what they bring for what they disturb; the smallest amount of each lever that is enough. Pairs are tried
    where no single lever is enough. Empty where nothing brings WORTH.
    """
    if work.target is None:
        return ()
    singles = [_enough(amounts, attempt, wanted) for amounts in _kinds(ahead, base, work)]
    useful = [one for one in singles if _gain(one) >= WORTH]
    found = list(useful)
    if not any(one.reaches for one in useful):
        pairs = combinations(sorted(useful, key=_gain, reverse=True)[:3], 2)
        both = (_tried((*a.levers, *b.levers), attempt, wanted) for a, b in pairs)
        found += [one for one in both if _gain(one) >= WORTH]
    return tuple(sorted(found, key=_rank, reverse=True)[:MOST])


def _kinds(ahead: Ahead, base: Futures, work: WorkAhead) -> Iterable[list[Lever]]:
    """Every lever that could help, each from its smallest amount to its largest."""
    mine = work.id
    count = len(work.items.ages)
    if count > 1:
        yield [Lever(LeverKind.REMOVE_SCOPE, mine, items=n) for n in range(1, count // 2 + 1)]
    if work.target:
        first = max(work.target, base.today)
        yield [Lever(LeverKind.MOVE_DATE, mine, day=first + timedelta(weeks=n)) for n in range(1, 27)]
    siblings = [one for one in ahead.works.values() if one.team == work.team and one.id != work.id]
    if siblings:
        yield [Lever(LeverKind.PUT_FIRST, mine)]
    if work.items.stuck.any():
        yield [Lever(LeverKind.UNBLOCK, mine)]
    for need in work.needs:
        if need in ahead.works:
            yield [Lever(LeverKind.DROP_DEPENDENCY, mine, needs=need)]
    yield from _staffing(ahead, base, work)


def _staffing(ahead: Ahead, base: Futures, work: WorkAhead) -> Iterable[list[Lever]]:
    team, start = ahead.teams[work.team], base.today + SOON
    if team.size and work.target and work.target > start:
        able = (one for one in ahead.teams.values() if one.id != team.id and one.size >= LEAST_LENT)
        for lender in sorted(able, key=lambda one: _strain(ahead, base, one.id))[:LENDERS]:
            yield [Lever(LeverKind.ADD_PEOPLE, team=team.id, people=n, day=start, lender=lender.id) for n in (1.0, 2.0)]
    for role in team.roles:
        if role.start > start:
            yield [Lever(LeverKind.HIRE, role=role.id, day=start)]


def _strain(ahead: Ahead, base: Futures, team: int) -> tuple[float, int]:
    """How likely the team's own promises are missed, summed up: who has most to lose lends last."""
    mine = [one for one in ahead.works.values() if one.team == team and one.target]
    missing = (float((base.days[one.id] > (one.target - base.today).days).mean()) for one in mine if one.target)
    return sum(missing), team


def _enough(levers: Sequence[Lever], attempt: Try, wanted: float) -> Suggestion:
    """The smallest amount that is enough, by halving (more never helps less); else the largest."""
    most = _tried((levers[-1],), attempt, wanted)
    if not most.reaches:
        return most
    low, high, found = 0, len(levers) - 1, most
    while low < high:
        middle = (low + high) // 2
        tried = _tried((levers[middle],), attempt, wanted)
        low, high, found = (low, middle, tried) if tried.reaches else (middle + 1, high, found)
    return found


def _tried(levers: tuple[Lever, ...], attempt: Try, wanted: float) -> Suggestion:
    outcome = attempt(levers)
    missing = outcome.subject.then.missing
    return Suggestion(levers, outcome, missing is not None and missing <= wanted)


def _gain(one: Suggestion) -> float:
    return -(one.outcome.subject.change or 0.0)


def _rank(one: Suggestion) -> tuple[bool, float]:
    return one.reaches, _gain(one) / (SMALL + one.outcome.disturbance)
