"""An HTTP answer as JSON: what it holds, or why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

# PostgreSQL refuses NUL (J35), UTF-8 a lone half of a pair. An even run of backslashes before means plain text.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_HALF = re.compile(rb"(?<!\\)((?:\\\\)*)\\u[dD][89a-fA-F][0-9a-fA-F]{2}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed answer. ``json`` is None when the body was empty. Header names are case-insensitive.

    ``unchanged``: the source says it is the same as when it was last asked, and ``json`` is what it said then (G14).
    """

    status: int
    json: Any
    headers: httpx.Headers
    unchanged: bool = False


class Garbled(Exception):
    """The body is no JSON: a web page (``page``), or cut short. It may hold a secret, and any of its starts half of
    one: clean it before it is cut."""

    def __init__(self, *, page: bool, body: bytes) -> None:
        super().__init__("a web page" if page else "truncated JSON")
        self.page = page
        self.body = body


def decode(body: bytes) -> Any:
    """The JSON in ``body``, with NUL characters taken out. Raises Garbled."""
    if not body:
        return None
    if rb"\u0000" in body:
        body = _NUL.sub(rb"\1", body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _mended(body)


def _mended(body: bytes) -> Any:
    """The second reading of what orjson refused: with half surrogate pairs and bad UTF-8 replaced."""
    try:
        return orjson.loads(_HALF.sub(_whole_pair, body.decode("utf-8", "replace").encode()))
    except orjson.JSONDecodeError:
        page = body.lstrip()[:1] == b"<"
        raise Garbled(page=page, body=body) from None


def _whole_pair(found: re.Match[bytes]) -> bytes:
    whole = found[0]
    high_first = whole[len(found[1]) + 3 : len(found[1]) + 4] in b"89abAB"
    if high_first and len(whole) - len(found[1]) == 12:
        return whole
    return found[1] + rb"\ufffd"
