"""What a team's process remembers from one day to the next: only what is open. Small, so that a fork is cheap."""

from __future__ import annotations

from dataclasses import dataclass, field

STORY, TASK, BUG, CHORE, EXPERIMENT, INCIDENT = range(6)


@dataclass(slots=True)
class Item:
    """A work item. ``size`` divides its chance to be the one that gets finished; ``epic`` -1 is unplanned."""

    seq: int
    kind: int
    size: float
    epic: int = -1
    attempt: int = 1
    since: int = 0  # day it entered where it is now

    def copy(self) -> Item:
        return Item(self.seq, self.kind, self.size, self.epic, self.attempt, self.since)


@dataclass(slots=True)
class Epic:
    """A deliverable's scope. ``hidden`` is the number of items still to be found, on average."""

    seq: int
    committed: int
    size: int
    hidden: float
    pace: float  # share of the hidden found per working day
    focus: float
    opens: int
    scoped: int
    kind: str
    story: str
    order: int  # among the team's stories; -1 for an ordinary one
    waits: int = -1  # seq of the epic it waits for
    todo: list[Item] = field(default_factory=list)
    left: int = 0  # found and not finished, wherever they are
    begun: int = 0  # day of the first start
    closed: int = 0

    def copy(self) -> Epic:
        twin = Epic(
            self.seq, self.committed, self.size, self.hidden, self.pace, self.focus, self.opens, self.scoped,
            self.kind, self.story, self.order, self.waits,
        )  # fmt: skip
        twin.todo, twin.left, twin.begun, twin.closed = list(self.todo), self.left, self.begun, self.closed
        return twin


@dataclass(slots=True)
class State:
    """A team at the end of ``day``."""

    day: int
    week: int = -1
    drift: float = 0.0  # log pace
    noise: float = 1.0  # this week's pace around it
    items: int = 0  # ever made
    epics: int = 0
    told: int = 0  # stories begun
    open: list[Epic] = field(default_factory=list)  # by priority
    loose: list[Item] = field(default_factory=list)  # unplanned, not started
    doing: list[Item] = field(default_factory=list)
    blocked: list[Item] = field(default_factory=list)
    landing: dict[int, list[Item]] = field(default_factory=dict)  # in review and test, by the day they will be done
    recent: list[Item] = field(default_factory=list)  # done in the last days: may come back
    shut: set[int] = field(default_factory=set)  # epics closed

    def epic(self, seq: int) -> Epic | None:
        for epic in self.open:
            if epic.seq == seq:
                return epic
        return None

    def copy(self) -> State:
        twin = State(self.day, self.week, self.drift, self.noise, self.items, self.epics, self.told)
        twin.open = [epic.copy() for epic in self.open]
        twin.loose = list(self.loose)
        twin.doing = [item.copy() for item in self.doing]
        twin.blocked = [item.copy() for item in self.blocked]
        twin.landing = {day: [item.copy() for item in items] for day, items in self.landing.items()}
        twin.recent = [item.copy() for item in self.recent]
        twin.shut = set(self.shut)
        return twin
