"""Jira Cloud's REST v3, without searching (``cloud_search``)."""

from __future__ import annotations

from simulator.jira import changelog, cloud_search, common_api, shape, users
from simulator.jira.call import Call, error, page_bounds, refusal
from simulator.jira.common_api import Parts
from simulator.jira.dates import stamp
from simulator.jira.shape import Shape
from simulator.records import Team
from simulator.web import Reply, json_reply, route

GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
IN_ISSUE = 100  # newest entries that one issue embeds
IN_PAGE = 100  # entries of a page of its changelog
BULK = 100  # issues of a bulk fetch


def server_info(call: Call, parts: Parts) -> Reply:
    base = call.request.base
    return json_reply(
        {
            "baseUrl": base,
            "displayUrl": base,
            "displayUrlServicedeskHelpCenter": base,
            "displayUrlConfluence": base,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100_298,
            "buildDate": "2026-10-28T08:02:14.000+0000",
            "serverTime": stamp(call.now, call.zone),
            "scmInfo": "5e1c1e9a7dd4d9a6a1ef1d7a6b8d1b8f0a9c7e52",
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": call.token.timezone,
        }
    )


def gone(call: Call, parts: Parts) -> Reply:
    return error(410, GONE)


def project_search(call: Call, parts: Parts) -> Reply:
    start, size = page_bounds(call, default=50, most=100)
    keys = set(filter(None, call.request.query.get("keys", "").split(",")))
    words = call.request.query.get("query", "").lower()
    teams = [team for team in call.teams() if not keys or team.project in keys]
    teams = [team for team in teams if words in f"{team.project} {team.name}".lower()]
    values = [common_api.whole_project(call, team) | insight(call, team) for team in teams[start : start + size]]
    return json_reply(paged(call, "project/search", start, size, len(teams), values))


def insight(call: Call, team: Team) -> dict[str, object]:
    """How many issues a project has, for who asks to see it."""
    if "insight" not in call.request.query.get("expand", "").split(","):
        return {}
    return {"insight": {"totalIssueCount": len(call.jira.snapshots.of(team.project, call.now).issues)}}


def paged(
    call: Call, path: str, start: int, size: int, total: int, values: list[object] | list[dict[str, object]]
) -> object:
    """Cloud's page bean, with the addresses of this page and the next."""
    last = start + size >= total
    after = {} if last else {"nextPage": f"{call.api}/{path}?maxResults={size}&startAt={start + size}"}
    return {
        "self": f"{call.api}/{path}?maxResults={size}&startAt={start}",
        **after,
        "maxResults": size,
        "startAt": start,
        "total": total,
        "isLast": last,
        "values": values,
    }


def issue(call: Call, parts: Parts) -> Reply:
    found = call.issue(parts["issue"])
    mould = Shape(call, call.zone)
    body = shape.issue(mould, found, shape.fields_of(call, call.request.query.get("fields", "*all").split(",")))
    if "changelog" in call.request.query.get("expand", "").split(","):
        body["changelog"] = changelog.embedded(mould, found, IN_ISSUE)
    return json_reply(body)


def issue_bulkfetch(call: Call, parts: Parts) -> Reply:
    """Up to a hundred named issues; what is gone or hidden is told apart, by the name it was asked for."""
    body = cloud_search.payload(call)
    names = [str(name) for name in body.get("issueIdsOrKeys") or []]
    if not 1 <= len(names) <= BULK:
        raise refusal(400, f"issueIdsOrKeys must have between 1 and {BULK} elements.")
    found = {name: call.find(name) for name in names}
    shown = list({issue.id: issue for issue in found.values() if issue}.values())
    ask = cloud_search.Ask("", body.get("fields") or ["*navigable"], ",".join(body.get("expand") or []), BULK, None)
    message = "Issue does not exist or you do not have permission to see it."
    errors = [{"id": name, "errorMessage": message} for name, issue in found.items() if issue is None]
    return json_reply({"issues": cloud_search.rows(call, ask, shown), "issueErrors": errors})


def issue_changelog(call: Call, parts: Parts) -> Reply:
    found = call.issue(parts["issue"])
    start, size = page_bounds(call, default=IN_PAGE, most=IN_PAGE)
    groups = changelog.entries(found)
    mould = Shape(call, call.zone)
    values = [changelog.history(mould, entry) for entry in groups[start : start + size]]
    return json_reply(paged(call, f"issue/{parts['issue']}/changelog", start, size, len(groups), values))


def all_users(call: Call, parts: Parts) -> Reply:
    start, size = page_bounds(call, default=50, most=1000)
    return json_reply(users.found(call, "")[start : start + size])


def user_search(call: Call, parts: Parts) -> Reply:
    query, account = call.request.query.get("query"), call.request.query.get("accountId")
    if query is None and account is None:
        raise refusal(400, "Missing query parameter: provide 'query', 'property' or 'accountId'.")
    start, size = page_bounds(call, default=50, most=1000)
    return json_reply(users.found(call, account or query or "")[start : start + size])


V3 = "/rest/api/3"
ANY = "/rest/api/(?:2|3|latest)"
ROUTES = (
    route("GET", f"{ANY}/serverInfo", server_info),
    route("GET", f"{ANY}/myself", common_api.myself),
    route("GET", f"{ANY}/search", gone),
    route("POST", f"{ANY}/search", gone),
    route("GET", f"{V3}/search/jql", cloud_search.by_get),
    route("POST", f"{V3}/search/jql", cloud_search.by_post),
    route("POST", f"{V3}/search/approximate-count", cloud_search.count),
    route("POST", f"{V3}/changelog/bulkfetch", cloud_search.bulkfetch),
    route("GET", f"{V3}/project/search", project_search),
    route("GET", f"{V3}/project/{{project}}", common_api.project),
    route("GET", f"{V3}/status", common_api.statuses),
    route("GET", f"{V3}/field", common_api.field_list),
    route("GET", f"{V3}/issuetype", common_api.issue_types),
    route("GET", f"{V3}/users/search", all_users),
    route("GET", f"{V3}/user/search", user_search),
    route("POST", f"{V3}/issue/bulkfetch", issue_bulkfetch),
    route("GET", f"{V3}/mypermissions", common_api.my_permissions),
    route("GET", f"{V3}/issue/{{issue}}", issue),
    route("GET", f"{V3}/issue/{{issue}}/changelog", issue_changelog),
)
