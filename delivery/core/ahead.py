"""What lies ahead of a team and of a deliverable on a day: all that the simulation of a portfolio is given.

Plain facts and numbers, so that a forecast can be made again from what is kept beside it, and again with something
changed. Ages are days before the day of the forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.core.calibration import SHIPPED, Correction, Marks
from delivery.core.deliverable import Values
from delivery.core.pace import Pace

Steps = tuple[tuple[date, float], ...]
"""(first day, share of the normal capacity from then on), in the order of days; 1 before the first."""
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Role:
    """An open role: from ``start`` on it brings ``part`` of the team's present capacity, after ``ramp_weeks`` in full."""

    id: int
    start: date
    part: float
    ramp_weeks: int


@dataclass(frozen=True, slots=True)
class Habit:
    """A measure of a team now and as it usually is; None where there is not enough to say."""

    now: float | None = None
    usual: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TeamAhead:
    """``leads``: lead times in days, sorted. ``size``: full-time people. ``shared``: by person, the part of the team
    that a person makes who works for other teams too.
    """

    id: int
    leads: Values
    pace: Pace | None = None
    size: float = 0.0
    holidays: frozenset[date] = frozenset()
    shared: Mapping[int, float] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    reviews: Habit = Habit()  # median days until a first review
    unplanned: Habit = Habit()  # share of finished items, 0-1


@dataclass(frozen=True, slots=True, eq=False)
class OpenItems:
    """The open items of a deliverable; arrays of equal length."""

    ages: Values
    ids: tuple[int, ...] = ()
    begun: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    stuck: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))  # blocked, or older than is usual
    blocked: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))
    added: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))  # came in after the promise

    def take(self, keep: npt.NDArray[np.intp]) -> OpenItems:
        """Only those at these places."""
        ids = tuple(self.ids[place] for place in keep.tolist()) if self.ids else ()
        return OpenItems(self.ages[keep], ids, *(flags[keep] for flags in self.flags))

    @property
    def flags(self) -> tuple[Flags, ...]:
        return self.begun, self.stuck, self.blocked, self.added


def open_items(ages: npt.ArrayLike, **known: Any) -> OpenItems:
    """Open items of these ages; what is not said of them is taken as not so."""
    days = np.asarray(ages, dtype=np.float64)
    flags = {name: np.asarray(known.get(name, np.zeros(len(days))), dtype=bool) for name in FLAGS}
    return OpenItems(days, tuple(known.get("ids", ())), **flags)


FLAGS: Final = ("begun", "stuck", "blocked", "added")


@dataclass(frozen=True, slots=True)
class Found:
    """How much has been found so far: what the growth still to come is reckoned from."""

    known: int
    recent: float
    """Items found, each fading with its age."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkAhead:
    """A deliverable. ``steps``: share of its normal capacity from a day on, by the people it rests on; ``full`` the same
    if nobody were away. ``usual_items``: open items that its usual pace is reckoned from.
    """

    id: int
    team: int
    target: date | None
    items: OpenItems
    found: Found
    found_before: Found  # as if nothing had come in after the promise
    seen: float = 0.0  # own completions, each fading with its age
    exposure: float = 0.0  # normal weeks, fading likewise
    usual_items: int = 0
    scope_known: bool = False
    freed: bool = False  # a what-if: what is stuck moves on
    size: tuple[int, int] | None = None
    attempts: tuple[int, int] | None = None  # still to come
    needs: tuple[int, ...] = ()
    priority: int | None = None
    correction: Correction = SHIPPED
    marks: Marks = Marks(0.0, 0.0)
    steps: Steps = ()
    full: Steps = ()
    away: tuple[int, ...] = ()  # people who are away before the promised day
    alone: float | None = None  # part of its work that one person holds
    late: float | None = None  # days begun later than is usual here
    added: int = 0  # items that came in after the promise
    at_commitment: int = 0
    done: int = 0  # finished items, whenever they came in
