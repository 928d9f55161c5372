"""Changelogs: what happened to an issue, as Cloud and Data Center tell it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from simulator.jira.shape import Shape
from simulator.records import Change, Issue

# our field: name on Cloud, name on Data Center, type
NAMES = {
    "parent": ("IssueParentAssociation", "Epic Link", "jira"),
    "Sprint": ("Sprint", "Sprint", "custom"),
    "Flagged": ("Flagged", "Flagged", "custom"),
    "points": ("Story point estimate", "Story Points", "custom"),
}
ENTRY = list[Change]


def entries(issue: Issue) -> list[ENTRY]:
    """Changes made in one go by one person are one entry with several items (J25); oldest first."""
    return [list(group) for _, group in groupby(issue.changes, key=lambda change: (change.at, change.author))]


def histories(shape: Shape, issue: Issue) -> list[dict[str, object]]:
    """Every entry of an issue, oldest first."""
    return [history(shape, entry) for entry in entries(issue)]


def history(shape: Shape, entry: ENTRY, *, epoch: bool = False) -> dict[str, object]:
    """One entry; ``epoch`` as bulkfetch writes it. Without an author (deleted, automation) there is no such key."""
    first = entry[0]
    author = {"author": shape.user(first.author)} if shape.call.jira.person(first.author) else {}
    created = shape.milliseconds(first.at) if epoch else shape.stamp(first.at)
    return {"id": str(first.id), **author, "created": created, "items": [item(shape, change) for change in entry]}


def item(shape: Shape, change: Change) -> dict[str, object]:
    cloud = shape.call.jira.cloud
    on_cloud, on_datacenter, type = NAMES.get(change.field, (change.field, change.field, "jira"))
    row: dict[str, object] = {
        "field": on_cloud if cloud else on_datacenter,
        "fieldtype": type if cloud or change.field != "parent" else "custom",
    }
    if cloud and change.field != "parent":
        row["fieldId"] = field_id(shape, change.field)
    row |= {"from": change.from_id, "fromString": change.from_text, "to": change.to_id, "toString": change.to_text}
    return row | people(shape, change) if change.field == "assignee" else row


def people(shape: Shape, change: Change) -> dict[str, object]:
    """An assignee's item names accounts, not our ids; Cloud repeats them under two extra keys."""
    before, after = shape.call.jira.person(change.from_id), shape.call.jira.person(change.to_id)
    cloud = shape.call.jira.cloud
    ids = [person and (person.jira_account_id if cloud else person.jira_name) for person in (before, after)]
    names = {"fromString": before and before.name, "toString": after and after.name}
    extra = {"tmpFromAccountId": ids[0], "tmpToAccountId": ids[1]} if cloud else {}
    return {"from": ids[0], "to": ids[1], **names, **extra}


def field_id(shape: Shape, field: str) -> str:
    ids = shape.call.jira.ids
    custom = {"Sprint": ids.sprint, "Flagged": ids.flagged, "parent": "parent", "points": ids.points, "Key": "issuekey"}
    return custom.get(field, field)


def embedded(shape: Shape, issue: Issue, most: int) -> dict[str, object]:
    """The changelog inside an issue: Cloud's newest ``most`` first (J9), Data Center's whole one oldest first (D2)."""
    groups = entries(issue)
    total = len(groups)
    if shape.call.jira.cloud:
        groups = groups[: -most - 1 : -1]
    shown = [history(shape, entry) for entry in groups]
    size = most if shape.call.jira.cloud else total
    return {"startAt": 0, "maxResults": size, "total": total, "histories": shown}


def dated(shape: Shape, issues: Iterable[Issue], fields: set[str]) -> list[tuple[Issue, ENTRY]]:
    """Entries of many issues by date, narrowed to some fields (none named: all)."""
    found = [
        (issue, kept)
        for issue in issues
        for entry in entries(issue)
        if (kept := [change for change in entry if not fields or names(shape, change.field) & fields])
    ]
    return sorted(found, key=lambda pair: (pair[1][0].at, pair[1][0].id))


def names(shape: Shape, field: str) -> set[str]:
    """What a field may be asked for by: its id. A new parent is told without one."""
    return set() if field == "parent" else {field_id(shape, field)}
