"""Jira Software's API 1.0, Cloud's newer lists of a board's or a sprint's issues: pages by token (J28)."""

from __future__ import annotations

from simulator.jira import agile, cloud_search, search, shape
from simulator.jira.call import Call, refusal
from simulator.jira.common_api import Parts
from simulator.jira.shape import Shape
from simulator.web import Reply, json_reply, route

PAGE = 50


def board_issues(call: Call, parts: Parts) -> Reply:
    board = agile.board(call, parts)
    return issues(call, f"software board {board.id}", lambda issue: issue.project in board.projects)


def sprint_issues(call: Call, parts: Parts) -> Reply:
    sprint = agile.find_sprint(call, parts)
    return issues(call, f"software sprint {sprint.id}", lambda issue: sprint.id in issue.sprints)


def issues(call: Call, scope: str, inside: search.Test) -> Reply:
    """A page after ``nextPageToken``; it knows no ``startAt`` and no ``total``."""
    query = call.request.query
    if "startAt" in query:
        raise refusal(400, "Unrecognized query parameter: startAt")
    offset, last_id, subject = 0, 0, scope + query.get("jql", "")
    if query.get("nextPageToken"):
        call, offset, last_id = cloud_search.resumed(call, subject, query["nextPageToken"])
    found = search.found(call, query.get("jql", ""), inside, scope)
    offset = cloud_search.after(found, offset, last_id) if offset else 0
    end = offset + min(max(1, call.request.number("maxResults", PAGE)), cloud_search.WITH_FIELDS)
    mould, fields = Shape(call, call.zone), shape.fields_of(call, query.get("fields", "id").split(","))
    rows = [shape.issue(mould, issue, fields) for issue in found[offset:end]]
    last = end >= len(found)
    more = {} if last else {"nextPageToken": cloud_search.token(call, subject, end, found[end - 1].id)}
    return json_reply({"issues": rows, "isLast": last, **more})


S1 = "/rest/software/1.0"
ROUTES = (
    route("GET", f"{S1}/board/{{board}}/issue", board_issues),
    route("GET", f"{S1}/sprint/{{sprint}}/issue", sprint_issues),
)
