"""Requests, replies and routes: the little of a web framework that the pretend servers need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are lower case, ``path`` is below the site's prefix and unquoted."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str  # scheme, host, port and the site's prefix, without a slash at the end

    def json(self) -> Any:
        """The body as JSON; None when it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def number(self, name: str, default: int) -> int:
        """A whole number from the query; the default when it is missing or no number, as both tools do."""
        try:
            return int(self.query.get(name, ""))
        except ValueError:
            return default


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. With ``cut`` only so many bytes of the promised body are sent before hanging up; see SILENCE."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


class Refused(Exception):
    """Leaves a handler early with an answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


SILENCE = Reply(status=0)  # no answer: the connection just ends


def json_reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A value (orjson fragments allowed) as a JSON answer."""
    return Reply(status=status, body=orjson.dumps(value), headers=headers or {})


def split_target(target: str) -> tuple[str, dict[str, str]]:
    """The unquoted path and the query of a request target; of a repeated parameter the values are joined by commas."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    return unquote(parts.path), {name: ",".join(values) for name, values in query.items()}


Answer = Callable[[Any, dict[str, str]], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a pattern of the whole path with named parts, and the function that answers."""

    method: str
    pattern: re.Pattern[str]
    answer: Answer


def route(method: str, path: str, answer: Answer) -> Route:
    """A route whose path may name parts: ``/issue/{key}``; a part never holds a slash."""
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), answer)


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Answer, dict[str, str]] | None:
    """The first route that fits, with the parts of the path it names."""
    for candidate in routes:
        if candidate.method == method and (match := candidate.pattern.fullmatch(path)):
            return candidate.answer, match.groupdict()
    return None


def whole_number(text: str) -> int | None:
    """Text as a number, None when it is none."""
    return int(text) if text.isdecimal() else None
