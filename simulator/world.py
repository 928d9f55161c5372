"""A pretend organisation whose whole history is a function of its seed, its size and its first day."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import wraps
from itertools import takewhile
from threading import RLock
from typing import Concatenate, ParamSpec, TypeVar

from simulator.company import clock, plans, render, render_code, staff, traits
from simulator.company.history import History
from simulator.company.tickets import FIRST_ID, IDS
from simulator.company.trace import Ticket
from simulator.records import Deployment, Issue, Person, Plan, Pull, Repository, Sprint, Status

P = ParamSpec("P")
T = TypeVar("T")

ITEMS_A_YEAR = 78.0  # of each full-time engineer at ``rate`` 1, epics and sub-tasks with them
PULLS_AN_ITEM = 0.79  # at ``code`` 1
BUMPS_A_YEAR = 49.0  # pull requests by bots, of each team


def default_start(today: date, years: float) -> date:
    """The first day of the month that lies ``years`` (to the month) before ``today``'s."""
    months = today.year * 12 + today.month - 1 - round(years * 12)
    return date(months // 12, months % 12 + 1, 1)


def _alone(method: Callable[Concatenate[World, P], T]) -> Callable[Concatenate[World, P], T]:
    """One caller at a time: histories grow as they are read, and servers read from many threads."""

    @wraps(method)
    def locked(self: World, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self.lock:
            return method(self, *args, **kwargs)

    return locked


class World:
    """``anchor`` is the day the stories are arranged around; without one it is ``start`` plus ``years``. Later days
    simply go on. ``rate`` multiplies the teams' items, ``code`` the pull requests they make of them. At most ``keep``
    teams' histories stay in memory; others are made again when asked for. Raises ValueError for too few people."""

    def __init__(
        self,
        *,
        seed: int = 7,
        people: int = 60,
        teams: int = 9,
        start: date,
        years: float = 1.5,
        anchor: date | None = None,
        rate: float = 1.0,
        code: float = 1.0,
        keep: int = 16,
    ) -> None:
        self.seed, self.start, self.lock = seed, start, RLock()
        self.anchor = anchor or default_start(start, -years)
        self.staff = staff.build(seed, people, teams, start, self.anchor)
        self.people: tuple[Person, ...] = self.staff.people + self.staff.bots
        self.bots, self.teams, self.groups = self.staff.bots, self.staff.teams, self.staff.groups
        self.ways = tuple(traits.way(seed, i, rate=rate, code=code) for i in range(teams))
        self._keep = keep
        self._lived: OrderedDict[int, History] = OrderedDict()
        self._team_of = {team.project: i for i, team in enumerate(self.teams)}
        self._board = {team.board_id: i for i, team in enumerate(self.teams)}
        self._repository = {
            name: (i, j) for i, team in enumerate(self.teams) for j, name in enumerate(team.repositories)
        }
        ids = tuple(person.id for person in self.people)
        self._names = tuple(render.Names(ids, team.board_id, team.project) for team in self.teams)
        self._promised: dict[tuple[int, int], plans.Promised] = {}

    @classmethod
    def sized(
        cls,
        *,
        issues: int,
        pulls: int,
        start: date,
        years: float = 1.5,
        seed: int = 7,
        people: int = 60,
        teams: int = 9,
    ) -> World:
        """A world with about so many issues and pull requests (within a tenth or so) at its anchor."""
        rate = issues / (ITEMS_A_YEAR * (people - 4 - 1.5 * teams) * years)
        rate *= 1.07 if rate > 2 else 1.0  # very busy teams run dry now and then
        code = max(pulls - BUMPS_A_YEAR * teams * years, 0.0) / (PULLS_AN_ITEM * issues)
        return cls(seed=seed, people=people, teams=teams, start=start, years=years, rate=rate, code=code, keep=teams)

    def history(self, index: int, day: int) -> History:
        """A team's history, lived at least until the end of ``day``."""
        lived = self._lived.pop(index, None)
        if lived is None:
            start, anchor = self.start.toordinal(), self.anchor.toordinal()
            lived = History(self.staff, self.seed, index, self.ways[index], start=start, anchor=anchor)
        lived.run(day)
        self._lived[index] = lived
        while len(self._lived) > max(self._keep, 2):
            self._lived.popitem(last=False)
        return lived

    def _at(self, index: int, now: datetime) -> History:
        return self.history(index, clock.local_day(now, self.teams[index].timezone))

    @_alone
    def plan(self, day: date) -> Plan:
        """What the managers had typed into Headway by the end of ``day``."""
        return plans.written(
            self.staff, self.seed, self.start, day, self._promises(day.toordinal()), anchor=self.anchor
        )

    def _promises(self, day: int) -> list[plans.Promised]:
        """Every team's deliverables; kept for the day last asked for, because making them lives every team."""
        if any(known != day for _, known in self._promised):
            self._promised.clear()
        for index in range(len(self.teams)):
            if (index, day) not in self._promised:
                self._promised[index, day] = plans.promised(self.history(index, day), day)
        return [self._promised[index, day] for index in range(len(self.teams))]

    def statuses(self) -> tuple[Status, ...]:
        return render.STATUSES

    @_alone
    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        """The project's issues as of ``now``, ordered by (created, id); none for an unknown project."""
        index = self._team_of.get(project)
        if index is None:
            return ()
        found, at = self._own(index, now), clock.seconds(now)
        guests = self._guests(index, now)
        if guests:
            names = self._names[(index - 1) % len(self.teams)]
            found += [render.issue(made, at, names) for made in guests]
            found.sort(key=lambda issue: (issue.created, issue.id))
        return found

    def _own(self, index: int, now: datetime) -> list[Issue]:
        lived, at, names = self._at(index, now), clock.seconds(now), self._names[index]
        until = bisect_right(lived.tickets, at, key=lambda made: made.created)
        return [render.issue(made, at, names) for made in lived.tickets[:until] if made.moved <= at]

    def _guests(self, index: int, now: datetime) -> list[Ticket]:
        """Issues just created here by mistake, that the team before this one will take over within hours."""
        before, at = (index - 1) % len(self.teams), clock.seconds(now)
        if before == index:
            return []
        return [made for made in self._at(before, now).visitors if made.created <= at < made.moved]

    @_alone
    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        """By id or any key it ever had; None when there is no such issue yet."""
        at = clock.seconds(now)
        for place in self._places(key_or_id):
            made = self._at(place, now).find(key_or_id)
            if made is not None and made.created <= at and (made.moved <= at or key_or_id != made.key):
                return render.issue(made, at, self._names[place])
        return None

    def _places(self, key_or_id: str) -> list[int]:
        """The teams that may hold it: the project's own, and the one that takes over what was put there by mistake."""
        if key_or_id.isdigit():
            index = (int(key_or_id) - FIRST_ID) // IDS
            return [index] if 0 <= index < len(self.teams) else []
        own = self._team_of.get(key_or_id.rpartition("-")[0])
        return [] if own is None else [own, (own - 1) % len(self.teams)]

    @_alone
    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]:
        """The board's sprints, oldest first; a kanban team's board has none."""
        index = self._board.get(board_id)
        if index is None:
            return ()
        return render.sprints(self._at(index, now).sprints, clock.seconds(now), self._names[index])

    @_alone
    def repositories(self, now: datetime) -> Sequence[Repository]:
        """Every repository; ``pushed`` is the last push to a pull request or merge, where that team is in memory."""
        born = clock.utc(clock.instant("UTC", self.start.toordinal(), 8)) - timedelta(days=200)
        if now < born:
            return ()
        return tuple(
            Repository(
                500_000 + i * 10 + j, name, self.teams[i].slug, "main", born, self._pushed(i, j, now, born), False
            )
            for name, (i, j) in self._repository.items()
        )

    def _pushed(self, index: int, place: int, now: datetime, born: datetime) -> datetime:
        """A full listing of hundreds of repositories must not live hundreds of teams: noon of the day for those."""
        lived, at = self._lived.get(index), clock.seconds(now)
        if lived is None and len(self.teams) > self._keep:
            return max(born, now.replace(hour=0, minute=0, second=0, microsecond=0))
        pulls = self._at(index, now).pulls[place]
        pushes = [moment for pull in pulls for moment in (pull.created, pull.merged) if 0 < moment <= at]
        return clock.utc(max(pushes)) if pushes else born

    @_alone
    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        """The repository's pull requests as of ``now``, ordered by number; none for an unknown one."""
        if repository not in self._repository:
            return ()
        (index, place), at = self._repository[repository], clock.seconds(now)
        base = 2_000_000_000 + (index * 10 + place) * 1_000_000
        made = takewhile(lambda pull: pull.created <= at, self._at(index, now).pulls[place])
        return [render_code.pull(one, repository, base, at, self.people) for one in made]

    @_alone
    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]:
        """The repository's deployments as of ``now``, oldest first; none for an unknown one."""
        if repository not in self._repository:
            return ()
        (index, place), at = self._repository[repository], clock.seconds(now)
        base = 800_000_000 + (index * 10 + place) * 100_000
        return [
            render_code.deployment(made, repository, base + number, at, self.people)
            for number, made in enumerate(self._at(index, now).deployments[place])
            if made.at <= at
        ]
