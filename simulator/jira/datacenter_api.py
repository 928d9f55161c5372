"""Jira Data Center's REST v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.jira import changelog, common_api, search, shape, users
from simulator.jira.call import Call, page_bounds, refusal
from simulator.jira.common_api import Parts
from simulator.jira.dates import stamp
from simulator.jira.shape import Shape
from simulator.records import Issue
from simulator.web import Reply, json_reply, route

MOST = 1000  # jira.search.views.default.max (D1)


def server_info(call: Call, parts: Parts) -> Reply:
    return json_reply(
        {
            "baseUrl": call.request.base,
            "version": "9.12.15",
            "versionNumbers": [9, 12, 15],
            "deploymentType": "Server",
            "buildNumber": 9_120_015,
            "buildDate": "2026-03-02T00:00:00.000+0000",
            "databaseBuildNumber": 9_120_015,
            "serverTime": stamp(call.now, call.zone),
            "scmInfo": "0a5c3f5f4b5a2d2f2a8f0f6f8ac2c3d9b5d0a7e1",
            "serverTitle": "Jira",
        }
    )


def projects(call: Call, parts: Parts) -> Reply:
    return json_reply([common_api.whole_project(call, team) for team in call.teams()])


def by_get(call: Call, parts: Parts) -> Reply:
    query = call.request.query
    start, size = page_bounds(call, default=50, most=MOST)
    return page(
        call, query.get("jql", ""), query.get("fields", "*navigable").split(","), query.get("expand", ""), start, size
    )


def by_post(call: Call, parts: Parts) -> Reply:
    body: Any = call.request.json()
    if not isinstance(body, dict):
        raise refusal(400, "Unexpected end-of-input: the body is not a JSON object.")
    start, size = max(0, body.get("startAt", 0)), min(max(0, body.get("maxResults", 50)), MOST)
    expand = ",".join(body.get("expand") or [])
    return page(call, body.get("jql") or "", body.get("fields") or ["*navigable"], expand, start, size)


def page(call: Call, jql: str, fields: list[str], expand: str, start: int, size: int) -> Reply:
    """One page by offset; ``maxResults`` is what was granted, ``total`` what it is now."""
    issues = search.found(call, jql)
    shown = rows(call, issues[start : start + size], fields, expand)
    return json_reply(
        {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(issues), "issues": shown}
    )


def rows(call: Call, issues: Sequence[Issue], fields: list[str], expand: str) -> list[dict[str, object]]:
    mould, wanted = Shape(call, call.zone), shape.fields_of(call, fields)
    bodies = [shape.issue(mould, issue, wanted) for issue in issues]
    if "changelog" in expand.split(","):
        for issue, body in zip(issues, bodies, strict=True):
            body["changelog"] = changelog.embedded(mould, issue, len(issue.changes))
    return bodies


def issue(call: Call, parts: Parts) -> Reply:
    query = call.request.query
    fields = query.get("fields", "*all").split(",")
    return json_reply(rows(call, [call.issue(parts["issue"])], fields, query.get("expand", ""))[0])


def user_search(call: Call, parts: Parts) -> Reply:
    words = call.request.query.get("username")
    if words is None:
        raise refusal(400, "The username query parameter was not provided")
    start, size = page_bounds(call, default=50, most=1000)
    return json_reply(users.found(call, "" if words == "." else words)[start : start + size])


def personal_tokens(call: Call, parts: Parts) -> Reply:
    """The asker's own, without saying which of them is asking."""
    token = call.token
    until = {"expiringAt": stamp(token.expires, call.zone)} if token.expires else {}
    return json_reply([{"id": 7, "name": "Headway", "createdAt": stamp(call.now, call.zone), **until}])


V2 = "/rest/api/(?:2|latest)"
ROUTES = (
    route("GET", f"{V2}/serverInfo", server_info),
    route("GET", f"{V2}/myself", common_api.myself),
    route("GET", f"{V2}/search", by_get),
    route("POST", f"{V2}/search", by_post),
    route("GET", f"{V2}/project", projects),
    route("GET", f"{V2}/project/{{project}}", common_api.project),
    route("GET", f"{V2}/status", common_api.statuses),
    route("GET", f"{V2}/field", common_api.field_list),
    route("GET", f"{V2}/issuetype", common_api.issue_types),
    route("GET", f"{V2}/user/search", user_search),
    route("GET", "/rest/pat/latest/tokens", personal_tokens),
    route("GET", f"{V2}/mypermissions", common_api.my_permissions),
    route("GET", f"{V2}/issue/{{issue}}", issue),
)
