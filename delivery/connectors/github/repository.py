"""One repository, the way to ask for it, and how what came of it becomes a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote

from delivery.connectors import paging
from delivery.connectors.contract import ConnectorError, Gap, Page
from delivery.connectors.github import parse
from delivery.connectors.github.connections import Connection, RawPage
from delivery.connectors.github.graph import BadCursor, Graph
from delivery.connectors.github.graphql import Kind
from delivery.connectors.instants import instant
from delivery.core.records import Record

Json = dict[str, Any]
Parse = Callable[[Json, parse.Reading], Record | None]
LONG_AGO = timedelta(days=14)
SWITCHED_OFF = (404, 410)  # a repository without pull requests; whether it is there at all, GraphQL says
NO_SEARCH = (404, 422)  # not indexed, or not for this token
ODD = "GitHub's answer about it could not be read ({error}): it is asked for again at the next reading."


@dataclass(slots=True)
class Repository:
    """One repository and the way to ask for it. ``row`` is its REST answer, ``now`` GitHub's clock at that moment."""

    graph: Graph
    row: Json
    now: datetime
    bots: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return str(self.row["full_name"])

    @property
    def path(self) -> str:
        return f"/repos/{quote(self.name)}"

    def reading(self) -> parse.Reading:
        return parse.Reading(str(self.row["id"]), self.name, bots=self.bots)

    def first(self) -> tuple[Record, ...]:
        """What every read begins with: the repository that its other records name."""
        return (parse.repository(self.row),)

    def walk(self, kind: Kind, **more: Any) -> Connection:
        return Connection(self.graph, self.name, kind, **more)

    def rests(self, since: datetime) -> bool:
        """Archived before ``since``: nothing of it can change until somebody brings it back (G10)."""
        last = max((at for name in ("updated_at", "pushed_at") if (at := instant(self.row.get(name)))), default=None)
        return bool(self.row.get("archived")) and last is not None and last < since - paging.OVERLAP

    def count_since(self, since: datetime) -> int | None:
        """How many pull requests changed since, by GitHub's search, whose index lags: an estimate; None without one.

        Only for a long way back: a search is one of thirty a minute.
        """
        if self.now - since < LONG_AGO:
            return None
        words = f"repo:{self.name} is:pr updated:>={since:%Y-%m-%d}"
        try:
            found = self.graph.http.get(f"/search/issues?q={quote(words)}&per_page=1", passing=NO_SEARCH).json
        except ConnectorError as error:
            if error.kind in ("permission", "answer", "limited"):
                return None
            raise
        count = found.get("total_count") if isinstance(found, dict) else None
        return count if isinstance(count, int) else None

    def is_quiet(self, since: datetime) -> bool:
        """Whether no pull request changed since: the newest change, asked for in one small question that costs nothing
        while its answer stays the same (G1, G14)."""
        path = f"{self.path}/pulls?state=all&sort=updated&direction=desc&per_page=1"
        rows = self.graph.http.get(path, remember=True, passing=SWITCHED_OFF).json
        newest = [instant(row.get("updated_at")) for row in rows] if isinstance(rows, list) else []
        return bool(newest) and all(at is not None and at < since - paging.OVERLAP for at in newest)


@dataclass(frozen=True, slots=True)
class Sort:
    """What raw nodes become, and what a gap calls one of them: by a noun and its own number, or by its key."""

    read: Parse
    noun: str = ""
    name: str = "number"

    def called(self, node: Any, reading: parse.Reading) -> str:
        number = node.get(self.name) if isinstance(node, dict) else None
        return f"{self.noun}{number or '?'}" if self.noun else f"{reading.full_name}#{number or '?'}"


def told(raw: Iterable[Json], sort: Sort, reading: parse.Reading) -> tuple[tuple[Record, ...], tuple[Gap, ...]]:
    """Records of raw nodes; one that is not as GitHub promises becomes a gap, and the others go on."""
    records, gaps, read = list[Record](), list[Gap](), sort.read
    for node in raw:
        try:
            record = read(node, reading)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            gaps.append(Gap(sort.called(node, reading), ODD.format(error=f"{type(error).__name__}: {error}"[:120])))
        else:
            records += (record,) if record else ()
        gaps += reading.taken() if reading.gaps else ()
    return tuple(records), tuple(gaps)


def peopled(page: RawPage, sort: Sort, reading: parse.Reading, lead: tuple[Record, ...], cursor: str) -> Page:
    """A page of records, and before them the people who were met for the first time in this reading."""
    known = len(reading.accounts)
    records, gaps = told(page.nodes, sort, reading)
    people = islice(reading.accounts.values(), known, None)
    return Page((*lead, *people, *records), cursor, page.total, gaps=page.gaps + gaps)


def whole(walk: Connection, after: str | None) -> Iterator[RawPage]:
    """All pages after a cursor; from the start when GitHub no longer knows it."""
    return _ahead(walk.pages, after)


def down_to(
    walk: Connection, after: str | None, at: Callable[[Json], datetime | None], limit: datetime
) -> Iterator[RawPage]:
    """The nodes of a walk ordered downwards by an instant, as far as the page with the first older than ``limit``.

    After a cursor the rest of it: what changed meanwhile stands before it, and belongs to the next reading.
    """

    def until(after: str | None) -> Iterator[RawPage]:
        for page in walk.pages(after):
            fresh = [node for node in page.nodes if (at(node) or limit) >= limit]
            yield RawPage(fresh, page.after, gaps=page.gaps)
            if len(fresh) < len(page.nodes):
                return

    return _ahead(until, after)


def _ahead(walk: Callable[[str | None], Iterator[RawPage]], after: str | None) -> Iterator[RawPage]:
    try:
        with closing(paging.ahead(walk(after))) as pages:
            yield from pages
    except BadCursor:
        with closing(paging.ahead(walk(None))) as pages:
            yield from pages


def reach(since: datetime, now: datetime, near: timedelta, far: timedelta) -> datetime:
    """How far to look back for the ends of what began before ``since``: far once a day (UTC), else near.

    What waits for an approval, or is run again, ends long after it began, and no list is ordered by that. ``since``
    is the last reading: the first one of a new day looks far back.
    """
    return since - (near if since.date() == now.date() else far)
