"""Jira's issues, statuses and users as records. Tolerant: what is missing is None or empty, never zero (J25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from delivery.connectors.instants import instant
from delivery.connectors.jira import adf, changelog, sprints
from delivery.connectors.jira.fields import Fields
from delivery.core.records import AccountRecord, SprintRecord, StatusRecord, WorkItemRecord

CATEGORIES = ("new", "indeterminate", "done")
Json = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What one read needs to know of its site, and the people and sprints it has met so far."""

    browse: str  # the address a browser opens, without a trailing slash
    fields: Fields
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    sprints: dict[str, SprintRecord] = field(default_factory=dict)
    kinds: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = dict(self.fields.item_kinds)


def work_item(issue: Json, reading: Reading) -> WorkItemRecord | None:
    """One issue with its history; None for a row without an id or a creation, which no one could place."""
    fields = issue.get("fields") or {}
    created = instant(fields.get("created"))
    if created is None or not issue.get("id"):
        return None
    entries = (issue.get("changelog") or {}).get("histories") or []
    authors = {id(entry): account_id(entry.get("author"), reading) for entry in entries}
    reporter, assignee = account_id(fields.get("reporter"), reading), account_id(fields.get("assignee"), reading)
    transitions, changes = changelog.read(entries, reading.kinds, authors)
    key, status = str(issue.get("key") or ""), fields.get("status") or {}
    people = dict.fromkeys(id for id in (reporter, assignee, *(move.author for move in transitions)) if id)
    return WorkItemRecord(
        native_id=str(issue["id"]),
        key=key,
        project=key.rpartition("-")[0],
        title=fields.get("summary") or "",
        type=(fields.get("issuetype") or {}).get("name") or "",
        level=level(fields, reading.fields),
        status_id=str(status.get("id") or ""),
        status=status.get("name") or "",
        status_category=category(status),
        created=created,
        updated=instant(fields.get("updated")) or created,
        resolved=instant(fields.get("resolutiondate")),
        reporter=reporter,
        assignee=assignee,
        story_points=points(fields, reading.fields),
        parent_key=parent_key(fields, reading.fields),
        labels=tuple(label for label in fields.get("labels") or () if label),
        components=names(fields.get("components")),
        fix_versions=names(fields.get("fixVersions")),
        sprints=sprint_ids(fields, reading),
        flagged=any(fields.get(id) for id in reading.fields.flagged),
        blocked_by=blockers(fields.get("issuelinks")),
        url=f"{reading.browse}/browse/{key}",
        transitions=transitions,
        changes=changes,
        accounts=tuple(reading.accounts[id] for id in people),
    )


def account_id(user: Json | None, reading: Reading) -> str | None:
    """The native id of a user: accountId on Cloud, the user's key on Data Center (D2); None for a deleted one (J25)."""
    if not user:
        return None
    id = user.get("accountId") or user.get("key") or user.get("name")
    if not id:
        return None
    known = reading.accounts.get(id)
    if known is None or (not known.email and user.get("emailAddress")):  # an author in a history may come without
        reading.accounts[id] = account(user, str(id))
    return str(id)


def account(user: Json, id: str) -> AccountRecord:
    """A user; apps and automations are bots. Data Center writes ``?`` where nobody is left to have an address."""
    email = user.get("emailAddress") or ""
    return AccountRecord(
        native_id=id,
        name=user.get("displayName") or user.get("name") or "",
        login=user.get("name") or "",
        email=email if "@" in email else "",
        is_bot=user.get("accountType") == "app",
    )


def status(row: Json) -> StatusRecord:
    """A status of ``/status`` or of a project's workflow."""
    return StatusRecord(str(row.get("id") or ""), row.get("name") or "", category(row))


def category(status: Json) -> str:
    """Jira's own category of a status; its "undefined" is empty (J23)."""
    key = (status.get("statusCategory") or {}).get("key") or ""
    return key if key in CATEGORIES else ""


def level(fields: Json, known: Fields) -> int:
    """1 an epic, 0 an item, -1 a sub-task. Data Center has no hierarchyLevel; only an epic has an epic's name there."""
    type = fields.get("issuetype") or {}
    given = type.get("hierarchyLevel")
    if isinstance(given, int):
        return given
    if type.get("subtask"):
        return -1
    epic = type.get("name") == "Epic" or any(fields.get(id) for id in known.epic_name)
    return 1 if epic else 0


def points(fields: Json, known: Fields) -> float | None:
    """Story points; null is not 0 (J20)."""
    for id in known.points:
        value = fields.get(id)
        if value is not None and (found := adf.number(value)) is not None:
            return found
    return None


def parent_key(fields: Json, known: Fields) -> str:
    """``parent`` first, then Epic Link (J22)."""
    parent = fields.get("parent")
    if parent and parent.get("key"):
        return str(parent["key"])
    links = (fields.get(id) for id in known.epic_link)
    return next((link for link in links if isinstance(link, str) and link), "")


def names(rows: Iterable[Json] | None) -> tuple[str, ...]:
    return tuple(row["name"] for row in rows or () if row and row.get("name"))


def sprint_ids(fields: Json, reading: Reading) -> tuple[str, ...]:
    """The sprints an issue is or was in; one met for the first time is kept as a record."""
    ids: dict[str, None] = {}
    for field_id in reading.fields.sprint:
        for sprint in sprints.in_field(fields.get(field_id)):
            id = sprints.native_id(sprint)
            if id:
                ids[id] = None
            if id and id not in reading.sprints and (record := sprints.record(sprint)):
                reading.sprints[id] = record
    return tuple(ids)


def blockers(links: Iterable[Json] | None) -> tuple[str, ...]:
    """Keys of the issues that block this one: the inward side of a Blocks link."""
    found = (
        link["inwardIssue"].get("key") for link in links or () if link and link.get("inwardIssue") and _blocks(link)
    )
    return tuple(key for key in found if key)


def _blocks(link: Json) -> bool:
    type = link.get("type") or {}
    return type.get("name") == "Blocks" or type.get("inward") == "is blocked by"
