"""Jira Cloud's searching: pages that only a token leads to, and changelogs in bulk."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from simulator.jira import changelog, search, shape
from simulator.jira.call import Call, refusal
from simulator.jira.common_api import Parts
from simulator.jira.shape import Shape
from simulator.records import Issue
from simulator.web import Reply, json_reply

WITH_FIELDS = 100  # issues of a page that carries fields (J6)
IDS_ONLY = 5000
EMBEDDED = 40  # newest entries that a search embeds, whatever was asked (J9)
BULK_ISSUES, BULK_FIELDS, BULK_DEFAULT, BULK_MOST = 1000, 10, 1000, 10_000
PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
KNOWN = {
    "jql",
    "nextPageToken",
    "maxResults",
    "fields",
    "expand",
    "properties",
    "fieldsByKeys",
    "failFast",
    "reconcileIssues",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ask:
    """A search as either method puts it."""

    jql: str
    fields: list[str]
    expand: str
    size: int
    token: str | None


def by_get(call: Call, parts: Parts) -> Reply:
    query = call.request.query
    fields = query.get("fields", "id").split(",")
    size = call.request.number("maxResults", 50)
    return page(call, Ask(query.get("jql", ""), fields, query.get("expand", ""), size, query.get("nextPageToken")))


def by_post(call: Call, parts: Parts) -> Reply:
    """POST refuses what it does not know, ``startAt`` above all; GET ignores it (J4)."""
    body = payload(call)
    kinds = {"jql": str, "expand": str, "nextPageToken": str, "fields": list, "maxResults": int}
    if set(body) - KNOWN or any(not isinstance(body.get(name) or kind(), kind) for name, kind in kinds.items()):
        raise refusal(400, PAYLOAD)
    fields, size = body.get("fields") or ["id"], body.get("maxResults") or 50
    return page(call, Ask(body.get("jql") or "", fields, body.get("expand") or "", size, body.get("nextPageToken")))


def payload(call: Call) -> dict[str, Any]:
    body = call.request.json()
    if not isinstance(body, dict):
        raise refusal(400, PAYLOAD)
    return body


def page(call: Call, ask: Ask) -> Reply:
    """One page. Every page of a walk sees the moment of its first one, which the token carries."""
    offset = 0
    if ask.token:
        call, offset, last_id = resumed(call, ask.jql, ask.token)
    issues = search.found(call, ask.jql)
    offset = after(issues, offset, last_id) if ask.token else 0
    bare = set(ask.fields) <= {"id", "key"}
    end = offset + max(1, min(ask.size, IDS_ONLY if bare else WITH_FIELDS))
    shown = issues[offset:end]
    body: dict[str, object] = {"issues": bare_rows(call, ask, shown) if bare else rows(call, ask, shown)}
    last = end >= len(issues)
    more = {} if last else {"nextPageToken": token(call, ask.jql, end, shown[-1].id)}
    return json_reply(body | more | {"isLast": last})


def after(issues: Sequence[Issue], offset: int, last_id: int) -> int:
    """The place behind the row a token ended with, wherever that is since; rows before it may be gone."""
    if 0 < offset <= len(issues) and issues[offset - 1].id == last_id:
        return offset
    return next((place for place, issue in enumerate(issues, 1) if issue.id == last_id), max(0, offset - WITH_FIELDS))


def bare_rows(call: Call, ask: Ask, issues: Sequence[Issue]) -> list[dict[str, object]]:
    if "key" not in ask.fields:
        return [{"id": str(issue.id)} for issue in issues]
    api = call.api
    return [
        {"expand": shape.EXPAND, "id": str(issue.id), "self": f"{api}/issue/{issue.id}", "key": issue.key}
        for issue in issues
    ]


def rows(call: Call, ask: Ask, issues: Sequence[Issue]) -> list[dict[str, object]]:
    mould, fields = Shape(call, call.zone), shape.fields_of(call, ask.fields)
    bodies = [shape.issue(mould, issue, fields) for issue in issues]
    if "changelog" in ask.expand.split(","):
        for issue, body in zip(issues, bodies, strict=True):
            body["changelog"] = changelog.embedded(mould, issue, EMBEDDED)
    return bodies


def token(call: Call, subject: str, offset: int, last_id: int = 0) -> str:
    """A page's successor: bound to its subject (the JQL), opaque to the client."""
    moment = (call.now - EPOCH) // timedelta(microseconds=1)
    place = [digest(subject), moment, offset, call.revision, last_id]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def digest(subject: str) -> int:
    return binascii.crc32(subject.encode())


def resumed(call: Call, subject: str, text: str) -> tuple[Call, int, int]:
    """The moment, the place and the last row a token leads to; the refusal when it belongs to another query."""
    try:
        mark, moment, offset, revision, last_id = orjson.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError):
        raise refusal(400, "The provided next page token is invalid or expired.") from None
    if mark != digest(subject):
        raise refusal(400, "The provided next page token does not belong to this query.")
    return replace(call, now=EPOCH + timedelta(microseconds=moment), revision=revision), offset, last_id


def count(call: Call, parts: Parts) -> Reply:
    return json_reply({"count": len(search.found(call, payload(call).get("jql") or ""))})


def bulkfetch(call: Call, parts: Parts) -> Reply:
    """Entries of many issues by date; those of one issue may go on on the next page (J10)."""
    body = payload(call)
    names, fields = body.get("issueIdsOrKeys") or [], body.get("fieldIds") or []
    check_bulk(names, fields)
    subject, offset = repr((names, fields)), 0
    if body.get("nextPageToken"):
        call, offset, _ = resumed(call, subject, body["nextPageToken"])
    mould = Shape(call, call.zone)
    end = offset + max(1, min(body.get("maxResults") or BULK_DEFAULT, BULK_MOST))
    entries = call.jira.keep(
        (subject, call.now, call.revision, call.token), lambda: changelog.dated(mould, seen(call, names), set(fields))
    )
    logs: dict[int, list[object]] = {}
    for issue, entry in entries[offset:end]:
        logs.setdefault(issue.id, []).append(changelog.history(mould, entry, epoch=True))
    shown = [{"issueId": str(id), "changeHistories": histories} for id, histories in logs.items()]
    more = {"nextPageToken": token(call, subject, end)} if end < len(entries) else {}
    return json_reply({"issueChangeLogs": shown, **more})


def check_bulk(names: list[str], fields: list[str]) -> None:
    if not 1 <= len(names) <= BULK_ISSUES:
        raise refusal(400, f"issueIdsOrKeys must have between 1 and {BULK_ISSUES} elements.")
    if len(fields) > BULK_FIELDS:
        raise refusal(400, f"fieldIds must have at most {BULK_FIELDS} elements.")


def seen(call: Call, names: list[str]) -> list[Issue]:
    """Issues that may not be seen are left out without a word."""
    unique = {issue.id: issue for name in names if (issue := call.find(str(name)))}
    return list(unique.values())
