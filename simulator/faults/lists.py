"""The rows of a page, in the shapes both tools give them, and a page with other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from simulator.web import Reply

Rows = list[Any]
LISTS = ("issues", "values", "issueChangeLogs", "workflow_runs", "worklogs")


def paged(reply: Reply) -> Any:
    """The JSON of an answer that may be a page; None for errors and bodies that are none."""
    if reply.status != 200 or not reply.body:
        return None
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None


def lists_of(value: Any) -> Iterator[Rows]:
    """The lists of rows that a page consists of: not what is listed inside a row."""
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict):
        yield from (value[name] for name in LISTS if isinstance(value.get(name), list))
        yield from connections_of(value.get("data"))


def connections_of(value: Any) -> Iterator[Rows]:
    """The rows of GraphQL's outermost connections."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("nodes"), list):
        yield value["nodes"]
        return
    for inner in value.values():
        yield from connections_of(inner)


def objects_of(value: Any) -> list[dict[str, Any]]:
    """Every row of a page that is an object."""
    return [row for rows in lists_of(value) for row in rows if isinstance(row, dict)]


def with_rows(reply: Reply, change: Callable[[Rows], Rows]) -> Reply:
    """The page with every list of rows changed; anything else stays as it is."""
    value = paged(reply)
    found = list(lists_of(value))
    if not found:
        return reply
    for rows in found:
        rows[:] = change(rows)
    return replace(reply, body=orjson.dumps(value))
