"""GraphQL's connections: a window on a sequence, with cursors that outlive changes where order may change."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from simulator.hub_records import HubIssue
from simulator.records import Commit, Deployment, Person, Pull, Review

Mark = Callable[[Any], tuple[int, int]]
PREFIX = b"cursor:v2:"


class BadCursor(ValueError):
    """A cursor that is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something of a pull request or an issue that cannot be told without it; ``type`` is its name in the schema."""

    type: str
    pull: Pull | HubIssue
    item: Commit | Review | Person | str | None = None
    at: Any = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """One state of a deployment; ``number`` counts from the oldest."""

    deployment: Deployment
    number: int


@dataclass(frozen=True, slots=True)
class Window:
    """What a connection shows of its items, [start, end)."""

    items: Sequence[Any]
    start: int
    end: int
    mark: Mark | None

    def nodes(self) -> Sequence[Any]:
        return self.items[self.start : self.end]

    def cursor(self, index: int) -> str | None:
        if not self.start <= index < self.end:
            return None
        place = self.mark(self.items[index]) if self.mark else (index + 1, 0)
        return base64.b64encode(PREFIX + orjson.dumps(place)).decode()


def window(items: Sequence[Any], args: Mapping[str, Any], mark: Mark | None = None) -> Window:
    """The part that ``first``/``after`` or ``last``/``before`` ask for; ``mark`` must ascend over the items."""
    start, end = 0, len(items)
    if after := args.get("after"):
        start = position(items, place(after), mark)
    if before := args.get("before"):
        end = max(start, position(items, place(before), mark) - 1)
    if (first := args.get("first")) is not None:
        end = min(end, start + first)
    if (last := args.get("last")) is not None:
        start = max(start, end - last)
    return Window(items, start, end, mark)


def position(items: Sequence[Any], place: tuple[int, int], mark: Mark | None) -> int:
    """The first index after a cursor's item, even when that has moved or gone."""
    return bisect_right(items, place, key=mark) if mark else place[0]


def place(cursor: str) -> tuple[int, int]:
    try:
        first, second = orjson.loads(base64.b64decode(cursor).removeprefix(PREFIX))
    except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError):
        raise BadCursor(f"`{cursor}` does not appear to be a valid cursor.") from None
    return int(first), int(second)
