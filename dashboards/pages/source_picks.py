"""What a token may see, to pick from: searched, chosen one by one or by patterns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from dashboards import words
from delivery import discovery
from delivery.connectors.contract import Found

MOST: Final = 100  # rows that are shown at once
LONGEST: Final = 200  # letters of a pattern


@dataclass(frozen=True, slots=True)
class Pick:
    scope: str
    name: str
    says: str
    archived: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """A pattern, and what it means today."""

    pattern: str
    says: str
    none: bool


@dataclass(frozen=True, slots=True)
class Picks:
    """``fits`` rows fit the search, of ``all``; of these ``rows`` are shown. ``one`` and ``many`` name them."""

    one: str
    many: str
    rows: tuple[Pick, ...]
    fits: int
    all: int
    search: str
    patterns: str
    matched: tuple[Matched, ...]
    chosen: int
    by_pattern: int

    @property
    def more(self) -> int:
        return self.fits - len(self.rows)

    @property
    def says(self) -> str:
        """12 of 184 repositories chosen, 4 more by pattern."""
        more = f", {words.number(self.by_pattern)} more by pattern" if self.by_pattern else ""
        return f"{words.number(self.chosen)} of {words.plural(self.all, self.one, self.many)} chosen{more}"


def noun(kind: str) -> tuple[str, str]:
    return ("repository", "repositories") if kind == "github" else ("project", "projects")


def picks(
    kind: str, found: Sequence[Found], chosen: Collection[str], patterns: Sequence[str], search: str = ""
) -> Picks:
    one, many = noun(kind)
    fitting = fits(found, search)
    taken = set(chosen)
    rows = sorted(fitting, key=lambda row: (row.scope not in taken, row.archived, row.scope.lower()))[:MOST]
    by_pattern = set(discovery.matching(found, patterns)) - taken
    return Picks(
        one=one,
        many=many,
        rows=tuple(_pick(row, kind, row.scope in taken) for row in rows),
        fits=len(fitting),
        all=len(found),
        search=search,
        patterns=", ".join(patterns),
        matched=tuple(_matched(pattern, found, one, many) for pattern in patterns),
        chosen=len(taken),
        by_pattern=len(by_pattern),
    )


def fits(found: Sequence[Found], search: str) -> list[Found]:
    """What holds every word of ``search`` in its key or its name; letters' case does not matter."""
    wanted = search.lower().split()
    return [row for row in found if all(word in f"{row.scope} {row.name}".lower() for word in wanted)]


def split(text: str) -> tuple[str, ...]:
    """The patterns of a line: parted by spaces, commas or line ends, each once."""
    parts = text.replace(",", " ").replace(";", " ").split()
    return tuple(dict.fromkeys(part[:LONGEST] for part in parts))


def _pick(row: Found, kind: str, chosen: bool) -> Pick:
    size = "" if row.size is None else words.plural(row.size, "issue") if kind == "jira" else words.number(row.size)
    name = row.name if row.name.lower() != row.scope.lower() else ""
    return Pick(row.scope, name, size, row.archived, chosen)


def _matched(pattern: str, found: Sequence[Found], one: str, many: str) -> Matched:
    count = len(discovery.matching(found, [pattern]))
    now = f"{words.plural(count, one, many)} now" if count else "nothing now"
    return Matched(pattern, f"{pattern} takes in {now}; new ones join by themselves.", not count)
