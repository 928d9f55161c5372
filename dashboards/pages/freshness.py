"""How old the data is, source by source: what the foot of the sidebar and the notices say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboards import words
from dashboards.pages.source_state import LEVELS
from delivery.access import visible_sources
from delivery.freshness import LATE, Standing, State, standings
from people.access import User


@dataclass(frozen=True, slots=True)
class SourceAge:
    """A source that is read. ``read``: when its oldest part was last read whole, None while a part never was."""

    name: str
    read: datetime | None
    level: str  # as the Sources page shows its state
    in_trouble: bool  # late, stopped, paused for long, or not read in a part that a team counts on
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
    """Every source that is read, and those that no longer are while pages still count on them; three queries."""
    return [_age(one, now) for one in standings(visible_sources(user).order_by("name"), now) if _counts(one, now)]


def freshness(ages: Sequence[SourceAge], now: datetime) -> Freshness:
    trouble = tuple(one for one in ages if one.in_trouble)
    read = [one.read for one in ages if one.read]
    if not ages:
        return Freshness("none yet", trouble, known=False)
    if len(read) < len(ages):
        return Freshness("reading", trouble, known=False)
    return Freshness(words.ago(min(read), now), trouble, known=True)


def _counts(one: Standing, now: datetime) -> bool:
    """A pause is nobody's trouble before the data is old, nor where there is none."""
    return one.state != State.PAUSED or (one.last_success is not None and now - one.last_success > LATE)


def _age(one: Standing, now: datetime) -> SourceAge:
    trouble = one.state in (State.LATE, State.STOPPED, State.PAUSED) or bool(one.unread)
    level = "likely" if one.unread else LEVELS.get(one.state, "none")
    return SourceAge(one.name, one.last_success, level, trouble, f"{one.name}: {', '.join(_says(one, now))}")


def _says(one: Standing, now: datetime) -> Iterator[str]:
    """What is wrong with it, and its age. When a pause began is not noted: nothing came since the last reading."""
    ago = words.ago(one.last_success, now) if one.last_success else ""
    if one.unread:
        yield f"{words.listed(one.unread)} {'is' if len(one.unread) == 1 else 'are'} no longer read"
    if one.state == State.PAUSED:
        yield f"paused since the last reading {ago}"
        return
    if one.stopped:
        yield f"stopped in {one.stopped} of {words.plural(one.parts, 'part')}"
    elif one.state == State.LATE:
        yield "late"
    yield f"last read {ago}" if ago else "not read to the end yet"
