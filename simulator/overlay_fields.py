"""What a change of an issue's fields writes into its changelog."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from simulator.records import Change, Issue

Ends = tuple[str | None, str | None]
FIELDS = {
    "status": "status",
    "title": "summary",
    "description": "description",
    "labels": "labels",
    "sprints": "Sprint",
    "flagged": "Flagged",
    "parent": "parent",
    "points": "points",
    "assignee": "assignee",
    "project": "project",
    "key": "Key",
    "type": "issuetype",
}


def changes(
    issue: Issue, fields: dict[str, Any], at: datetime, author: str | None, numbers: Iterator[int]
) -> Iterator[Change]:
    """An item for each field that becomes another; what Jira keeps no changelog of has none."""
    for name, value in fields.items():
        before = getattr(issue, name)
        if name in FIELDS and before != value:
            from_id, from_text = ends(name, before)
            to_id, to_text = ends(name, value)
            yield Change(next(numbers), at, author, FIELDS[name], from_id, from_text, to_id, to_text)


def ends(name: str, value: Any) -> Ends:
    """A value's id and text, by the field's habit."""
    if name == "status":
        return value.id, value.name
    if name == "sprints":
        ids = ", ".join(str(id) for id in value)
        return ids, ids
    if name == "flagged":
        return None, "Impediment" if value else ""
    if name == "labels":
        return None, " ".join(value)
    if name == "assignee":
        return value, value
    return None, None if value is None else str(value)


def resolved(issue: Issue, fields: dict[str, Any], at: datetime) -> dict[str, Any]:
    """The resolution comes and goes with the status, where nothing else is said."""
    status = fields.get("status")
    if status is None or "resolved" in fields:
        return fields
    return fields | {"resolved": (issue.resolved or at) if status.category == "done" else None}
