"""Risks kept by rules over evidence: what a rule reads, when a risk opens and closes, what it weighs.

A rule looks at one thing (a deliverable, a goal, a team) and reads a value for each cause. A risk opens once the value has
been at ``enter`` or worse for ``days`` days, and closes once it has been better than ``leave`` for as long: what
lies between the two changes nothing, so nothing flaps. Without a value nothing changes either: no data is no good news.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from delivery.core.drivers import Drivers
from delivery.core.promise import Promise

Unit = Literal["%", "days", "weeks", "points", "items", "yes/no"]


@dataclass(frozen=True, slots=True)
class Needed:
    """Something that a deliverable waits for: its likely finish, and the chance to miss its own promise."""

    id: int
    title: str
    p50: date | None
    missing: float | None


@dataclass(frozen=True, slots=True)
class DeliverableEvidence:
    """What is known of an open deliverable. ``alone``: part of its recent and open work that one person holds, 0-1.

    ``known``: whether anything is known today of what lies ahead of it: without, ``needs``, ``stuck``, ``alone`` and
    ``capacity_lost`` say nothing. ``silent``: a part of its team's sources has not been read for over a day.
    """

    promise: Promise
    day: date
    drivers: Drivers | None = None
    needs: tuple[Needed, ...] = ()
    stuck: int = 0  # open items that are blocked or very old
    open_items: int = 0
    alone: float | None = None
    capacity_lost: float | None = None  # part of the capacity until its date that absence takes, 0-1
    known: bool = True
    silent: bool = False


@dataclass(frozen=True, slots=True)
class GoalEvidence:
    """A running goal. ``said``: the day of its last check-in; ``rests_on`` is None where that is not known today."""

    id: int
    title: str
    start: date
    end: date
    day: date
    said: date | None
    chance: float | None
    rests_on: int | None


@dataclass(frozen=True, slots=True)
class TeamEvidence:
    """A team of ``people`` (shares added up, None where not known). ``unreadable``: statuses that mean nothing known, with
    their open items; ``given``: reviews of eight weeks, and those of whoever gave most. ``arrived``, ``left``: items started and ended in four weeks; ``reviews``: median working days until a
    first review; ``fail_rate``: 0-1, of ``deployments``; ``silent``: parts of sources with the days since they were read.
    """

    id: int
    name: str
    day: date
    in_progress: int = 0
    arrived: int = 0
    left: int = 0
    reviews: float | None = None
    fail_rate: float | None = None
    deployments: int = 0
    silent: Mapping[str, float] = field(default_factory=dict)
    missing: int = 0  # things of its sources that could not be read
    people: float | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    given: tuple[int, int] = (0, 0)


Evidence = DeliverableEvidence | GoalEvidence | TeamEvidence


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence a risk rests on; ``url`` leads to it where there is an address."""

    says: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule reads today of one cause. ``value`` None: it cannot be known today."""

    value: float | None
    title: str
    proofs: tuple[Proof, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, its default thresholds, and in words what it measures in which unit.

    ``read`` returns None where nothing at all can be said today: then every risk of it stays as it is.
    """

    slug: str
    kind: str
    title: str
    measures: str
    unit: Unit
    enter: float
    leave: float
    days: int
    read: Callable[[Any], tuple[Reading, ...] | None]
    about: type
    worse: Literal["more", "less"] = "more"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a rule's risks open and close."""

    enter: float
    leave: float
    days: int
    worse: Literal["more", "less"] = "more"

    def is_bad(self, value: float) -> bool:
        """At ``enter`` or worse."""
        return value >= self.enter if self.worse == "more" else value <= self.enter

    def is_better(self, value: float) -> bool:
        """Better than ``leave``."""
        return value < self.leave if self.worse == "more" else value > self.leave

    def problem(self) -> str:
        """Why these make no sense, as a sentence; empty where they do."""
        if self.days < 0:
            return "Days cannot be fewer than 0."
        wrong = self.leave > self.enter if self.worse == "more" else self.leave < self.enter
        return "A risk must close at a value better than the one at which it opens, or at the same." if wrong else ""


class Step(StrEnum):
    """What becomes of a risk today."""

    NOTHING = "nothing"
    WATCH = "watch"  # seen, but not for long enough
    FORGET = "forget"  # it was not there for long enough
    OPEN = "open"
    STAY = "stay"
    BETTER = "better"  # for a while now, but not for long enough
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Standing:
    """A risk as it is kept: seen since a day, open or not yet, and better since a day."""

    seen: date
    is_open: bool
    better_since: date | None = None


def step(standing: Standing | None, value: float | None, limits: Thresholds, day: date) -> Step:
    """What becomes of a risk on ``day``, given today's value. Running it twice on a day changes nothing."""
    if value is None:
        return Step.NOTHING if standing is None else (Step.STAY if standing.is_open else Step.WATCH)
    if standing is None:
        if not limits.is_bad(value):
            return Step.NOTHING
        return Step.WATCH if limits.days else Step.OPEN
    if not standing.is_open:
        if not limits.is_bad(value):
            return Step.FORGET
        return Step.OPEN if (day - standing.seen).days >= limits.days else Step.WATCH
    if not limits.is_better(value):
        return Step.STAY
    since = standing.better_since or day
    return Step.CLOSE if (day - since).days >= limits.days else Step.BETTER


def impact_of_deliverable(waiting: int, levels: Mapping[str, bool]) -> float:
    """0-1: 0.3, a tenth for each of up to three open deliverables that wait for it, and what its weightiest goal adds.

    ``levels``: for each level of goal it serves (company, group, team) whether one of them is committed.
    """
    weights = {"company": 0.3, "group": 0.2, "team": 0.1}
    goal = max((weights[level] + 0.1 * committed for level, committed in levels.items()), default=0.0)
    return round(min(0.3 + 0.1 * min(waiting, 3) + goal, 1.0), 2)


def impact_of_goal(level: str, committed: bool) -> float:
    """0-1: a company's goal 0.8, a group's 0.6, a team's 0.4; a tenth more where it is committed."""
    return round({"company": 0.8, "group": 0.6, "team": 0.4}[level] + 0.1 * committed, 2)


def impact_of_team(promises: int) -> float:
    """0-1: 0.4, and a twentieth for each open promise, up to 0.8."""
    return round(min(0.4 + 0.05 * promises, 0.8), 2)
