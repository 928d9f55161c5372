"""Who of a team is at work on a day, and how much work that makes."""

from __future__ import annotations

import random
from datetime import date, timedelta

from simulator.company import clock
from simulator.company.staff import Staff
from simulator.records import TimeOff

_WEIGHT = {"engineer": 1.0, "lead": 0.5, "manager": 0.0}


def leave(seed: int, person: str, year: int) -> tuple[tuple[int, int], ...]:
    """A person's days away in ``year``, as half-open ordinals in order: a summer break, a winter one, odd days, illness."""
    rng = random.Random(f"leave:{seed}:{person}:{year}")
    first = date(year, 1, 1).toordinal()
    spans = []
    for day, length in (
        (rng.randint(165, 235), rng.choice((10, 12, 16, 19))),
        (rng.randint(30, 110), rng.choice((4, 5, 7))),
        (rng.randint(270, 330), rng.choice((1, 2, 5))),
        (rng.randint(351, 355), rng.choice((3, 9, 12))),
    ):
        at = first + day - date.fromordinal(first + day).weekday()  # from a Monday
        spans.append((at, at + length))
    spans += [(at, at + rng.choice((1, 1, 2, 3))) for at in (first + rng.randrange(364) for _ in range(4))]
    if rng.random() < 0.03:  # a long absence
        at = first + rng.randrange(250)
        spans.append((at, at + rng.randint(40, 110)))
    return tuple(sorted(spans))


class Roster:
    """One team's presence by day, remembered as it is asked."""

    def __init__(self, staff: Staff, seed: int, team: int) -> None:
        self.seed = seed
        self.index = {person.id: i for i, person in enumerate(staff.people)}
        slug = staff.teams[team].slug
        self._members = [
            (m.person, self.index[m.person], _WEIGHT[m.role] * m.share, m.start.toordinal(),
             m.end.toordinal() if m.end else 9**9)
            for m in staff.memberships
            if m.team == slug and _WEIGHT[m.role]
        ]  # fmt: skip
        self.lead = self.index[staff.teams[team].lead]
        self.manager = self.index[staff.teams[team].manager]
        self._absences = {one.person: (one.start, one.end) for one in staff.absences}
        self.alone = next((self.index[one.person] for one in staff.absences if one.team == team), -1)
        self._alone = next((one for one in staff.absences if one.team == team), None)
        self._days: dict[int, tuple[tuple[int, ...], float]] = {}
        self._away: dict[tuple[str, int], frozenset[int]] = {}

    def present(self, day: int) -> tuple[int, ...]:
        """Indices of the people at work; on an empty day whoever is a member, so that work has an author."""
        return self._day(day)[0]

    def capacity(self, day: int) -> float:
        """Full-time people's worth of work on ``day``."""
        return self._day(day)[1]

    def headcount(self, day: int) -> float:
        """Full-time people in the team, whether away or not."""
        return sum(weight for _, _, weight, start, end in self._members if start <= day < end)

    def _day(self, day: int) -> tuple[tuple[int, ...], float]:
        if day not in self._days:
            members = [(i, p, w) for p, i, w, start, end in self._members if start <= day < end]
            here = [(i, w) for i, p, w in members if not self._is_away(p, day)]
            people = tuple(i for i, _ in here) or tuple(i for i, _, _ in members) or (self.lead,)
            self._days[day] = people, sum(w for _, w in here) * clock.share_of_day(day)
        return self._days[day]

    def alone_is_away(self, day: int) -> bool:
        """Whether the one who does a deliverable alone is not there."""
        return self._alone is not None and self._is_away(self._alone.person, day)

    def _is_away(self, person: str, day: int) -> bool:
        first, end = self._absences.get(person, (0, 0))
        if first <= day < end:
            return True
        year = date.fromordinal(day).year
        if (person, year) not in self._away:
            # a break over New Year belongs to the year it began in
            spans = leave(self.seed, person, year - 1) + leave(self.seed, person, year)
            self._away[person, year] = frozenset(d for a, b in spans for d in range(a, b))
        return day in self._away[person, year]


def time_off(staff: Staff, seed: int, since: date, until: date) -> tuple[TimeOff, ...]:
    """Everyone's leave that begins in [since, until)."""
    long = tuple(
        TimeOff(one.person, date.fromordinal(one.start), date.fromordinal(one.end))
        for one in staff.absences
        if since <= date.fromordinal(one.start) < until
    )
    return long + tuple(
        TimeOff(person.id, date.fromordinal(a), date.fromordinal(b))
        for person in staff.people
        for year in range(since.year, until.year + 1)
        for a, b in leave(seed, person.id, year)
        if since <= date.fromordinal(a) < until
    )


def known(day: date) -> date:
    """How far ahead leave is entered: sixty days."""
    return day + timedelta(days=60)
