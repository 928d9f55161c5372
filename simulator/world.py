"""A pretend organisation whose whole history is a function of its seed, its size and its first day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from simulator.company import clock, roster, staff
from simulator.records import Deployment, Issue, Plan, Pull, Repository, Sprint, Status

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


def default_start(today: date, years: float) -> date:
    """The first day of the month that lies ``years`` (to the month) before ``today``'s."""
    months = today.year * 12 + today.month - 1 - round(years * 12)
    return date(months // 12, months % 12 + 1, 1)


class World:
    def __init__(
        self, *, seed: int = 7, people: int = 60, teams: int = 9, start: date, years: float = 1.5,
        anchor: date | None = None, rate: float = 1.0, code: float = 1.0, keep: int = 16,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.start = start
        self.anchor = anchor or default_start(start, -years)
        self.staff = staff.build(seed, people, teams, start, self.anchor)
        self.people = self.staff.people + self.staff.bots
        self.bots, self.teams, self.groups = self.staff.bots, self.staff.teams, self.staff.groups

    def plan(self, day: date) -> Plan:
        """What the managers had typed into Headway by the end of ``day``."""
        years = range(self.start.year, day.year + 2)
        return Plan(
            day=day,
            company=staff.COMPANY,
            groups=self.groups,
            teams=self.teams,
            people=self.staff.people,
            memberships=self.staff.memberships,
            time_off=roster.time_off(self.staff, self.seed, self.start, roster.known(day)),
            holidays=tuple(d for year in years for d in clock.holidays(year)),
            goals=(),
            deliverables=(),
        )

    def statuses(self) -> tuple[Status, ...]:
        return STATUSES

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        """The project's issues as of ``now``, ordered by (created, id)."""
        return ()

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        return None

    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]:
        return ()

    def repositories(self, now: datetime) -> Sequence[Repository]:
        born = clock.utc(clock.instant("UTC", self.start.toordinal(), 8)) - timedelta(days=200)
        return tuple(
            Repository(500_000 + i * 10 + j, name, team.slug, "main", born, born, False)
            for i, team in enumerate(self.teams)
            for j, name in enumerate(team.repositories)
        )

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        """The repository's pull requests as of ``now``, ordered by number."""
        return ()

    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]:
        return ()
