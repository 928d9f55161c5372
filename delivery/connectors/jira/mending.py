"""Issues that came damaged: null where Jira promises an object. They are asked for again before anything is lost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from delivery.connectors.contract import ConnectorError
from delivery.connectors.http import Http
from delivery.connectors.jira import named
from delivery.connectors.jira.fields import Fields
from delivery.connectors.jira.site import Facts

Json = dict[str, Any]
TRIES = 2
# What every issue has. Null is not the same as absent: a field that a scheme hides does not come at all.
NAMES = ("id", "key")
NEEDED = ("summary", "status", "issuetype", "created", "updated")
LISTS = ("labels", "components", "fixVersions", "issuelinks")
STRANGE = "what every issue has"  # a shape that no Jira documents


def mended(http: Http, facts: Facts, fields: Fields, rows: Iterable[Any]) -> list[Any]:
    """The rows of a page, those that look damaged as a second look shows them."""
    return [_looked_again(http, facts, fields, row) if damage(row) or _odd(row) else row for row in rows]


def damage(row: Any) -> str:
    """What an issue came without that it cannot be read without; empty when it can."""
    if not isinstance(row, dict):
        return "anything"
    fields = row.get("fields")
    if not isinstance(fields, dict):
        return "its fields"
    lacking = [f"its {name}" for name in NAMES if not row.get(name)]
    lacking += [f"its {name}" for name in NEEDED if fields.get(name, 0) is None]
    try:
        return lacking[0] if lacking else _nested(fields) or _history(row)
    except (AttributeError, TypeError):
        return STRANGE


def _odd(row: Json) -> bool:
    """Null where no Jira we know has it. Is it the same at a second look, it is that Jira's way to say "none"."""
    try:
        return _nulls(row["fields"])
    except (AttributeError, TypeError):
        return True


def _nulls(fields: Json) -> bool:
    for name in LISTS:
        rows = fields.get(name, ())
        if rows is None or None in rows:
            return True
    return any(link.get(name, 0) is None for link in fields.get("issuelinks", ()) for name in ("type", "inwardIssue"))


def _nested(fields: Json) -> str:
    status, type = fields.get("status"), fields.get("issuetype")
    if status and (status.get("name", 0) is None or status.get("statusCategory", 0) is None):
        return "the name of its status"
    return "the name of its type" if type and type.get("name", 0) is None else ""


def _history(row: Json) -> str:
    log = row.get("changelog", {})
    if log is None or log.get("histories", ()) is None:
        return "its history"
    for entry in log.get("histories", ()):
        if entry is None or entry.get("items", ()) is None or None in entry.get("items", ()):
            return "an entry of its history"
        if entry.get("created", 0) is None:
            return "the day of an entry of its history"
    return ""


def _looked_again(http: Http, facts: Facts, fields: Fields, row: Any) -> Any:
    name = (row.get("id") or row.get("key")) if isinstance(row, dict) else None
    for _ in range(TRIES if name else 0):
        try:
            fresh = named.one(http, facts, fields, str(name))
        except ConnectorError as error:
            if error.kind not in ("answer", "unreachable"):
                raise
            return row
        if fresh is None:
            return row
        row = fresh
        if not damage(row):
            return row
    return row
