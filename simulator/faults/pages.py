"""Pages that repeat, shuffle, shrink, come empty or lead in a circle (J3, J13, G2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import orjson

from simulator.faults.lists import Rows, lists_of, paged, with_rows
from simulator.faults.turn import Answer, Turn
from simulator.web import Reply, Request, split_target

TOKEN = "nextPageToken"  # noqa: S105 - a page's
DETOUR = "detour:"
SIZES = ("maxResults", "per_page", "first")


def dup(turn: Turn, answer: Answer) -> Reply:
    """Every row of the page comes twice, the second time in another order: rows move while a walk goes on.

    Lists that are read by an offset are left alone: there a row more would push another one out of sight.
    """
    reply = answer()
    value = paged(reply)
    if isinstance(value, dict) and "startAt" in value:
        return reply
    return with_rows(reply, lambda rows: [*rows, *turn.rng.sample(rows, len(rows))])


def shuffle(turn: Turn, answer: Answer) -> Reply:
    """The rows of the page, in another order."""

    def mixed(rows: Rows) -> Rows:
        return turn.rng.sample(rows, len(rows))

    return with_rows(answer(), mixed)


def shrink(turn: Turn, answer: Answer, *, most: int = 7) -> Reply:
    """A page of at most so many rows, whatever was asked: a server that is tired gives less (J6)."""
    return turn.ask(_asking(turn.request, lambda name, value: min(most, int(value)) if name in SIZES else value))


def empty(turn: Turn, answer: Answer) -> Reply:
    """Jira Cloud: no row at all, and yet a token for the page that should have been this one (J3)."""
    body = turn.request.json()
    if not _is_search(turn.request) or not isinstance(body, dict):
        return answer()
    return Reply(200, orjson.dumps({"issues": [], TOKEN: f"{DETOUR}{body.get(TOKEN) or ''}", "isLast": False}))


def after_detour(turn: Turn, answer: Answer) -> Reply:
    """What stands behind ``empty``: its tokens lead on to the page it did not give."""
    body = turn.request.json()
    token = body.get(TOKEN) if isinstance(body, dict) else None
    if not isinstance(token, str) or not token.startswith(DETOUR):
        return answer()
    rest = {name: value for name, value in body.items() if name != TOKEN}
    there = token.replace(DETOUR, "")  # more than one, when more than one page came empty in a row
    return turn.ask(replace(turn.request, body=orjson.dumps({**rest, TOKEN: there} if there else rest)))


def tokenloop(turn: Turn, answer: Answer) -> Reply:
    """Jira Cloud: the page's own token again, as if there were more (J3)."""
    body = turn.request.json()
    reply = answer()
    value = paged(reply)
    if not _is_search(turn.request) or not isinstance(body, dict) or not isinstance(value, dict):
        return reply
    if not body.get(TOKEN) or not list(lists_of(value)):
        return reply
    return replace(reply, body=orjson.dumps({**value, TOKEN: body[TOKEN], "isLast": False}))


def _is_search(request: Request) -> bool:
    return request.path.endswith("/search/jql")


def _asking(request: Request, change: Any) -> Request:
    """The request with other values in its query, or in its body and the variables of its GraphQL."""
    parts = urlsplit(request.target)
    pairs = [(name, str(change(name, value))) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    target = parts._replace(query=urlencode(pairs, quote_via=quote)).geturl() if pairs else request.target
    return replace(request, target=target, query=split_target(target)[1], body=_body(request, change))


def _body(request: Request, change: Any) -> bytes:
    body = request.json()
    if not isinstance(body, dict):
        return request.body
    changed = {name: change(name, value) for name, value in body.items()}
    if isinstance(body.get("variables"), dict):
        changed["variables"] = {name: change(name, value) for name, value in body["variables"].items()}
    return orjson.dumps(changed)
