"""From written to done: the pull request, its reviews, the test column, and the finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.company import clock, code, tickets
from simulator.company import trace as t
from simulator.company.state import INCIDENT, Item
from simulator.company.trace import PullLog, Ticket

if TYPE_CHECKING:
    from simulator.company.history import History


def write(history: History, day: int, item: Item, until: int) -> None:
    """The work is written on ``day`` and will be done on ``until``; all between is dated now."""
    made, ink = history.ticket(item), history.ink
    hour = ink.uniform(9.4, 12.6 if until == day else 16.8)
    at = max(clock.instant(history.zone, day, hour), made.free + 60)
    hour = (at - clock.midnight(history.zone, day)) / 3600
    end = ink.uniform(max(9.6, hour + 1.5 if until == day else 0), 17.9)
    hours = clock.working_hours(day, hour, until, end)
    done = max(clock.instant(history.zone, until, end), at + 1800)
    if not made.code or made.assignee < 0:
        _plain(history, made, at, done)
        return
    pull = _ready(history, made, at)
    tested = history.traits.tests and item.kind != INCIDENT
    share = ink.uniform(0.45, 0.75) if tested else ink.uniform(0.86, 0.98)
    rework = code.review(history, pull, day, hour, hours * share)
    _board(history, made, pull, rework, tested)
    tickets.finish(history, made, max(done, pull.merged + ink.randint(60, 2400)), t.DONE, made.assignee)


def _plain(history: History, made: Ticket, at: int, done: int) -> None:
    """No code: looked at by someone, or simply done."""
    if history.ink.random() < 0.5 and done - at > 7200:
        made.go(at, made.assignee, t.REVIEW)
    tickets.finish(history, made, done, t.DONE, made.assignee)


def _ready(history: History, made: Ticket, at: int) -> PullLog:
    """The draft shown before, or a new pull request; some tickets had another one that came to nothing."""
    ink = history.ink
    if made.early is not None and not made.early.closed:
        pull, made.early = made.early, None
        pull.ready = max(at, pull.created + 600)
        pull.commits.append((pull.ready - 120, pull.ready - 100, pull.author, "Finish"))
        return pull
    if ink.random() < 0.05:
        code.abandoned(history, made, at - ink.randint(600, 1500), at + ink.randint(3600, 90_000))
    elif ink.random() < 0.14:
        second = code.opened(history, made, at - ink.randint(60, 1200))
        local = (second.created - clock.midnight(history.zone, history.state.day)) / 3600
        code.review(history, second, history.state.day, local, ink.uniform(1, 8))
    return code.opened(history, made, at)


def _board(history: History, made: Ticket, pull: PullLog, rework: list[tuple[int, int]], tested: bool) -> None:
    """The board follows the code, more or less."""
    made.go(pull.ready + 60, made.assignee, t.REVIEW)
    for asked, again in rework:
        if history.ink.random() < 0.5 and again - asked > 600 and asked > made.free:
            made.go(asked + 60, pull.author, t.DOING)
            made.go(again + 60, pull.author, t.REVIEW)
    if tested:
        made.go(pull.merged + 300, made.assignee, t.TESTING)
