"""How much of its normal capacity a team has from day to day: members, time off, holidays, as one calendar.

The past knows who of the then members was away or had planned to be; what joined or left before is in the pace already.
The future counts members and time off against the members of the day the forecast is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from delivery.core.calendar import Calendar
from teams.models import Holiday, Membership, TimeOff

Step = tuple[date, float]

LOOK_BACK: Final = timedelta(weeks=52)
"""A deliverable's own pace forgets with a half-life of six weeks: what is older needs no steps."""
PLANNED: Final = timedelta(days=5)
"""Leave of so many days is planned ..."""
AHEAD: Final = timedelta(weeks=6)
"""... and entered so long before, as far as the past is concerned."""
MOST: Final = 2.0
"""Newcomers never count as more than a second team: how much they bring is not measured."""


@dataclass(frozen=True, slots=True)
class Stay:
    """Half-open days of a person with a share of their time: in a team, or away."""

    person: int
    start: date
    end: date | None
    share: float = 1.0

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Capacity:
    """Who is in one team and when they are away."""

    members: tuple[Stay, ...] = ()
    away: Mapping[int, tuple[Stay, ...]] = field(default_factory=dict)  # by person
    holidays: frozenset[date] = frozenset()

    def calendar(self, today: date, *, past: bool) -> Calendar:
        """The calendar as known on ``today``; ``past``: what began later (leave, joining, leaving) was not known."""
        known = self._as_of(today) if past else self
        return Calendar(holidays=self.holidays, capacity_from=known.steps(today))

    def steps(self, today: date) -> tuple[Step, ...]:
        """(first day, share of the normal capacity) around ``today``, where it changes; empty without members."""
        first = today - LOOK_BACK
        normal = self._whole(today)
        if not normal:
            return ()
        steps: list[Step] = []
        for day in sorted({first, *(day for day in self._changes() if day > first)}):
            whole = self._whole(day) if day <= today else normal
            share = min(self._present(day) / whole, MOST) if whole else 1.0
            if not steps or abs(steps[-1][1] - share) > 1e-9:
                steps.append((day, share))
        return tuple(steps)

    def ahead(self, today: date, weights: Mapping[int, float], *, past: bool) -> tuple[Step, ...]:
        """Share of the normal capacity from tomorrow on of work that rests on people by these ``weights``.

        Weights add up to 1 at most; what is left rests on the team as a whole. A person counts while a member and not
        away; in the team's part newcomers count too. Empty where nothing changes.
        """
        known = self._as_of(today) if past else self
        whole, tomorrow = known._whole(today), today + timedelta(days=1)
        left = 1 - sum(weights.values())
        steps: list[Step] = []
        for day in sorted({tomorrow, *(day for day in known._changes() if day > tomorrow)}):
            there = sum(part for person, part in weights.items() if known._is_there(person, day))
            of_team = min(known._present(day) / whole, MOST) if whole else 1.0
            share = there + left * of_team
            if not steps or abs(steps[-1][1] - share) > 1e-9:
                steps.append((day, share))
        return () if len(steps) == 1 and abs(steps[0][1] - 1) < 1e-9 else tuple(steps)

    def size(self, today: date) -> float:
        """Full-time people in the team, away or not."""
        return self._whole(today)

    def shares(self, today: date) -> dict[int, float]:
        """Share of their time that each member gives the team on ``today``."""
        found: dict[int, float] = {}
        for one in self.members:
            if one.holds(today):
                found[one.person] = found.get(one.person, 0.0) + one.share
        return found

    def away_before(self, today: date, end: date, people: Iterable[int]) -> tuple[int, ...]:
        """Who of ``people`` is away, or leaves the team, on some day after ``today`` and before ``end``."""
        return tuple(
            person
            for person in sorted(people)
            if any(
                off.start < end and (off.end is None or off.end > today + timedelta(days=1))
                for off in self.away.get(person, ())
            )
            or any(one.person == person and one.end and today < one.end < end for one in self.members)
        )

    def _is_there(self, person: int, day: date) -> bool:
        """A person who was never a member of this team lends a hand: only leave takes them away."""
        stays = [one for one in self.members if one.person == person]
        member = not stays or any(one.holds(day) for one in stays)
        return member and not any(off.holds(day) for off in self.away.get(person, ()))

    def _as_of(self, today: date) -> Capacity:
        members = tuple(
            replace(one, end=one.end if one.end and one.end <= today else None)
            for one in self.members
            if one.start <= today
        )
        away = {person: tuple(one for one in stays if _was_known(one, today)) for person, stays in self.away.items()}
        return replace(self, members=members, away=away)

    def _whole(self, day: date) -> float:
        return sum(one.share for one in self.members if one.holds(day))

    def _present(self, day: date) -> float:
        there = (one for one in self.members if one.holds(day))
        return sum(one.share for one in there if not any(off.holds(day) for off in self.away.get(one.person, ())))

    def _changes(self) -> set[date]:
        """Days on which the share may change."""
        stays = [*self.members, *(off for one in self.members for off in self.away.get(one.person, ()))]
        return {day for stay in stays for day in (stay.start, stay.end) if day}


def _was_known(leave: Stay, today: date) -> bool:
    """Whether leave was entered by ``today``: nobody dates it; a longer one is planned, a day or two is not."""
    planned = leave.end is not None and leave.end - leave.start >= PLANNED
    return leave.start <= today + (AHEAD if planned else timedelta(0))


def load_capacity(teams: Iterable[int]) -> dict[int, Capacity]:
    """The capacity of each team by id; three queries."""
    ids = list(teams)
    members: dict[int, list[Stay]] = {}
    rows = Membership.objects.filter(team__in=ids).order_by("start", "id")
    for team, person, start, end, share in rows.values_list("team_id", "person_id", "start", "end", "share"):
        members.setdefault(team, []).append(Stay(person, start, end, float(share)))
    away: dict[int, tuple[Stay, ...]] = {}
    people = {one.person for team in members.values() for one in team}
    off = TimeOff.objects.filter(person__in=people).order_by("start", "id")
    for person, start, end in off.values_list("person_id", "start", "end"):
        away[person] = (*away.get(person, ()), Stay(person, start, end))
    holidays: dict[int | None, set[date]] = {}
    for team, day in Holiday.objects.values_list("team_id", "day"):
        holidays.setdefault(team, set()).add(day)
    everybody = holidays.get(None, set())
    return {
        pk: Capacity(tuple(members.get(pk, ())), away, frozenset(everybody | holidays.get(pk, set()))) for pk in ids
    }
