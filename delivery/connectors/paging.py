"""Reading ahead, and where a read stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, TypeVar

import orjson

from delivery.connectors.contract import Page

T = TypeVar("T")
TOGETHER = 500  # records stored at once: a transaction costs much the same for one as for hundreds
PATIENCE = 2.0  # seconds after which what has come is handed on, whatever its number
OVERLAP = timedelta(minutes=2)  # search lags behind the truth (J8), and JQL knows only minutes (J11)
_END: Any = object()


def ahead(pages: Iterator[T]) -> Generator[T, None, None]:
    """The same pages, each fetched while the one before is parsed and stored. One thread, ended with the iterator."""
    with ThreadPoolExecutor(1, thread_name_prefix="fetch") as thread:
        coming = thread.submit(next, pages, _END)
        while (page := coming.result()) is not _END:
            coming = thread.submit(next, pages, _END)
            yield page


def together(pages: Iterable[Page], *, clock: Callable[[], float] = time.monotonic) -> Iterator[Page]:
    """The same records in larger pages, each with the cursor of its last one; never across a new name of the scope.

    What came before an error is handed on before the error is.
    """
    parts: list[Page] = []
    size, since = 0, clock()
    try:
        for page in pages:
            if parts and page.scope != parts[0].scope:
                yield _joined(parts)
                parts, size, since = [], 0, clock()
            parts.append(page)
            size += len(page.records)
            if size >= TOGETHER or clock() - since >= PATIENCE:
                yield _joined(parts)
                parts, size, since = [], 0, clock()
    except Exception:
        if parts:
            yield _joined(parts)
        raise
    if parts:
        yield _joined(parts)


def _joined(parts: Sequence[Page]) -> Page:
    """Of one record that came twice the later stays the later: order is kept."""
    if len(parts) == 1:
        return parts[0]
    expected = next((page.expected for page in reversed(parts) if page.expected is not None), None)
    records = tuple(chain.from_iterable(page.records for page in parts))
    gaps = tuple(chain.from_iterable(page.gaps for page in parts))
    return Page(records, parts[-1].cursor, expected, parts[-1].scope, gaps)


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
