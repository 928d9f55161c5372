"""GitHub's REST API, version 2022-11-28."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from simulator.github import limits, pages, shapes, shares
from simulator.github.call import Call, error, missing, refusal
from simulator.records import Deployment, Pull, Repository
from simulator.tokens import owner
from simulator.web import Reply, json_reply, route, whole_number

Parts = dict[str, str]
MOST_COMMITS = 250  # that a pull request tells of (G8)


def viewer(call: Call, parts: Parts) -> Reply:
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


def own_repositories(call: Call, parts: Parts) -> Reply:
    return pages.numbered(call, "/user/repos", call.repositories(), lambda one: shapes.repository(call, one))


def organisation_repositories(call: Call, parts: Parts) -> Reply:
    name = parts["owner"]
    found = [one for one in call.repositories() if one.full_name.partition("/")[0].lower() == name.lower()]
    if not found:
        raise missing("repos/repos#list-organization-repositories")
    return pages.numbered(call, f"/orgs/{name}/repos", found, lambda one: shapes.repository(call, one))


def in_state(pulls: Sequence[Pull], state: str) -> list[Pull]:
    return [pull for pull in pulls if state == "all" or (state == "closed") == (pull.closed is not None)]


def sorted_pulls(call: Call, pulls: list[Pull], direction: str) -> list[Pull]:
    """By ``sort``; ties by number, so that pages do not overlap."""
    by_update = call.request.query.get("sort", "created") == "updated"
    pulls.sort(key=lambda pull: (pull.updated if by_update else pull.created, pull.number), reverse=direction == "desc")
    return pulls


def pulls(call: Call, parts: Parts) -> Reply:
    """No ``since`` here, and sorting by update begins with the oldest unless told (G1)."""
    one, query = call.repository(parts), call.request.query
    state, sort = query.get("state", "open"), query.get("sort", "created")
    direction = query.get("direction") or ("desc" if sort == "created" else "asc")
    key = ("pulls page", one.id, state, sort, direction, call.now)
    found = call.hub.keep(key, lambda: sorted_pulls(call, in_state(call.pulls(one), state), direction))
    whole = orjson.Fragment(orjson.dumps(shapes.repository(call, one)))
    path = f"/repositories/{one.id}/pulls"
    return pages.numbered(call, path, found, lambda pull: shapes.pull_row(call, one, pull, whole))


def issues(call: Call, parts: Parts) -> Reply:
    """Pull requests as issues: the feed of what changed, for it has ``since``."""
    one, query = call.repository(parts), call.request.query
    state, since, direction = query.get("state", "open"), query.get("since", ""), query.get("direction") or "desc"
    limit = moment(since) if since else datetime.min.replace(tzinfo=UTC)
    key = ("issues page", one.id, state, query.get("sort"), since, direction, call.now)
    changed = [pull for pull in call.pulls(one) if pull.updated.replace(microsecond=0) >= limit]
    found = call.hub.keep(key, lambda: sorted_pulls(call, in_state(changed, state), direction))
    return pages.cursored(call, f"/repositories/{one.id}/issues", found, lambda pull: shapes.issue_row(call, pull))


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(422, "Invalid request.\n\nFor 'properties/since', it is not a valid date-time.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def pull(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    whole = orjson.Fragment(orjson.dumps(shapes.repository(call, one)))
    return pages.answer(call, shapes.whole_pull(call, one, call.pull(one, parts["number"]), whole))


def issue(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    return pages.answer(call, shapes.issue_row(call, call.pull(one, parts["number"])))


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


def timeline(call: Call, parts: Parts) -> Reply:
    found, path = asked_pull(call, parts, "issues/{}/timeline")
    return pages.numbered(call, path, shares.timeline(call, found), lambda row: row)


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


def releases(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    found = shares.released(deployments_of(call, one))
    return pages.numbered(call, f"/repositories/{one.id}/releases", found, lambda row: shares.release_row(call, row))


def tags(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    found = shares.released(deployments_of(call, one))
    return pages.numbered(call, f"/repositories/{one.id}/tags", found, lambda row: shares.tag_row(call, row))


def commit(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    found = (commit for pull in call.pulls(one) for commit in pull.commits if commit.sha == parts["sha"])
    row = next(found, None)
    if row is None:
        raise refusal(422, f"No commit found for SHA: {parts['sha']}", "commits/commits#get-a-commit")
    return pages.answer(call, shapes.commit_row(call, one.full_name, row))


REPOSITORY = "/api/v3/(?:repos/(?P<owner>[^/]+)/(?P<name>[^/]+)|repositories/(?P<id>\\d+))"
ROUTES = (
    route("GET", "/api/v3/user", viewer),
    route("GET", "/api/v3/meta", meta),
    route("GET", "/api/v3/rate_limit", rate_limit),
    route("GET", "/api/v3/user/repos", own_repositories),
    route("GET", "/api/v3/orgs/{owner}/repos", organisation_repositories),
    route("GET", REPOSITORY, repository),
    route("GET", f"{REPOSITORY}/pulls", pulls),
    route("GET", f"{REPOSITORY}/pulls/{{number}}", pull),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/reviews", reviews),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/commits", commits),
    route("GET", f"{REPOSITORY}/pulls/{{number}}/files", files),
    route("GET", f"{REPOSITORY}/issues", issues),
    route("GET", f"{REPOSITORY}/issues/{{number}}", issue),
    route("GET", f"{REPOSITORY}/issues/{{number}}/timeline", timeline),
    route("GET", f"{REPOSITORY}/deployments", deployments),
    route("GET", f"{REPOSITORY}/deployments/{{deployment}}/statuses", deployment_statuses),
    route("GET", f"{REPOSITORY}/releases", releases),
    route("GET", f"{REPOSITORY}/tags", tags),
    route("GET", f"{REPOSITORY}/commits/{{sha}}", commit),
)
