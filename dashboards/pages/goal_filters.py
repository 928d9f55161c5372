"""Which goals the reader asks to see, from the URL. A value that says nothing is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import Q
from django.http import QueryDict

from dashboards.pages.disputes import DECLARED, SERIOUSNESS
from dashboards.pages.filters import find_of
from delivery.goal_tree import GoalStanding, running

RUNNING: Final = "running"
LEVELS: Final = {"": "All levels", "company": "Company", "group": "Groups", "team": "Teams"}
SHOW: Final = {
    "": "Everything",
    "no-work": "Without work",
    "never-updated": "Never updated",
    "cannot-add-up": "Cannot add up",
    "disagree": "Word and forecast differ",
    "stale": "No word for two weeks",
}


@dataclass(frozen=True, slots=True)
class GoalFilters:
    """Empty is "all". ``opened``: ids of goals whose goals below are shown; ``ignored``: what does not exist."""

    period: str = RUNNING
    level: str = ""
    team: str = ""
    show: str = ""
    find: str = ""
    mine: bool = False
    opened: frozenset[int] = frozenset()
    ignored: tuple[str, ...] = field(default=())

    @property
    def is_narrow(self) -> bool:
        """Whether single goals are asked for, which are shown wherever they are in the tree."""
        return bool(self.level or self.team or self.show or self.find or self.mine)


def periods(day: date) -> dict[str, str]:
    """The quarters that may be asked for, from a year ago to two quarters ahead."""
    first = quarter_of(day)
    found = {RUNNING: "Running now"}
    for step in (2, 1, 0, -1, -2, -3, -4):
        year, number = first[0], first[1] + step
        year, number = year + (number - 1) // 4, (number - 1) % 4 + 1
        found[f"{year}-Q{number}"] = f"{'This quarter: ' if step == 0 else ''}Q{number} {year}"
    return found


def quarter_of(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def quarter_days(year: int, number: int) -> tuple[date, date]:
    """First day, and the first day after it."""
    start = date(year, 3 * number - 2, 1)
    return start, date(year + (number == 4), 3 * number % 12 + 1, 1)


def within(period: str, day: date) -> Q:
    """Goals that run on ``day``, or that share a day with the quarter."""
    if period == RUNNING:
        return running(day)
    start, end = quarter_days(int(period[:4]), int(period[-1]))
    return Q(start__lt=end, end__gt=start)


def read(query: QueryDict, teams: Mapping[str, str], day: date) -> GoalFilters:
    """``teams``: names by slug, of teams and groups."""
    found, ignored = {}, []
    known: tuple[tuple[str, Mapping[str, str]], ...] = (
        *(("period", periods(day)), ("level", LEVELS), ("team", teams), ("show", SHOW)),
    )
    for name, choices in known:
        value = query.get(name) or ""
        found[name] = value if value in choices else ""
        if value and value not in choices:
            ignored.append(f"There is no {name} “{value}”")
    found["period"] = found["period"] or RUNNING
    find = find_of(query)
    asked = query.get("open", "").split(",")
    opened = frozenset(int(one) for one in asked if one.isascii() and one.isdigit() and len(one) < 19)
    return GoalFilters(**found, find=find, mine=query.get("mine") == "yes", opened=opened, ignored=tuple(ignored))


def kept(found: Iterable[GoalStanding], filters: GoalFilters, me: int, day: date) -> list[GoalStanding]:
    find = filters.find.casefold()
    return [
        one
        for one in found
        if (not filters.level or one.level == filters.level)
        and (not filters.team or filters.team in (one.team_slug, one.group_slug))
        and (not filters.mine or one.owner_id == me)
        and find in f"{one.title} {one.owner} {one.whose}".casefold()
        and (not filters.show or filters.show in marks(one, day))
    ]


def marks(one: GoalStanding, day: date) -> Sequence[str]:
    """What does not fit about a goal, as ``show`` names it."""
    found = {
        "no-work": not one.work,
        "never-updated": one.said is None and one.start + timedelta(days=7) <= day,
        "cannot-add-up": bool(one.short),
        "disagree": differs(one),
        "stale": one.stale,
    }
    return [name for name, holds in found.items() if holds]


def differs(one: GoalStanding) -> bool:
    """Whether the declared status is another level than the computed one."""
    if one.said is None or one.computed not in SERIOUSNESS:
        return False
    return DECLARED[one.said.status][0] != one.computed
