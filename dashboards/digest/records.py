"""What a digest says, in plain values that are kept as JSON and said again as page, e-mail, text and chat. PURE.

Addresses are paths of Headway's pages; whoever says a digest puts in front of them what its reader needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

VERSION: Final = 1
"""Raised when the shape changes; a kept digest of an older shape must still be read."""


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase of a sentence; ``stress`` as of dashboards.sentences."""

    text: str
    stress: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """How many promises stand at a level; ``share``: whole per cent of the strip's width."""

    level: str
    word: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing that would help most; ``verb`` is the button."""

    says: tuple[Words, ...]
    verb: str
    url: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise in danger. ``missing``: whole per cent of missing it, ``chance`` and ``odds`` the same in figures and words."""

    id: int
    title: str
    url: str
    level: str
    missing: int
    chance: str
    odds: str
    promised: str
    likely: str
    driver: str
    action: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A risk of the register that threatens a goal or a team."""

    id: int
    title: str
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line about one thing. ``kind``: of a change new, worse, better, gone or moved; of what is asked its kind in words.

    ``now`` and ``before``: whole per cent of missing, where the line is about them.
    """

    kind: str
    title: str
    says: str
    url: str
    verb: str = ""
    now: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a title; ``more``: how many others there are, at ``more_url`` where a page lists them."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0
    more_url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """All that one reader is told. ``waiting``: how many things are asked of them, whether or not each has a line.

    ``calm``: there is nothing to say; then ``headline`` and ``calm`` are the two lines of it.
    """

    week: str
    day: str  # as 2026-11-24
    dated: str
    about: str
    subject: str
    preheader: str
    headline: tuple[Words, ...]
    headline_url: str
    level: str
    counts: tuple[Count, ...]
    calm: str
    first: Step | None
    risks_title: str
    risks: tuple[Promised, ...]
    risks_more: int
    risks_url: str
    register: tuple[Listed, ...]
    changed: Section
    disputed: Section
    asked: Section
    delivered: Section
    learned: Section
    record: str
    record_url: str
    stale: tuple[str, ...]
    stale_effect: str
    stale_url: str
    explained: str
    why: str
    waiting: int = 0
    version: int = VERSION


def as_json(digest: Digest) -> dict[str, Any]:
    """As an issue keeps it."""
    return asdict(digest)


def from_json(kept: Mapping[str, Any]) -> Digest:
    """The reverse of ``as_json``."""
    made = _made(Digest, kept)
    assert isinstance(made, Digest)
    return made


_HINTS: Final[dict[type, dict[str, Any]]] = {}


def _made(kind: Any, value: Any) -> Any:
    """``value`` of JSON as ``kind``: a record, a tuple of such, or a plain value."""
    if get_origin(kind) in (Union, UnionType):
        return None if value is None else _made(get_args(kind)[0], value)
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], one) for one in value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _HINTS.setdefault(kind, get_type_hints(kind))
        return kind(**{name: _made(hints[name], one) for name, one in value.items() if name in hints})
    return value
