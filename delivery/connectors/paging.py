"""Reading ahead, and where a read stands."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import orjson

T = TypeVar("T")
OVERLAP = timedelta(minutes=2)  # search lags behind the truth (J8), and JQL knows only minutes (J11)
_END: Any = object()


def ahead(pages: Iterator[T]) -> Generator[T, None, None]:
    """The same pages, each fetched while the one before is parsed and stored. One thread, ended with the iterator."""
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        coming = thread.submit(next, pages, _END)
        while (page := coming.result()) is not _END:
            coming = thread.submit(next, pages, _END)
            yield page


def dump(place: dict[str, Any]) -> str:
    """A cursor: where a read stands, as JSON text."""
    return orjson.dumps(place).decode()


def load(cursor: str) -> dict[str, Any]:
    """The place in a cursor; empty for none, or for one that an older Headway wrote in another form."""
    try:
        place = orjson.loads(cursor) if cursor else {}
    except orjson.JSONDecodeError:
        return {}
    return place if isinstance(place, dict) else {}


def milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch, rounded down."""
    return int(at.timestamp() * 1000)


def from_milliseconds(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def minute(at: datetime) -> datetime:
    """The start of the minute of ``at``."""
    return at.replace(second=0, microsecond=0)
