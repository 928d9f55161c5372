"""How sources stand in short, and as far as some of their projects and repositories go: what every page's notice says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from delivery import locks
from delivery.freshness import State, by_source, counted, is_live, lacking_in, oldest, state_of, whole
from delivery.models import Source, SourceSlice, TeamScope


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part of a source in short; ``missing`` and ``alarmed`` as of SliceState."""

    scope: str
    state: State
    last_success: datetime | None
    missing: int
    alarmed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A source in short, by the same rules as SourceState.

    ``unread``: what teams call their work there and nobody reads, because the source was connected without it.
    """

    name: str
    live: bool  # neither paused nor disconnected
    parts: tuple[PartStanding, ...]
    unread: tuple[str, ...] = ()
    disconnected: bool = False

    @property
    def state(self) -> State:
        return whole([part.state for part in self.parts], self.live)

    @property
    def last_success(self) -> datetime | None:
        return oldest(part.last_success for part in self.parts)

    @property
    def stopped(self) -> int:
        return sum(part.state == State.STOPPED for part in self.parts)

    @property
    def missing(self) -> dict[str, int]:
        """How many things could not be read, by scope."""
        found: Counter[str] = Counter()
        for part in self.parts:
            found[part.scope] += part.missing
        return {scope: count for scope, count in found.items() if count}

    @property
    def alarmed(self) -> tuple[str, ...]:
        """The scopes of which the token sees much less than it did."""
        return tuple(dict.fromkeys(part.scope for part in self.parts if part.alarmed))


def only(one: Standing, scopes: Collection[str]) -> Standing:
    """The same source as far as these of its projects and repositories go."""
    wanted = {scope.lower() for scope in scopes}
    parts = tuple(part for part in one.parts if part.scope.lower() in wanted)
    return replace(one, parts=parts, unread=tuple(scope for scope in one.unread if scope.lower() in wanted))


def standings(sources: QuerySet[Source], now: datetime) -> list[Standing]:
    """How each of ``sources`` stands; three queries, however many there are."""
    busy = locks.numbers_held(locks.SLICE)
    slices = by_source(counted())
    lost = sources.filter(removing=False).annotate(unread=ArraySubquery(_unread()))
    return [_standing(source, source.unread, slices[source.pk], busy, now) for source in lost]


def _unread() -> QuerySet[TeamScope, Any]:
    """The scopes of living teams in a source that has parts, but none of these."""
    parts = SourceSlice.objects.filter(source=OuterRef("source"))
    own = parts.filter(scope__iexact=OuterRef("scope"))
    scopes = TeamScope.objects.filter(Exists(parts), ~Exists(own), source=OuterRef("pk"), team__archived=False)
    return scopes.order_by("scope").values("scope").distinct()


def _standing(source: Source, unread: list[str], slices: list[SourceSlice], busy: set[int], now: datetime) -> Standing:
    parts = tuple(
        PartStanding(
            part.scope, state_of(part, part.pk in busy, now), part.last_success, lacking_in(part), bool(part.alarm)
        )
        for part in slices
    )
    return Standing(source.name, is_live(source), parts, tuple(unread), source.disconnected is not None)
