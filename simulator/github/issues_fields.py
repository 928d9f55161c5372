"""How the fields of issues and their events are read from the records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from simulator.github import extras
from simulator.github.call import Call
from simulator.github.connections import Part, Window, window
from simulator.github.graphql_plan import Missing
from simulator.github.pulls_fields import EVENT_OF, Table, always, get, labels, small, user, when, who
from simulator.github.shapes import node_id
from simulator.hub_records import HubIssue
from simulator.records import Repository

Args = dict[str, Any]


def one(call: Call, repository: Repository, args: Args) -> HubIssue:
    """A transferred or deleted one is not there."""
    found = extras.issue(call, repository, args["number"])
    if found is None:
        raise Missing(f"Could not resolve to an Issue with the number of {args['number']}.")
    return found


def listed(call: Call, repository: Repository, args: Args) -> Window:
    """Issues alone, without the pull requests that REST lists among them (G4); a cursor holds the moment and number."""
    order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    sign = -1 if order["direction"] == "DESC" else 1
    by_update = order["field"] == "UPDATED_AT"
    since = (args.get("filterBy") or {}).get("since")
    limit = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)

    def mark(row: HubIssue) -> tuple[int, int]:
        at = row.updated if by_update else row.created
        return sign * int(at.timestamp() * 1_000_000), sign * row.number

    def found() -> list[HubIssue]:
        changed = [row for row in extras.issues(call, repository) if row.updated.replace(microsecond=0) >= limit]
        return sorted(changed, key=mark)

    key = ("graphql issues", repository.id, by_update, sign, since, call.now)
    return window(call.hub.keep(key, found), args, mark)


def timeline(call: Call, issue: HubIssue, args: Args) -> Window:
    wanted = {kind.replace("_", "").lower() for kind in args.get("itemTypes") or ()}
    parts = [Part(EVENT_OF[row.kind], issue, row.about, row.at, row.actor) for row in issue.happened]
    return window([part for part in parts if not wanted or part.type.lower() in wanted], args)


def assignees(call: Call, issue: HubIssue, args: Args) -> Window:
    found = user(call, issue.assignee)
    return window([found] if found else [], args)


FIELDS: dict[str, Table] = {
    "Issue": {
        "id": lambda call, row, args: node_id("I", row.id),
        "databaseId": lambda call, row, args: small(row.id),
        "fullDatabaseId": lambda call, row, args: str(row.id),
        **{name: get(name) for name in ("number", "title", "body", "milestone")},
        "state": lambda call, row, args: "CLOSED" if row.closed else "OPEN",
        "stateReason": lambda call, row, args: row.reason.upper() if row.reason else None,
        "closed": lambda call, row, args: row.closed is not None,
        "createdAt": when("created"),
        "updatedAt": when("updated"),
        "closedAt": when("closed"),
        "author": who("author"),
        "assignees": assignees,
        "labels": labels,
        "issueType": get("type"),
        "parent": always(None),
        "repository": lambda call, row, args: call.find_repository(row.repository),
        "timelineItems": timeline,
        "url": lambda call, row, args: f"{call.html}/{row.repository}/issues/{row.number}",
    },
    "Milestone": {
        "id": lambda call, title, args: node_id("MI", sum(title.encode())),
        "number": lambda call, title, args: sum(title.encode()),
        "title": lambda call, title, args: title,
    },
    "IssueType": {
        "id": lambda call, name, args: node_id("IT", sum(name.encode())),
        "name": lambda call, name, args: name,
    },
}
