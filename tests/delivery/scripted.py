"""A connector that does as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery.connectors.contract import Budget, Check, ConnectorError, Found, Gap, Page, Slice
from delivery.core.records import GoneRecord


@dataclass
class Scripted:
    """A connector that gives pages and trouble as told, and remembers what it was asked."""

    pages: Sequence[Any]
    slices_there: tuple[Slice, ...] = (Slice("issues", "ABC"),)
    asked: list[tuple[str, datetime | None, str]] = field(default_factory=list)
    trouble: dict[str, ConnectorError] = field(default_factory=dict)  # by scope
    requests: int = 0
    clock: datetime | None = None
    scope: str = ""  # what the source calls it today
    wanted: list[str] = field(default_factory=list)
    gaps: Sequence[Gap] = ()  # of every page
    there: Sequence[str] | ConnectorError = ()  # the native ids of a census
    things: dict[str, Any] = field(default_factory=dict)  # what a reread gives: a record, or nothing for what is gone
    reread_ids: list[str] = field(default_factory=list)
    named: dict[str, Sequence[str] | ConnectorError] = field(default_factory=dict)  # native ids by query
    queries: list[str] = field(default_factory=list)

    def check(self, scopes: Sequence[str]) -> Check:
        return Check("cloud", "Ann", "1", tuple(scopes))

    def slices(self, scopes: Sequence[str]) -> tuple[Slice, ...]:
        self.wanted = list(scopes)
        return self.slices_there

    def read(self, part: Slice, *, since: datetime | None, cursor: str = "") -> Iterator[Page]:
        self.asked.append((part.scope, since, cursor))
        if part.scope in self.trouble:
            raise self.trouble[part.scope]
        start = int(cursor or 0)
        for number, page in enumerate(self.pages[start:], start + 1):
            self.requests += 1
            if isinstance(page, BaseException):
                raise page
            yield Page(tuple(page), str(number), expected=len(self.pages) * 2, scope=self.scope, gaps=tuple(self.gaps))

    def counted(self, kind: str) -> bool:
        return kind == "issues"

    def census(self, part: Slice) -> Iterator[tuple[str, ...]]:
        self.requests += 1
        if isinstance(self.there, ConnectorError):
            raise self.there
        yield tuple(self.there)

    def reread(self, part: Slice, ids: Sequence[str]) -> Iterator[Page]:
        self.requests += 1
        self.reread_ids += ids
        yield Page(tuple(self.things.get(id) or GoneRecord(part.kind, id) for id in ids), "")

    def matching(self, query: str) -> Iterator[tuple[str, ...]]:
        self.queries.append(query)
        answer = self.named.get(query, ())
        if isinstance(answer, ConnectorError):
            raise answer
        yield tuple(answer)

    def discover(self, pattern: str = "") -> tuple[Found, ...]:
        return tuple(Found(part.scope, part.scope) for part in self.slices_there)

    def budget(self) -> Budget | None:
        return None

    def now(self) -> datetime | None:
        return self.clock

    def close(self) -> None: ...
