"""New deliverables, the scope found in them, and what a manager would reckon they take."""

from __future__ import annotations

import math
import random
from typing import Any

from simulator.company import clock
from simulator.company.state import EXPERIMENT, STORY, TASK, Epic, Item, State
from simulator.company.traits import Story, Traits

_KINDS = (("feature", 0.45), ("platform", 0.25), ("experiment", 0.18), ("upkeep", 0.12))
_WEEKLY = (0.42, 0.26, 0.15, 0.09, 0.05, 0.03)  # as process.RANKS


def plan(state: State, traits: Traits, anchor: int, rng: random.Random, moves: list[Any]) -> None:
    """Begin the stories that are due, and on Mondays a new deliverable where there is room for one."""
    for order, story in _due(state, traits, anchor):
        state.told |= 1 << order
        _commit(state, _told(state, story, order, anchor), moves, rng, first=story.first)
    room = traits.slots - sum(1 for epic in state.open if epic.story != "no_scope")
    first_day = state.epics == 0
    for _ in range(room if first_day else min(room, 1 if state.day % 7 == 1 and clock.works(state.day) else 0)):
        epic = _ordinary(state, traits, rng)
        if first_day:  # a history begins in the middle of things
            epic.size = max(2, int(epic.size * rng.uniform(0.3, 1.0)))
        _commit(state, epic, moves, rng, first=rng.random() < 0.08)


def _due(state: State, traits: Traits, anchor: int) -> list[tuple[int, Story]]:
    return [
        (i, story)
        for i, story in enumerate(traits.stories)
        if not state.told >> i & 1 and _when(anchor + story.commit) <= state.day < anchor + story.commit + 10
    ]


def _when(day: int) -> int:
    return day if clock.works(day) else clock.workday_after(day, 1)


def _ordinary(state: State, traits: Traits, rng: random.Random) -> Epic:
    size = max(4, round(rng.lognormvariate(math.log(7.6), 0.42) * traits.scale))
    kind = rng.choices([k for k, _ in _KINDS], [w for _, w in _KINDS])[0]
    hidden = size * rng.gammavariate(0.9, traits.growth / 0.9)
    return Epic(state.epics, state.day, size, hidden, 0.035, 1.0, state.day, state.day, kind, "ordinary", -1)


def _told(state: State, story: Story, order: int, anchor: int) -> Epic:
    waits = state.epics - 1 if story.waits else -1
    if story.waits:
        before = next((e for e in reversed(state.open) if e.order == order - 1), None)
        waits = before.seq if before else -1
    return Epic(
        seq=state.epics,
        committed=state.day,
        size=story.items,
        hidden=story.items * story.growth,
        pace=0.022 if story.name == "grows" else 0.035,
        focus=story.focus,
        opens=state.day if story.opens is None else anchor + story.opens,
        scoped=state.day if story.scoped is None else anchor + story.scoped,
        kind="experiment" if story.name == "watermelon" else "feature",
        story=story.name,
        order=order,
        waits=waits,
    )


def _commit(state: State, epic: Epic, moves: list[Any], rng: random.Random, *, first: bool) -> None:
    state.epics += 1
    state.open.insert(0 if first else len(state.open), epic)
    moves.append(("epic", epic, 0))
    if state.day >= epic.scoped:
        for _ in range(epic.size):
            _add(state, epic, rng, moves)


def _add(state: State, epic: Epic, rng: random.Random, moves: list[Any]) -> None:
    tries = 0.45 if epic.kind == "experiment" else 0.06
    draw = rng.random()
    kind = EXPERIMENT if draw < tries else STORY if draw < 0.75 else TASK
    state.items += 1
    item = Item(state.items, kind, rng.lognormvariate(0.0, 0.5), epic.seq, 1, state.day)
    epic.todo.append(item)
    epic.left += 1
    moves.append(("new", item, 0))


def reveal(state: State, epic: Epic, rng: random.Random, moves: list[Any]) -> None:
    """Today's share of the scope still hidden; nothing is found before someone has begun to look."""
    if not epic.left and state.day >= epic.scoped:
        for _ in range(epic.size):
            _add(state, epic, rng, moves)
    if not epic.begun or not epic.left:
        return
    mean = epic.hidden * epic.pace
    epic.hidden -= mean
    if rng.random() < mean:  # small: at most one a day
        _add(state, epic, rng, moves)


def reckon(state: State, epic: Epic, pace: float, unplanned: float) -> int:
    """The day ``epic`` would be done at a steady ``pace`` (items per working day), as a manager would reckon it:
    known items only, the team's usual order of work, ``unplanned`` of the pace lost to other work, holidays known."""
    left = [(float(e.left or e.size), e.focus, e.seq) for e in state.open]
    flow, weeks = max(pace * (1 - unplanned), 1e-3) * 5, 104.0
    for week in range(104):
        weights = [_WEEKLY[min(i, 5)] * focus for i, (_, focus, _) in enumerate(left)]
        total = sum(weights)
        moved = [(n - flow * w / total, focus, seq) for (n, focus, seq), w in zip(left, weights, strict=True)]
        ours = next(n for n, _, seq in moved if seq == epic.seq)
        if ours <= 0:
            before = next(n for n, _, seq in left if seq == epic.seq)
            weeks = week + before / (before - ours)
            break
        left = [row for row in moved if row[0] > 0]
    return clock.after_work(state.day, 5 * weeks + 3)
