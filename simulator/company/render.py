"""Issues and sprints as the tools would show them at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.company import clock, vocabulary
from simulator.company import trace as t
from simulator.company.trace import SprintLog, Ticket
from simulator.records import Change, Issue, Sprint, Status

STATUSES = (
    Status("10000", "Backlog", "new"),
    Status("10001", "To Do", "new"),
    Status("3", "In Progress", "indeterminate"),
    Status("10002", "In Review", "indeterminate"),
    Status("10003", "Blocked", "indeterminate"),
    Status("10004", "Testing", "indeterminate"),
    Status("10005", "Experiment running", "indeterminate"),
    Status("10006", "Done", "done"),
    Status("10007", "Won't Do", "done"),
    Status("10008", "Released", "done"),
)
FIELDS = ("status", "Sprint", "Flagged", "parent", "assignee", "labels", "Key", "project", "resolution", "duedate")
_TEXT = {t.FLAG, t.KEY, t.PROJECT, t.RESOLUTION, t.DUE}


@dataclass(frozen=True, slots=True)
class Names:
    """What a history's indices stand for."""

    people: tuple[str, ...]  # ids, bots last
    board: int
    project: str

    def person(self, index: int) -> str | None:
        return self.people[index] if index >= 0 else None

    def sprint(self, number: int) -> str:
        return f"{self.project} Sprint {number - self.board * 1000}"


def issue(made: Ticket, now: int, names: Names) -> Issue:
    """The issue as of ``now``, made again only when something in it happened since the last time."""
    start, until, count = made.seen
    if made.view is not None and start <= now < until and count == len(made.events):
        view: Issue = made.view
        return view
    made.events.sort(key=lambda event: event[0])  # stable: equal instants stay in order of writing
    past = [event for event in made.events if event[0] <= now]
    ahead = [event[0] for event in made.events[len(past) :]] + [at for at, _ in made.links if at > now]
    if made.parent is not None and made.parent.moved > now:
        ahead.append(made.parent.moved)
    made.view = _issue(made, past, now, names)
    made.seen = (past[-1][0] if past else made.created, min(ahead, default=2**60), len(made.events))
    if made.links:  # they carry no event of their own
        made.seen = (max([made.seen[0], *(at for at, _ in made.links if at <= now)]), *made.seen[1:])
    return made.view  # type: ignore[no-any-return]


def _issue(made: Ticket, past: list[t.Event], now: int, names: Names) -> Issue:
    state = _replay(made, past)
    moved_later = made.moved > now
    key: str = made.old if moved_later else made.key
    mark = made.id % 10_007
    return Issue(
        id=made.id,
        key=key,
        project=key.rsplit("-", 1)[0],
        type=made.type,
        title=made.title,
        description=f"{vocabulary.REASONS[mark % len(vocabulary.REASONS)]} {vocabulary.CHECKS[mark % len(vocabulary.CHECKS)]}",
        status=STATUSES[state[t.STATUS]],
        created=clock.utc(made.created),
        updated=clock.utc(past[-1][0] if past else made.created),
        resolved=clock.utc(state["resolved"]) if state["resolved"] else None,
        reporter=names.person(made.reporter),
        assignee=names.person(state[t.ASSIGNEE]),
        points=made.points,
        parent=_key(state[t.PARENT], now),
        labels=state[t.LABELS],
        components=(vocabulary_component(made),) if mark % 3 == 0 else (),
        fix_versions=(made.fix,) if made.fix else (),
        sprints=state[t.SPRINT],
        flagged=bool(state[t.FLAG]),
        due=date.fromisoformat(state[t.DUE]) if state[t.DUE] else None,
        blocked_by=tuple(_key(other, now) or "" for at, other in made.links if at <= now),
        changes=tuple(_change(made, place, event, now, names) for place, event in enumerate(past)),
    )


def vocabulary_component(made: Ticket) -> str:
    return ("api", "pipeline", "models", "infrastructure")[made.id % 4]


def _replay(made: Ticket, past: list[t.Event]) -> dict[Any, Any]:
    """Every field's value after the events, and when it was resolved."""
    owner = made.assignee if made.type == "Epic" else -1
    state: dict[Any, Any] = {
        t.STATUS: made.first, t.SPRINT: (), t.FLAG: "", t.ASSIGNEE: owner, t.LABELS: made.labels, t.DUE: "",
        t.PARENT: None if made.orphan else made.parent, "resolved": 0,
    }  # fmt: skip
    for at, _, what, _, new in past:
        state[what] = new
        if what == t.RESOLUTION:
            state["resolved"] = at if new else 0
    return state


def _key(made: Ticket | None, now: int) -> str | None:
    return None if made is None else made.old if made.moved > now else made.key


def _change(made: Ticket, place: int, event: t.Event, now: int, names: Names) -> Change:
    at, author, what, old, new = event
    (from_id, from_text), (to_id, to_text) = _value(what, old, now, names), _value(what, new, now, names)
    return Change(
        made.id * 1000 + place, clock.utc(at), names.person(author), FIELDS[what], from_id, from_text, to_id, to_text
    )


def _value(what: int, value: Any, now: int, names: Names) -> tuple[str | None, str | None]:
    """A change's id and text, by the field's habit."""
    if what == t.STATUS:
        return STATUSES[value].id, STATUSES[value].name
    if what == t.SPRINT:
        return ", ".join(map(str, value)), ", ".join(map(names.sprint, value))
    if what == t.ASSIGNEE:
        person = names.person(value)
        return person, person
    if what == t.PARENT:
        return (str(value.id), _key(value, now)) if value is not None else (None, None)
    if what == t.LABELS:
        return None, " ".join(value)
    return None, value or ("" if what in _TEXT else None)


def sprints(logs: Sequence[SprintLog], now: int, names: Names) -> tuple[Sprint, ...]:
    """The board's sprints: those begun, and the next one, still without dates."""
    begun = [log for log in logs if log.start <= now]
    found = [_sprint(log, now, names) for log in begun]
    if begun:
        number = begun[-1].id + 1
        found.append(Sprint(number, names.board, names.sprint(number), "future", None, None, None, ""))
    return tuple(found)


def _sprint(log: SprintLog, now: int, names: Names) -> Sprint:
    over = log.completed <= now
    return Sprint(
        log.id, names.board, names.sprint(log.id), "closed" if over else "active", clock.utc(log.start),
        clock.utc(log.end), clock.utc(log.completed) if over else None, log.goal,
    )  # fmt: skip
