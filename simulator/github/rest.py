"""GitHub's REST API, version 2022-11-28."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import orjson

from simulator.github import extras, limits, pages, shapes, shares
from simulator.github.call import Call, error, missing, refusal
from simulator.hub_records import HubIssue
from simulator.records import Deployment, Pull, Repository
from simulator.tokens import owner
from simulator.web import Answer, Reply, json_reply, route, whole_number

Parts = dict[str, str]
Row = TypeVar("Row", Pull, Pull | HubIssue)
MOST_COMMITS = 250  # that a pull request tells of (G8)


def viewer(call: Call, parts: Parts) -> Reply:
    if call.token.kind == "app":
        raise refusal(403, "Resource not accessible by integration", "users/users#get-the-authenticated-user")
    person = owner(call.token, call.hub.world.people)
    return pages.answer(
        call,
        shapes.account(call, person) | {"name": person.name, "email": person.email, "two_factor_authentication": True},
    )


def meta(call: Call, parts: Parts) -> Reply:
    return pages.answer(call, {"verifiable_password_authentication": False, "installed_version": "3.19.2"})


def rate_limit(call: Call, parts: Parts) -> Reply:
    """Free of charge; an Enterprise Server without limits has no such page (G17)."""
    if call.hub.budget is None:
        return error(404, "Rate limiting is not enabled.", "rate-limit/rate-limit")
    core, graphql = (limits.state(call, resource) for resource in ("core", "graphql"))
    return json_reply({"resources": {"core": core, "graphql": graphql, "search": core}, "rate": core})


def repository(call: Call, parts: Parts) -> Reply:
    return pages.answer(call, shapes.repository(call, call.repository(parts)))


def installation_repositories(call: Call, parts: Parts) -> Reply:
    """What an App's installation was given: under a name, unlike other lists (G23)."""
    if call.token.kind != "app":
        raise refusal(403, "You must authenticate with an installation access token in order to list repositories")
    found = call.repositories()
    return pages.numbered(
        call,
        "/installation/repositories",
        found,
        lambda one: shapes.repository(call, one),
        lambda rows: {"total_count": len(found), "repository_selection": "selected", "repositories": rows},
    )


def own_repositories(call: Call, parts: Parts) -> Reply:
    return pages.numbered(call, "/user/repos", call.repositories(), lambda one: shapes.repository(call, one))


def organisation_repositories(call: Call, parts: Parts) -> Reply:
    name = parts["owner"]
    found = [one for one in call.repositories() if one.full_name.partition("/")[0].lower() == name.lower()]
    if not found:
        raise missing("repos/repos#list-organization-repositories")
    return pages.numbered(call, f"/orgs/{name}/repos", found, lambda one: shapes.repository(call, one))


def in_state(rows: Iterable[Row], state: str) -> list[Row]:
    return [row for row in rows if state == "all" or (state == "closed") == (row.closed is not None)]


def sorted_rows(call: Call, rows: list[Row], direction: str) -> list[Row]:
    """By ``sort``; ties by number, so that pages do not overlap."""
    by_update = call.request.query.get("sort", "created") == "updated"
    rows.sort(key=lambda row: (row.updated if by_update else row.created, row.number), reverse=direction == "desc")
    return rows


def pulls(call: Call, parts: Parts) -> Reply:
    """No ``since`` here, and sorting by update begins with the oldest unless told (G1)."""
    one, query = call.repository(parts), call.request.query
    state, sort = query.get("state", "open"), query.get("sort", "created")
    direction = query.get("direction") or ("desc" if sort == "created" else "asc")
    key = ("pulls page", one.id, state, sort, direction, call.now)
    found = call.hub.keep(key, lambda: sorted_rows(call, in_state(call.pulls(one), state), direction))
    whole = orjson.Fragment(orjson.dumps(shapes.repository(call, one)))
    path = f"/repositories/{one.id}/pulls"
    return pages.numbered(call, path, found, lambda pull: shapes.pull_row(call, one, pull, whole))


def pull(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    whole = orjson.Fragment(orjson.dumps(shapes.repository(call, one)))
    return pages.answer(call, shapes.whole_pull(call, one, call.pull(one, parts["number"]), whole))


def asked_pull(call: Call, parts: Parts, tail: str) -> tuple[Pull, str]:
    """The pull request of a path, and the path its page links name."""
    one = call.repository(parts)
    found = call.pull(one, parts["number"])
    return found, f"/repositories/{one.id}/{tail.format(found.number)}"


def reviews(call: Call, parts: Parts) -> Reply:
    found, path = asked_pull(call, parts, "pulls/{}/reviews")
    return pages.numbered(call, path, found.reviews, lambda review: shapes.review_row(call, found, review))


def commits(call: Call, parts: Parts) -> Reply:
    found, path = asked_pull(call, parts, "pulls/{}/commits")
    shown = found.commits[:MOST_COMMITS]
    return pages.numbered(call, path, shown, lambda commit: shapes.commit_row(call, found.repository, commit))


def files(call: Call, parts: Parts) -> Reply:
    found, path = asked_pull(call, parts, "pulls/{}/files")
    return pages.numbered(call, path, shares.file_rows(call, found), lambda row: row)


def deployments_of(call: Call, one: Repository) -> Sequence[Deployment]:
    """Newest first, as GitHub lists them."""
    key = ("deployments", one.id, call.now)
    world = call.hub.world
    return call.hub.keep(
        key, lambda: sorted(world.deployments(one.full_name, call.now), key=lambda d: (d.created, d.id), reverse=True)
    )


def deployments(call: Call, parts: Parts) -> Reply:
    one, query = call.repository(parts), call.request.query
    wanted = {name: query[name] for name in ("environment", "ref", "sha") if query.get(name)}
    found = [d for d in deployments_of(call, one) if all(getattr(d, name) == value for name, value in wanted.items())]
    path = f"/repositories/{one.id}/deployments"
    return pages.numbered(call, path, found, lambda row: shares.deployment_row(call, row))


def deployment_statuses(call: Call, parts: Parts) -> Reply:
    one, id = call.repository(parts), whole_number(parts["deployment"])
    found = next((row for row in deployments_of(call, one) if row.id == id), None)
    if found is None:
        raise missing("deployments/statuses#list-deployment-statuses")
    path = f"/repositories/{one.id}/deployments/{id}/statuses"
    return pages.numbered(call, path, shares.status_rows(call, found), lambda row: row)


def commit(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    found = (commit for pull in call.pulls(one) for commit in pull.commits if commit.sha == parts["sha"])
    row = next(found, None)
    if row is None:
        raise refusal(422, f"No commit found for SHA: {parts['sha']}", "commits/commits#get-a-commit")
    return pages.answer(call, shapes.commit_row(call, one.full_name, row))


def allowed(answer: Answer, right: str) -> Answer:
    """An address that takes a permission (G13)."""

    def look(call: Call, parts: Parts) -> Reply:
        extras.permitted(call, right)
        return answer(call, parts)

    return look


REPOSITORY = "/api/v3/(?:repos/(?P<owner>[^/]+)/(?P<name>[^/]+)|repositories/(?P<id>\\d+))"
ROUTES = (
    route("GET", "/api/v3/user", viewer),
    route("GET", "/api/v3/meta", meta),
    route("GET", "/api/v3/rate_limit", rate_limit),
    route("GET", "/api/v3/user/repos", own_repositories),
    route("GET", "/api/v3/installation/repositories", installation_repositories),
    route("GET", "/api/v3/orgs/{owner}/repos", organisation_repositories),
    route("GET", REPOSITORY, repository),
    route("GET", f"{REPOSITORY}/pulls", allowed(pulls, "pull_requests")),
    route("GET", f"{REPOSITORY}/pulls/{{number}}", allowed(pull, "pull_requests")),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/reviews", allowed(reviews, "pull_requests")),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/commits", allowed(commits, "pull_requests")),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/files", allowed(files, "pull_requests")),
    route("GET", f"{REPOSITORY}/deployments", allowed(deployments, "deployments")),
    route("GET", f"{REPOSITORY}/deployments/{{deployment}}/statuses", allowed(deployment_statuses, "deployments")),
    route("GET", f"{REPOSITORY}/commits/{{sha}}", commit),
)
