"""Fortnights: what was not finished goes along, what comes next is chosen, and the rest slips in later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.company import clock, tickets
from simulator.company import trace as t
from simulator.company.trace import SprintLog, Ticket

if TYPE_CHECKING:
    from simulator.company.history import History

LENGTH = 14


def turn(history: History, day: int) -> None:
    """On every second Monday close the running sprint and begin the next; plan it before it begins."""
    first = history.first + (1 - history.first) % 7  # the first Monday (ordinal 1 was one)
    if not history.traits.sprints or day < first or (day - first) % LENGTH:
        return
    number = (day - first) // LENGTH + 1
    start = clock.instant(history.zone, day, 10.0)
    sprint = SprintLog(
        number, history.team.board_id * 1000 + number, day, start,
        clock.instant(history.zone, day + LENGTH, 9.0), history.at(day + LENGTH, 9.05, 9.6), _goal(history),
    )  # fmt: skip
    left = [made for made in history.planned if not made.done or made.done > start]
    history.sprints.append(sprint)
    history.planned = []
    for made in left:
        tickets.enter(history, made, start - history.ink.randint(60, 1200), sprint.id)
    for made in _chosen(history, len(left)):
        at = max(start - history.ink.randint(60, 1500), made.created + 30)
        tickets.enter(history, made, at, sprint.id)
        if made.status == t.BACKLOG and made.free <= at + 60:
            made.go(at + 10, history.roster.manager, t.TODO)


def _goal(history: History) -> str:
    if not history.state.open:
        return "Catch up on unplanned work"
    return f"Move {history.promises[history.state.open[0].seq].title} forward"


def _chosen(history: History, carried: int) -> list[Ticket]:
    """Running work that is in no sprint, then the heads of the queues, until the fortnight looks full."""
    state, traits = history.state, history.traits
    room = round(traits.rate * history.roster.headcount(state.day) * 10 * 0.5) - carried
    items = [*state.doing, *state.blocked]
    for place, epic in enumerate(state.open):
        if state.day >= epic.opens and (epic.waits < 0 or epic.waits in state.shut):
            items += epic.todo[: max(1, round(room * (0.3, 0.2, 0.1, 0.05)[min(place, 3)]))]
    items += state.loose[: max(0, round(room * 0.25))]
    found = (history.by_item[item.seq] for item in items if item.seq in history.by_item)
    fresh = [made for made in found if not made.done and made not in history.planned]
    return fresh[: max(room, 3)]
