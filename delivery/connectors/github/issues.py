"""GitHub's issues as work items. Their statuses are open and closed, with the reason as a third."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from delivery.connectors.github.parse import Reading, key_of, native_id, needed, nodes
from delivery.connectors.instants import instant
from delivery.core.records import StatusRecord, TransitionRecord, WorkItemRecord

Json = dict[str, Any]
OPEN = StatusRecord("open", "Open", "new")
CLOSED = StatusRecord("closed", "Closed", "done")
NOT_PLANNED = StatusRecord("closed_not_planned", "Closed as not planned", "done")
STATUSES = (OPEN, CLOSED, NOT_PLANNED)
KNOWN = {"OPEN", "CLOSED", "COMPLETED", "REOPENED", "NOT_PLANNED", "DUPLICATE", "None"}


def work_item(node: Json, reading: Reading) -> WorkItemRecord:
    """An issue from GraphQL, with every closing and reopening."""
    key = f"{reading.full_name}#{node['number']}"
    created, closed = needed(node["createdAt"]), instant(node.get("closedAt"))
    id, status = native_id(node), status_of(node.get("state"), node.get("stateReason"))
    if odd := {str(node.get("state")), str(node.get("stateReason"))} - KNOWN:
        reading.note(key, f"GitHub calls its state {min(odd)!r}, which Headway does not know.")
    author = reading.account(node.get("author"))
    assignee = next((who for row in nodes(node.get("assignees")) if (who := reading.account(row))), None)
    moves = transitions(id, node, reading)
    milestone = (node.get("milestone") or {}).get("title")
    return WorkItemRecord(
        native_id=id,
        key=key,
        project=reading.full_name,
        title=node.get("title") or "",
        type=(node.get("issueType") or {}).get("name") or "Issue",
        level=0,
        status_id=status.native_id,
        status=status.name,
        status_category=status.category,
        created=created,
        updated=instant(node.get("updatedAt")) or created,
        resolved=closed,
        reporter=author,
        assignee=assignee,
        story_points=None,
        parent_key=key_of(node.get("parent")),
        labels=tuple(str(row["name"]) for row in nodes(node.get("labels")) if row.get("name")),
        components=(),
        fix_versions=(str(milestone),) if milestone else (),
        sprints=(),
        flagged=False,
        blocked_by=(),
        url=node.get("url") or "",
        transitions=moves,
        changes=(),
        accounts=reading.met((author, assignee, *(move.author for move in moves))),
    )


def status_of(state: Any, reason: Any) -> StatusRecord:
    """A reason unknown today counts as done."""
    if state != "CLOSED":
        return OPEN
    return NOT_PLANNED if reason in ("NOT_PLANNED", "DUPLICATE") else CLOSED


def transitions(id: str, node: Json, reading: Reading) -> tuple[TransitionRecord, ...]:
    """Every closing and reopening, oldest first. What was imported may be closed without an event, and the last event may
    know another reason than the issue itself, which counts."""
    found, now = list[TransitionRecord](), OPEN
    for event in nodes(node.get("timelineItems")):
        at = instant(event.get("createdAt"))
        to = status_of("CLOSED", event.get("stateReason")) if event.get("__typename") == "ClosedEvent" else OPEN
        if at is None or to == now:
            continue
        found.append(_move(f"{id}:{len(found)}", at, now, to, reading.account(event.get("actor"))))
        now = to
    last, closed = status_of(node.get("state"), node.get("stateReason")), instant(node.get("closedAt"))
    if closed and now == OPEN and last != OPEN:
        found.append(_move(f"{id}:{len(found)}", closed, now, last, None))
    elif OPEN not in (now, last):
        found[-1] = replace(found[-1], to_id=last.native_id, to_name=last.name)
    return tuple(found)


def _move(id: str, at: datetime, old: StatusRecord, new: StatusRecord, who: str | None) -> TransitionRecord:
    return TransitionRecord(id, at, old.native_id, old.name, new.native_id, new.name, who)
