"""Pages and their Link headers, whose targets name repositories by id (G10)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar
from urllib.parse import quote

import orjson

from simulator.github.call import Call, refusal
from simulator.web import Reply, Request

Item = TypeVar("Item")
Show = Callable[[Item], object]
DEFAULT, MOST = 30, 100
DEEP = 10_000  # rows after which /issues refuses page numbers (G9)
TYPE = "application/json; charset=utf-8"
LARGE = "Pagination with the page parameter is not supported for large datasets, please use cursor based pagination (after/before)"


def size_of(request: Request) -> int:
    return max(1, min(request.number("per_page", DEFAULT), MOST))


def numbered(
    call: Call, path: str, items: Sequence[Item], show: Show[Item], wrap: Callable[[list[object]], object] | None = None
) -> Reply:
    """A page by number, with links to its neighbours and both ends; ``path`` is what the links name.

    ``wrap``: what some lists put around their rows.
    """
    size, page = size_of(call.request), max(1, call.request.number("page", 1))
    last = max(1, -(-len(items) // size))
    targets = {"prev": page - 1 if page > 1 else 0, "next": page + 1 if page < last else 0}
    targets |= {"last": last if page < last else 0, "first": 1 if page > 1 else 0}
    links = {rel: {"page": str(number)} for rel, number in targets.items() if number}
    rows = [show(item) for item in items[(page - 1) * size : page * size]]
    return answer(call, wrap(rows) if wrap else rows, linked(call, path, links))


def cursored(call: Call, path: str, items: Sequence[Item], show: Show[Item]) -> Reply:
    """A page of /issues: ``next`` leads on by cursor, and nothing names the last page of a large list (G9)."""
    request = call.request
    size, page = size_of(request), max(1, request.number("page", 1))
    after = request.query.get("after")
    if after is None and page * size > DEEP:
        raise refusal(422, LARGE, "issues/issues#list-repository-issues")
    start = place(after) if after else (page - 1) * size
    links: dict[str, dict[str, str]] = {}
    if start + size < len(items):
        links["next"] = {"after": cursor(start + size), "page": str(page + 1)}
        if len(items) <= DEEP:
            links["last"] = {"page": str(-(-len(items) // size))}
    return answer(call, [show(item) for item in items[start : start + size]], linked(call, path, links))


def cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"cursor:v2:{offset}".encode()).decode()


def place(text: str) -> int:
    try:
        kind, _, offset = base64.urlsafe_b64decode(text).decode().rpartition(":")
        return int(offset) if kind == "cursor:v2" else 0
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise refusal(422, "The `after` cursor is invalid.") from None


def linked(call: Call, path: str, links: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    if not links:
        return {}
    same = {name: value for name, value in call.request.query.items() if name not in ("page", "after")}
    return {"Link": ", ".join(f'<{target(call, path, same, more)}>; rel="{rel}"' for rel, more in links.items())}


def target(call: Call, path: str, same: Mapping[str, str], more: Mapping[str, str]) -> str:
    query = "&".join(f"{name}={quote(value, safe=':+')}" for name, value in {**same, **more}.items())
    return f"{call.api}{path}?{query}"


def answer(call: Call, value: object, headers: Mapping[str, str] | None = None) -> Reply:
    """A 200 with its ETag, or the free 304 when the client has it already (G14)."""
    body = orjson.dumps(value)
    tag = f'W/"{blake2b(body, digest_size=16).hexdigest()}"'
    known = {part.strip() for part in call.request.headers.get("if-none-match", "").split(",")}
    both = {**(headers or {}), "ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
    if tag in known:
        return Reply(304, b"", TYPE, both)
    return Reply(200, body, TYPE, both)
