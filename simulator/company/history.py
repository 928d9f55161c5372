"""One team's history: its process, lived day by day, and the traces each day leaves."""

from __future__ import annotations

import random
from collections.abc import Callable

from simulator.company import clock, code, deploys, process, promises, sprints, tickets, writing
from simulator.company.roster import Roster
from simulator.company.staff import Staff
from simulator.company.state import Item, State
from simulator.company.trace import DeployLog, Promise, PullLog, SprintLog, Ticket
from simulator.company.traits import Traits


class History:
    """Lived from ``start`` to wherever it was last asked for; everything in it is a function of the seed and the day."""

    def __init__(
        self, staff: Staff, seed: int, index: int, traits: Traits, *, start: int, anchor: int
    ) -> None:  # fmt: skip
        self.seed, self.index, self.traits, self.anchor = seed, index, traits, anchor
        self.team, self.domain, self.area = staff.teams[index], staff.domains[index], staff.areas[index]
        self.zone = self.team.timezone
        self.roster = Roster(staff, seed, index)
        self.people = len(staff.people)  # bots come after
        self.admin = 3
        self.neighbour = staff.teams[(index + 1) % len(staff.teams)].project
        self.first, self.state = start, State(start - 1)
        self.ink = random.Random(0)
        self.tickets: list[Ticket] = []
        self.numbers = 0
        self.by_id: list[Ticket] = []  # in order of making, which ids follow
        self.by_key: dict[str, Ticket] = {}  # also under keys of before a move
        self.by_item: dict[int, Ticket] = {}
        self.visitors: list[Ticket] = []
        self.promises: dict[int, Promise] = {}
        self.sprints: list[SprintLog] = []
        self.planned: list[Ticket] = []  # in the running sprint
        self.pulls: list[list[PullLog]] = [[] for _ in self.team.repositories]
        self.today: list[PullLog] = []
        self.merges: list[list[PullLog]] = [[] for _ in self.team.repositories]  # not in production yet
        self.deployments: list[list[DeployLog]] = [[] for _ in self.team.repositories]
        self.broken = 0  # the last deployment that an incident may be due to
        self.titles = promises.titles(self)

    def run(self, day: int) -> None:
        """Live on until the end of ``day``; nothing when that is past."""
        while self.state.day < day:
            self._live()

    def _live(self) -> None:
        day = self.state.day + 1
        moves = process.step(self.state, self.traits, self.roster, self.anchor, stream(self.seed, self.index, day))
        self.ink = stream(self.seed, self.index, day, "ink")
        self.today = []
        deploys.release(self, day)
        tickets.create(self, day, moves)
        sprints.turn(self, day)
        for what, thing, until in moves:
            if what in _TOLD:
                _TOLD[what](self, day, thing, until)
        promises.review(self, day)
        code.aside(self, day)
        code.number(self)
        tickets.migrate(self, day)

    def at(self, day: int, low: float, high: float) -> int:
        """A moment of ``day`` between two local hours."""
        return clock.instant(self.zone, day, self.ink.uniform(low, high))

    def someone(self, day: int) -> int:
        return self.ink.choice(self.roster.present(day))

    def find(self, key_or_id: str) -> Ticket | None:
        """By id, or any key it has, had, or will have."""
        if not key_or_id.isdigit():
            return self.by_key.get(key_or_id)
        place = int(key_or_id) - tickets.FIRST_ID - self.index * tickets.IDS
        return self.by_id[place] if 0 <= place < len(self.by_id) else None

    def ticket(self, item: Item) -> Ticket:
        return self.by_item[item.seq]


_TOLD: dict[str, Callable[..., None]] = {
    "start": tickets.start,
    "block": tickets.block,
    "unblock": tickets.unblock,
    "attempt": tickets.attempt,
    "write": writing.write,
    "jump": tickets.jump,
    "drop": tickets.drop,
    "reopen": tickets.reopen,
    "close": promises.close,
}


def stream(seed: int, team: int, day: int, fork: str = "") -> random.Random:
    """The randomness of one team's day; a ``fork`` names another future. The letter was picked among a few: with it the
    default seed's present has a bit of everything."""
    return random.Random(f"s{seed}:{team}:{day}:{fork}")
