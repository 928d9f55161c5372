"""A team's working day: what arrives, starts, stalls, gets finished, comes back.

The one source of truth about *when*; what it looks like in the tools is written from the moves it returns. Items that
wait are shared between forks and never changed; an item is copied when it starts.
"""

from __future__ import annotations

import math
import random
from typing import Any

from simulator.company import clock, planning
from simulator.company.roster import Roster
from simulator.company.state import BUG, CHORE, EXPERIMENT, INCIDENT, STORY, TASK, Item, State
from simulator.company.traits import Traits

Move = tuple[str, Any, int]  # what, the Item or Epic, a day or 0

RANKS = (0.42, 0.26, 0.15, 0.09, 0.05, 0.03)  # chance of being worked on next, by place in the team's list
HOLD, FREE = 0.022, 0.2  # per working day: an item gets stuck, a stuck one comes free
BACK = 0.008  # per working day in the week after it was done
DROP = 0.0012  # per working day, waiting items: given up
LAGS = ((0, 0.32), (1, 0.6), (2, 0.78), (3, 0.88), (4, 0.935), (5, 0.965), (7, 0.985), (9, 0.994), (13, 1.0))


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson draw, by multiplication (means here are small)."""
    if mean <= 0:
        return 0
    limit, count, product = math.exp(-min(mean, 500.0)), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def lag(rng: random.Random) -> int:
    """Working days from written to done: review, test and release."""
    draw = rng.random()
    return next(days for days, until in LAGS if draw <= until)


def step(state: State, traits: Traits, roster: Roster, anchor: int, rng: random.Random) -> list[Move]:
    """Live the day after ``state.day``; returns what happened, in order."""
    state.day += 1
    day, moves = state.day, list[Move]()
    _week(state, traits, rng)
    planning.plan(state, traits, anchor, rng, moves)
    if clock.works(day):
        _arrive(state, traits, roster, rng, moves)
    _land(state, moves)
    if clock.works(day):
        _return(state, rng, moves)
        _unblock(state, rng, moves)
    _finish(state, traits, roster, rng, moves)
    if clock.works(day):
        _hold(state, rng, moves)
        _drop(state, rng, moves)
        _start(state, traits, roster, anchor, rng, moves)
    return moves


def _week(state: State, traits: Traits, rng: random.Random) -> None:
    week = (state.day - 1) // 7  # ordinal 1 was a Monday
    if week != state.week:
        state.week = week
        state.drift = 0.97 * state.drift + rng.gauss(0.0, math.sqrt(traits.drift))
        state.noise = rng.gammavariate(1 / traits.noise, traits.noise)


def _arrive(state: State, traits: Traits, roster: Roster, rng: random.Random, moves: list[Move]) -> None:
    """Unplanned work, incidents, and the items of open deliverables that only now are found."""
    mean = traits.rate * traits.unplanned * roster.headcount(state.day)
    for _ in range(poisson(rng, mean)):
        kind = rng.choices((BUG, TASK, CHORE, STORY), (0.46, 0.24, 0.2, 0.1))[0]
        state.loose.append(_make(state, kind, -1, rng, moves))
    if rng.random() < 0.03 * math.sqrt(traits.scale):
        item = _make(state, INCIDENT, -1, rng, moves)
        state.doing.append(item)
        item.since = state.day
        moves.append(("start", item, 0))
    for epic in state.open:
        planning.reveal(state, epic, rng, moves)


def _make(state: State, kind: int, epic: int, rng: random.Random, moves: list[Move]) -> Item:
    size = 0.25 if kind == INCIDENT else rng.lognormvariate(0.0, 0.5)
    state.items += 1
    item = Item(state.items, kind, size, epic, 1, state.day)
    moves.append(("new", item, 0))
    return item


def _land(state: State, moves: list[Move]) -> None:
    for item in state.landing.pop(state.day, ()):
        _done(state, item, moves)


def _done(state: State, item: Item, moves: list[Move]) -> None:
    item.since = state.day
    state.recent.append(item)
    _leave(state, item, moves)


def _leave(state: State, item: Item, moves: list[Move]) -> None:
    """One item less in its epic; without any left the epic is done."""
    epic = state.epic(item.epic)
    if epic is None:
        return
    epic.left -= 1
    if not epic.left and state.day >= epic.scoped:
        epic.closed = state.day
        state.open.remove(epic)
        state.shut.add(epic.seq)
        moves.append(("close", epic, 0))


def _return(state: State, rng: random.Random, moves: list[Move]) -> None:
    """Some of what was done comes back within a week, unless its deliverable was closed."""
    state.recent = [item for item in state.recent if state.day - item.since <= 7]
    for item in list(state.recent):
        if rng.random() < BACK and item.since < state.day:
            epic = state.epic(item.epic)
            if item.epic >= 0 and epic is None:
                continue
            if epic is not None:
                epic.left += 1
            state.recent.remove(item)
            item.since = state.day
            state.doing.append(item)
            moves.append(("reopen", item, 0))


def _unblock(state: State, rng: random.Random, moves: list[Move]) -> None:
    for item in list(state.blocked):
        if rng.random() < FREE:
            state.blocked.remove(item)
            state.doing.append(item)
            moves.append(("unblock", item, 0))


def _finish(state: State, traits: Traits, roster: Roster, rng: random.Random, moves: list[Move]) -> None:
    """A Poisson number of items gets written; small and old ones first, more or less."""
    mean = traits.rate * roster.capacity(state.day) * math.exp(state.drift) * state.noise
    for _ in range(poisson(rng, mean)):
        if state.loose and rng.random() < 0.03:
            item = state.loose.pop(rng.randrange(len(state.loose))).copy()
            moves.append(("jump", item, 0))
            _done(state, item, moves)
        elif doing := _worked_on(state, roster):
            _write(state, _pick(doing, rng), rng, moves)


def _worked_on(state: State, roster: Roster) -> list[Item]:
    """What is in progress, but for what only somebody does who is away."""
    if not roster.alone_is_away(state.day):
        return state.doing
    held = {epic.seq for epic in state.open if epic.story == "alone"}
    return [item for item in state.doing if item.epic not in held]


def _pick(doing: list[Item], rng: random.Random) -> Item:
    """Of three drawn evenly the one with most age for its size."""
    best = doing[int(rng.random() * len(doing))]
    for _ in range(2):
        item = doing[int(rng.random() * len(doing))]
        if item.since + 3 * item.size < best.since + 3 * best.size:
            best = item
    return best


def _write(state: State, item: Item, rng: random.Random, moves: list[Move]) -> None:
    if item.kind == EXPERIMENT and item.attempt < 4 and rng.random() < 0.4:
        item.attempt += 1
        item.since = state.day
        moves.append(("attempt", item, item.attempt))
        return
    state.doing.remove(item)
    until = clock.workday_after(state.day, 0 if item.kind == INCIDENT else lag(rng))
    item.since = state.day
    moves.append(("write", item, until))
    if until == state.day:
        _done(state, item, moves)
    else:
        state.landing.setdefault(until, []).append(item)


def _hold(state: State, rng: random.Random, moves: list[Move]) -> None:
    for item in list(state.doing):
        if item.kind != INCIDENT and rng.random() < HOLD:
            state.doing.remove(item)
            state.blocked.append(item)
            moves.append(("block", item, 0))


def _drop(state: State, rng: random.Random, moves: list[Move]) -> None:
    """Waiting work that is given up: rarely, and sooner in a long backlog."""
    for queue in [state.loose, *(epic.todo for epic in state.open)]:
        if queue and rng.random() < DROP * len(queue):
            item = queue.pop(rng.randrange(len(queue)))
            moves.append(("drop", item, 0))
            _leave(state, item, moves)


def _start(state: State, traits: Traits, roster: Roster, anchor: int, rng: random.Random, moves: list[Move]) -> None:
    years = max(0.0, min(1.5 + (state.day - anchor) / 365, 2.0))
    limit = (traits.wip + traits.wip_growth * years) * roster.headcount(state.day) * traits.scale
    for _ in range(max(0, round(limit) - len(state.doing) - len(state.blocked) // 2)):
        queue = _next(state, traits, roster, rng)
        if queue is None:
            return
        item = queue.pop(0).copy()
        item.since = state.day
        state.doing.append(item)
        moves.append(("start", item, 0))


def _next(state: State, traits: Traits, roster: Roster, rng: random.Random) -> list[Item] | None:
    """The queue the next item is taken from: unplanned work as it presses, else a deliverable by its rank."""
    ready = [e for e in state.open if e.todo and state.day >= e.opens and (e.waits < 0 or e.waits in state.shut)]
    if roster.alone_is_away(state.day):
        ready = [e for e in ready if e.story != "alone"]
    backlog = len(state.loose) / traits.scale
    if state.loose and (not ready or rng.random() < min(traits.unplanned_cap, 0.75 * backlog / (backlog + 6))):
        return state.loose
    if not ready:
        return None
    epic = rng.choices(ready, [RANKS[min(i, 5)] * e.focus for i, e in enumerate(ready)])[0]
    if not epic.begun:
        epic.begun = state.day
    return epic.todo
