"""How old the data is, source by source: what the foot of the sidebar and the notices say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dashboards import words
from dashboards.pages.source_state import LEVELS
from delivery.access import visible_sources
from delivery.freshness import LATE, State
from delivery.standings import Standing, only, standings
from people.access import User

OLD: Final = "are as old as that"
LACKING: Final = "lack that"
MISSING: Final = 3  # projects and repositories that are named one by one


@dataclass(frozen=True, slots=True)
class SourceAge:
    """A source that is read. ``read``: when its oldest part was last read whole, None while a part never was."""

    name: str
    read: datetime | None
    level: str  # as the Sources page shows its state
    in_trouble: bool  # late, stopped, paused for long, read in part, or not where a team counts on it
    says: str
    standing: Standing
    old: bool = False  # the trouble is its age


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

    @property
    def effect(self) -> str:
        """What becomes of the numbers that rest on those in trouble."""
        old = any(one.old for one in self.in_trouble)
        whole = all(one.old for one in self.in_trouble)
        return OLD if whole else f"{OLD} or {LACKING}" if old else LACKING


def source_ages(user: User, now: datetime) -> list[SourceAge]:
    """Every source that is read, and those that no longer are while pages still count on them; three queries."""
    return _ages(standings(visible_sources(user).order_by("name"), now), now)


def concerning(ages: Sequence[SourceAge], scopes: Iterable[tuple[str, str]], now: datetime) -> list[SourceAge]:
    """The same, as far as these projects and repositories go: (name of the source, project or repository)."""
    wanted = defaultdict(set)
    for source, scope in scopes:
        wanted[source].add(scope)
    return _ages([only(one.standing, wanted[one.name]) for one in ages if one.name in wanted], now)


def freshness(ages: Sequence[SourceAge], now: datetime) -> Freshness:
    trouble = tuple(one for one in ages if one.in_trouble)
    read = [one.read for one in ages if one.read]
    if not ages:
        return Freshness("none yet", trouble, known=False)
    if len(read) < len(ages):
        goes_on = any(one.read is None and one.standing.state in (State.READING, State.NEVER) for one in ages)
        return Freshness("reading" if goes_on else "read in part", trouble, known=False)
    return Freshness(words.ago(min(read), now), trouble, known=True)


def _ages(found: Iterable[Standing], now: datetime) -> list[SourceAge]:
    return [_age(one, now) for one in found if _counts(one, now)]


def _counts(one: Standing, now: datetime) -> bool:
    """A pause is nobody's trouble before the data is old, nor where there is none; it mends nothing either."""
    if one.state != State.PAUSED or one.missing or one.alarmed or one.stopped or one.unread:
        return True
    if one.last_success is None:
        return any(part.last_success for part in one.parts)  # half a history, and nobody reads the rest
    return now - one.last_success > LATE


def _age(one: Standing, now: datetime) -> SourceAge:
    paused = one.state == State.PAUSED
    old = one.state in (State.LATE, State.STOPPED) or bool(one.unread) or (paused and one.last_success is not None)
    trouble = old or paused or bool(one.missing) or bool(one.alarmed)
    level = "likely" if one.unread else LEVELS.get(one.state, "none")
    if trouble and level not in ("likely", "at-risk"):
        level = "at-risk"
    return SourceAge(one.name, one.last_success, level, trouble, f"{one.name}: {', '.join(_says(one, now))}", one, old)


def _says(one: Standing, now: datetime) -> Iterator[str]:
    """What is wrong with it, and its age. When a pause began is not noted: nothing came since the last reading."""
    ago = words.ago(one.last_success, now) if one.last_success else ""
    if one.unread:
        yield f"{words.listed(one.unread)} {'is' if len(one.unread) == 1 else 'are'} no longer read"
        if not one.parts:
            return
    yield from _lacks(one)
    if one.stopped:
        yield f"stopped in {one.stopped} of {words.plural(len(one.parts), 'part')}"
    if one.state == State.PAUSED:
        if not ago:
            unread = sum(part.last_success is None for part in one.parts)
            yield f"{unread} of {words.plural(len(one.parts), 'part')} not read to the end"
        gone = "disconnected" if one.disconnected else "paused"
        yield f"{gone} since the last reading {ago}" if ago else gone
        return
    if one.state == State.LATE:
        yield "late"
    yield f"last read {ago}" if ago else "not read to the end yet"


def _lacks(one: Standing) -> Iterator[str]:
    if one.missing:
        scopes = list(one.missing)
        where = words.listed(scopes) if len(scopes) <= MISSING else words.plural(len(scopes), "part")
        yield f"{words.plural(sum(one.missing.values()), 'thing')} of {where} could not be read"
    if one.alarmed:
        yield f"the token sees much less of {words.listed(one.alarmed)} than before"
