"""How old the data is, source by source: what the foot of the sidebar and the notices say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards import words
from dashboards.pages.source_state import LEVELS
from delivery.access import visible_sources
from delivery.freshness import Standing, State, standings
from people.access import User


@dataclass(frozen=True, slots=True)
class SourceAge:
    """A source that is read. ``read``: when its oldest part was last read whole, None while a part never was."""

    name: str
    read: datetime | None
    level: str  # as the Sources page shows its state
    in_trouble: bool  # late or stopped
    says: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """All sources together, as old as the oldest."""

    age: str
    in_trouble: tuple[SourceAge, ...]
    known: bool  # whether there is any source, and everything was read once

    @property
    def level(self) -> str:
        """Of the worst source in trouble: stopped is worse than late."""
        return "likely" if any(one.level == "likely" for one in self.in_trouble) else "at-risk"


def source_ages(user: User, now: datetime) -> list[SourceAge]:
    """Every source that is not paused; three queries."""
    return [_age(one, now) for one in standings(visible_sources(user).filter(paused=False).order_by("name"), now)]


def freshness(ages: Sequence[SourceAge], now: datetime) -> Freshness:
    trouble = tuple(one for one in ages if one.in_trouble)
    read = [one.read for one in ages if one.read]
    if not ages:
        return Freshness("none yet", trouble, known=False)
    if len(read) < len(ages):
        return Freshness("reading", trouble, known=False)
    return Freshness(words.ago(min(read), now), trouble, known=True)


def _age(one: Standing, now: datetime) -> SourceAge:
    last = f"last read {words.ago(one.last_success, now)}" if one.last_success else "not read to the end yet"
    state = "late, " if one.state == State.LATE else ""
    if one.stopped:
        state = f"stopped in {one.stopped} of {words.plural(one.parts, 'part')}, "
    trouble = one.state in (State.LATE, State.STOPPED)
    return SourceAge(one.name, one.last_success, LEVELS.get(one.state, "none"), trouble, f"{one.name}: {state}{last}")
