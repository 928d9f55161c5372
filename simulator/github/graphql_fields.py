"""How each field of the schema is read from the records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from simulator.github import extras, issues_fields, limits, shipped_fields
from simulator.github import pulls_fields as pulls
from simulator.github.call import Call, iso, pull_numbered
from simulator.github.connections import Part, Status, Window, window
from simulator.github.graphql_plan import Missing, Resolve, forbidden, stumbled
from simulator.github.pulls_fields import always, get, small, when
from simulator.github.shapes import node_id
from simulator.hub_records import HubIssue, Release, Tag
from simulator.records import Commit, Deployment, Person, Pull, Repository
from simulator.tokens import owner

Args = dict[str, Any]
Table = dict[str, Resolve]
TYPES = {
    Pull: "PullRequest",
    Deployment: "Deployment",
    HubIssue: "Issue",
    Release: "Release",
    Tag: "Tag",
    Commit: "Commit",
}


def type_name(thing: Any) -> str:
    """The schema's type of a thing that stands where several may."""
    if isinstance(thing, Part):
        return thing.type
    if type(thing) in TYPES:
        return TYPES[type(thing)]
    return "Bot" if isinstance(thing, Person) and thing.is_bot else "User"


def repository(call: Call, thing: object, args: Args) -> Repository:
    full_name = f"{args['owner']}/{args['name']}"
    found = call.find_repository(full_name) or call.find_repository(call.hub.world.extra("name_now", full_name) or "")
    if found is None or "/" in args["name"]:
        raise Missing(f"Could not resolve to a Repository with the name '{full_name}'.")
    return found


def organization(call: Call, thing: object, args: Args) -> str:
    names = {one.full_name.partition("/")[0] for one in call.repositories()}
    found = next((name for name in names if name.lower() == args["login"].lower()), None)
    if found is None:
        raise Missing(f"Could not resolve to an Organization with the login of '{args['login']}'.")
    return found


def user(call: Call, thing: object, args: Args) -> Person:
    people = call.hub.people.values()
    found = next((one for one in people if one.github_login.lower() == args["login"].lower()), None)
    if found is None:
        raise Missing(f"Could not resolve to a User with the login of '{args['login']}'.")
    return found


def of_organization(call: Call, name: str, args: Args) -> Window:
    return window([one for one in call.repositories() if one.full_name.startswith(f"{name}/")], args)


def pull_request(call: Call, one: Repository, args: Args) -> Pull:
    found = pull_numbered(call.pulls(one), args["number"])
    if found is None:
        raise Missing(f"Could not resolve to a PullRequest with the number of {args['number']}.")
    if call.hub.world.extra("stumbles", one.full_name, found.number):
        raise stumbled()
    return found


def allowed(right: str, resolve: Resolve) -> Resolve:
    """A field that takes a permission."""

    def look(call: Call, thing: Any, args: Args) -> Any:
        if right in call.token.denies:
            raise forbidden()
        return resolve(call, thing, args)

    return look


def node(call: Call, thing: object, args: Args) -> Any:
    """Anything by its node id, as far as it is asked for in this way."""
    for one in call.repositories():
        rows: list[tuple[str, Any]] = [("DE", row) for row in call.hub.world.deployments(one.full_name, call.now)]
        rows += [("PR", row) for row in call.pulls(one)] + [("RE", row) for row in extras.releases(call, one)]
        rows += [("I", row) for row in extras.issues(call, one)]
        found = next((row for kind, row in rows if node_id(kind, row.id) == args["id"]), None)
        if found is not None:
            return found
    raise Missing(f"Could not resolve to a node with the global id of '{args['id']}'")


def pull_requests(call: Call, one: Repository, args: Args) -> Window:
    """Sorted by the moment and the number; the cursor holds both, so that a later change repeats nothing."""
    order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    sign = -1 if order["direction"] == "DESC" else 1
    by_update = order["field"] == "UPDATED_AT"
    states = args.get("states")

    def mark(pull: Pull) -> tuple[int, int]:
        return sign * microseconds(pull.updated if by_update else pull.created), sign * pull.number

    def found() -> Sequence[Pull]:
        return sorted((pull for pull in call.pulls(one) if not states or pulls.state(pull) in states), key=mark)

    key = ("graphql", one.id, by_update, sign, repr(states), call.now)
    return window(call.hub.keep(key, found), args, mark)


def microseconds(when: datetime) -> int:
    return int(when.timestamp() * 1_000_000)


def deployments(call: Call, one: Repository, args: Args) -> Window:
    """Oldest first unless told."""
    newest_first = (args.get("orderBy") or {}).get("direction") == "DESC"
    wanted = args.get("environments")
    found = [
        row for row in call.hub.world.deployments(one.full_name, call.now) if not wanted or row.environment in wanted
    ]
    sign = -1 if newest_first else 1

    def mark(row: Deployment) -> tuple[int, int]:
        return sign * microseconds(row.created), sign * row.id

    return window(sorted(found, key=mark), args, mark)


def statuses(call: Call, one: Deployment, args: Args) -> Window:
    return window([Status(one, number) for number in reversed(range(len(one.statuses)))], args)


def latest(call: Call, one: Deployment, args: Args) -> Status | None:
    return Status(one, len(one.statuses) - 1) if one.statuses else None


def deployment_state(call: Call, one: Deployment, args: Args) -> str | None:
    """A deployment that went well is ACTIVE."""
    if not one.statuses:
        return "PENDING"
    state = one.statuses[-1][0].upper()
    return "ACTIVE" if state == "SUCCESS" else state


def rate_limit(call: Call, thing: object, args: Args) -> dict[str, int | str] | None:
    """Null on a server that does not limit (G17). What the query itself costs, its plan knows."""
    return limits.state(call, "graphql") if call.hub.budget is not None else None


def connection() -> Table:
    return {
        "totalCount": lambda call, shown, args: len(shown.items),
        "filteredCount": lambda call, shown, args: len(shown.items),
        "pageCount": lambda call, shown, args: len(shown.nodes()),
        "updatedAt": lambda call, shown, args: iso(call.now),
        "pageInfo": lambda call, shown, args: shown,
        "nodes": lambda call, shown, args: shown.nodes(),
        "edges": lambda call, shown, args: [(shown, index) for index in range(shown.start, shown.end)],
    }


def actor() -> Table:
    return {
        "id": lambda call, one, args: node_id("U", one.github_id),
        "login": lambda call, one, args: one.github_login.removesuffix("[bot]"),
        "databaseId": lambda call, one, args: small(one.github_id),
        "name": lambda call, one, args: one.name,
        "email": lambda call, one, args: "",
        "avatarUrl": lambda call, one, args: f"{call.html}/avatars/u/{one.github_id}?v=4",
        "resourcePath": lambda call, one, args: f"/{one.github_login.removesuffix('[bot]')}",
        "url": lambda call, one, args: f"{call.html}/{one.github_login.removesuffix('[bot]')}",
    }


FIELDS: dict[str, Table] = {
    "Query": {
        "viewer": lambda call, thing, args: owner(call.token, call.hub.world.people),
        "rateLimit": rate_limit,
        "meta": always({}),
        "node": node,
        "repository": repository,
        "organization": organization,
        "user": user,
    },
    "GitHubMetadata": {"isPasswordAuthenticationVerifiable": always(False)},
    "RateLimit": {
        **{name: pulls.key(name) for name in ("limit", "remaining", "used")},
        "resetAt": lambda call, state, args: iso(datetime.fromtimestamp(state["reset"], UTC)),
    },
    "PageInfo": {
        "endCursor": lambda call, shown, args: shown.cursor(shown.end - 1),
        "startCursor": lambda call, shown, args: shown.cursor(shown.start),
        "hasNextPage": lambda call, shown, args: shown.end < len(shown.items),
        "hasPreviousPage": lambda call, shown, args: shown.start > 0,
    },
    "PullRequestEdge": {
        "cursor": lambda call, edge, args: edge[0].cursor(edge[1]),
        "node": lambda call, edge, args: edge[0].items[edge[1]],
    },
    "User": actor(),
    "Bot": actor(),
    "Mannequin": actor(),
    "Organization": {
        "id": lambda call, name, args: node_id("O", sum(name.encode())),
        "databaseId": lambda call, name, args: 6_000_000 + sum(name.encode()),
        "login": lambda call, name, args: name,
        "name": lambda call, name, args: name,
        "avatarUrl": lambda call, name, args: f"{call.html}/avatars/o/{name}?v=4",
        "resourcePath": lambda call, name, args: f"/{name}",
        "url": lambda call, name, args: f"{call.html}/{name}",
        "repositories": of_organization,
    },
    "Repository": {
        "id": lambda call, one, args: node_id("R", one.id),
        "databaseId": lambda call, one, args: small(one.id),
        "name": lambda call, one, args: one.full_name.partition("/")[2],
        "nameWithOwner": get("full_name"),
        "createdAt": when("created"),
        "pushedAt": when("pushed"),
        "updatedAt": when("pushed"),
        "isArchived": get("archived"),
        **dict.fromkeys(("isDisabled", "isEmpty", "isFork"), always(False)),
        "isPrivate": always(True),
        "url": lambda call, one, args: f"{call.html}/{one.full_name}",
        "defaultBranchRef": lambda call, one, args: shipped_fields.Branch(one.default_branch),
        "pullRequest": allowed("pull_requests", pull_request),
        "pullRequests": allowed("pull_requests", pull_requests),
        "issue": allowed("issues", issues_fields.one),
        "issues": allowed("issues", issues_fields.listed),
        "deployments": allowed("deployments", deployments),
        "refs": allowed("contents", shipped_fields.refs),
        "release": allowed("contents", shipped_fields.release),
        "releases": allowed("contents", shipped_fields.releases),
    },
    "Deployment": {
        "id": lambda call, one, args: node_id("DE", one.id),
        "databaseId": lambda call, one, args: small(one.id),
        "commit": always(None),
        "commitOid": get("sha"),
        "createdAt": when("created"),
        "updatedAt": lambda call, one, args: iso(one.statuses[-1][1] if one.statuses else one.created),
        "creator": lambda call, one, args: pulls.person(call, one.creator) or owner(call.token, ()),
        "description": always(None),
        **dict.fromkeys(("environment", "latestEnvironment", "originalEnvironment"), get("environment")),
        "latestStatus": latest,
        "payload": always(None),
        "ref": lambda call, one, args: shipped_fields.Branch(one.ref) if one.ref != one.sha else None,
        "repository": lambda call, one, args: call.find_repository(one.repository),
        "state": deployment_state,
        "statuses": statuses,
        "task": always("deploy"),
    },
    "DeploymentStatus": {
        "id": lambda call, one, args: node_id("DES", one.deployment.id * 10 + one.number),
        **dict.fromkeys(
            ("createdAt", "updatedAt"), lambda call, one, args: iso(one.deployment.statuses[one.number][1])
        ),
        "creator": lambda call, one, args: pulls.person(call, one.deployment.creator) or owner(call.token, ()),
        "deployment": get("deployment"),
        "description": always(""),
        "environment": get("deployment.environment"),
        "state": lambda call, one, args: one.deployment.statuses[one.number][0].upper(),
    },
    **pulls.FIELDS,
    **issues_fields.FIELDS,
    **shipped_fields.FIELDS,
}
FIELDS |= {
    f"{name}Connection": connection()
    for name in (
        "Repository",
        "PullRequest",
        "PullRequestCommit",
        "PullRequestReview",
        "PullRequestTimelineItems",
        "ReviewRequest",
        "Label",
        "Deployment",
        "DeploymentStatus",
        "Release",
        "Ref",
        "Issue",
        "IssueTimelineItems",
        "User",
    )
}
