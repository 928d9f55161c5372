"""GitHub's issues as work items. Their statuses are open and closed, with the reason as a third."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from delivery.connectors.github.parse import Reading
from delivery.connectors.instants import instant
from delivery.core.records import StatusRecord, TransitionRecord, WorkItemRecord

Json = dict[str, Any]
OPEN = StatusRecord("open", "Open", "new")
CLOSED = StatusRecord("closed", "Closed", "done")
NOT_PLANNED = StatusRecord("closed_not_planned", "Closed as not planned", "done")
STATUSES = (OPEN, CLOSED, NOT_PLANNED)


def work_item(row: Json, reading: Reading) -> WorkItemRecord | None:
    """An issue; None for a pull request, which GitHub lists among them (G4)."""
    created = instant(row.get("created_at"))
    if "pull_request" in row or created is None:
        return None
    closed = instant(row.get("closed_at"))
    status, id = status_of(row), str(row["id"])
    author, assignee = reading.account(row.get("user")), reading.account(row.get("assignee"))
    closer = reading.account(row.get("closed_by"))
    return WorkItemRecord(
        native_id=id,
        key=f"{reading.full_name}#{row['number']}",
        project=reading.full_name,
        title=row.get("title") or "",
        type=(row.get("type") or {}).get("name") or "Issue",
        level=0,
        status_id=status.native_id,
        status=status.name,
        status_category=status.category,
        created=created,
        updated=instant(row.get("updated_at")) or created,
        resolved=closed,
        reporter=author,
        assignee=assignee,
        story_points=None,
        parent_key="",
        labels=labels(row),
        components=(),
        fix_versions=milestone(row),
        sprints=(),
        flagged=False,
        blocked_by=(),
        url=row.get("html_url") or "",
        transitions=(closing(id, closed, status, closer),) if closed else (),
        changes=(),
        accounts=tuple(reading.accounts[who] for who in dict.fromkeys((author, assignee, closer)) if who),
    )


def status_of(row: Json) -> StatusRecord:
    if row.get("state") != "closed":
        return OPEN
    return NOT_PLANNED if row.get("state_reason") in ("not_planned", "duplicate") else CLOSED


def closing(id: str, at: datetime, status: StatusRecord, author: str | None) -> TransitionRecord:
    """The only move the list tells of; what was reopened shows its last closing."""
    return TransitionRecord(f"{id}:closed", at, OPEN.native_id, OPEN.name, status.native_id, status.name, author)


def labels(row: Json) -> tuple[str, ...]:
    """Names of labels; very old answers give them as plain text."""
    names = (label.get("name") if isinstance(label, dict) else label for label in row.get("labels") or ())
    return tuple(str(name) for name in names if name)


def milestone(row: Json) -> tuple[str, ...]:
    title = (row.get("milestone") or {}).get("title")
    return (str(title),) if title else ()
