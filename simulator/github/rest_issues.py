"""Issues over REST: pull requests are among them, and transferred ones lead on (G4, G9)."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.github import extras, pages, shares
from simulator.github.call import Call, iso, pull_numbered, refusal
from simulator.github.rest import REPOSITORY, Parts, asked_pull, in_state, sorted_rows
from simulator.github.shapes import Row, by_id, labels, milestone, node_id
from simulator.hub_records import HubIssue
from simulator.records import Pull, Repository
from simulator.web import Refused, Reply, route, whole_number


def issues(call: Call, parts: Parts) -> Reply:
    """Issues and pull requests: the feed of what changed, for it has ``since``."""
    extras.permitted(call, "issues", "pull_requests")
    one, query = call.repository(parts), call.request.query
    state, since, direction = query.get("state", "open"), query.get("since", ""), query.get("direction") or "desc"
    limit = moment(since) if since else datetime.min.replace(tzinfo=UTC)
    key = ("issues page", one.id, state, query.get("sort"), since, direction, call.now)

    def listed() -> list[Pull | HubIssue]:
        rows: list[Pull | HubIssue] = [*call.pulls(one), *extras.issues(call, one)]
        changed = [row for row in rows if row.updated.replace(microsecond=0) >= limit]
        return sorted_rows(call, in_state(changed, state), direction)

    found = call.hub.keep(key, listed)
    return pages.cursored(call, f"/repositories/{one.id}/issues", found, lambda row: row_of(call, row))


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(422, "Invalid request.\n\nFor 'properties/since', it is not a valid date-time.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def issue(call: Call, parts: Parts) -> Reply:
    """A transferred one leads on to its new place; a deleted one is gone."""
    one, number = call.repository(parts), whole_number(parts["number"])
    found = pull_numbered(call.pulls(one), number) or extras.issue(call, one, number)
    if found is None:
        raise absent(call, one, number)
    return pages.answer(call, row_of(call, found))


def absent(call: Call, one: Repository, number: int | None) -> Refused:
    fate = call.hub.world.extra("fate", one.full_name, number)
    if fate == "deleted":
        return refusal(410, "This issue was deleted")
    there = call.find_repository(fate[0]) if fate else None
    if fate is None or there is None:
        return refusal(404, "Not Found", "issues/issues#get-an-issue")
    return call.moved(f"/repositories/{there.id}/issues/{fate[1]}")


def timeline(call: Call, parts: Parts) -> Reply:
    one, number = call.repository(parts), whole_number(parts["number"])
    found = extras.issue(call, one, number)
    if found is None:
        pull, path = asked_pull(call, parts, "issues/{}/timeline")
        return pages.numbered(call, path, shares.timeline(call, pull), lambda row: row)
    path = f"/repositories/{one.id}/issues/{found.number}/timeline"
    return pages.numbered(call, path, shares.events(call, found), lambda row: row)


def row_of(call: Call, row: Pull | HubIssue) -> Row:
    return pull_row(call, row) if isinstance(row, Pull) else issue_row(call, row)


def issue_row(call: Call, issue: HubIssue) -> Row:
    api, html = f"{call.api}/repos/{issue.repository}", f"{call.html}/{issue.repository}/issues/{issue.number}"
    assignee, closed = by_id(call, issue.assignee), issue.closed
    kind = {"id": sum(issue.type.encode()), "name": issue.type} if issue.type else None
    return {
        "url": f"{api}/issues/{issue.number}",
        "repository_url": api,
        "events_url": f"{api}/issues/{issue.number}/events",
        "html_url": html,
        "id": issue.id,
        "node_id": node_id("I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": by_id(call, issue.author),
        "labels": labels(call, issue),
        "state": "closed" if closed else "open",
        "locked": False,
        "assignee": assignee,
        "assignees": [assignee] if assignee else [],
        "milestone": milestone(call, issue.repository, issue.milestone),
        "comments": 0,
        "created_at": iso(issue.created),
        "updated_at": iso(issue.updated),
        "closed_at": iso(closed),
        "closed_by": by_id(call, issue.happened[-1].actor) if closed else None,
        "author_association": "MEMBER",
        "type": kind,
        "body": issue.body or None,
        "timeline_url": f"{api}/issues/{issue.number}/timeline",
        "state_reason": issue.reason,
    }


def pull_row(call: Call, pull: Pull) -> Row:
    """A pull request as the issue it also is, under another id (G4)."""
    api, html = f"{call.api}/repos/{pull.repository}", f"{call.html}/{pull.repository}/pull/{pull.number}"
    return {
        "url": f"{api}/issues/{pull.number}",
        "repository_url": api,
        "events_url": f"{api}/issues/{pull.number}/events",
        "html_url": html,
        "id": pull.id + 10_000_000_000,
        "node_id": node_id("PR", pull.id),
        "number": pull.number,
        "title": pull.title,
        "user": by_id(call, pull.author),
        "labels": labels(call, pull),
        "state": "closed" if pull.closed else "open",
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": milestone(call, pull.repository, pull.milestone),
        "comments": 0,
        "created_at": iso(pull.created),
        "updated_at": iso(pull.updated),
        "closed_at": iso(pull.closed),
        "author_association": "MEMBER",
        "draft": pull.draft,
        "pull_request": {
            "url": f"{api}/pulls/{pull.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": iso(pull.merged),
        },
        "body": pull.body or None,
        "timeline_url": f"{api}/issues/{pull.number}/timeline",
        "state_reason": None,
    }


def search(call: Call, parts: Parts) -> Reply:
    """``repo:acme/engine is:pr updated:>=2026-05-01``: of GitHub's search no more than what counts."""
    words = dict(word.partition(":")[::2] for word in call.request.query.get("q", "").split())
    one = call.find_repository(words.get("repo", ""))
    if one is None or "is" not in words:
        raise refusal(422, "Validation Failed")
    rows: list[Pull | HubIssue] = [*(call.pulls(one) if words["is"] == "pr" else extras.issues(call, one))]
    limit = moment(words.get("updated", "").removeprefix(">=") or "1970-01-01")
    found = [row for row in rows if row.updated >= limit]
    return pages.numbered(
        call,
        "/search/issues",
        found,
        lambda row: row_of(call, row),
        lambda shown: {"total_count": len(found), "incomplete_results": False, "items": shown},
    )


ROUTES = (
    route("GET", "/api/v3/search/issues", search),
    route("GET", f"{REPOSITORY}/issues", issues),
    route("GET", f"{REPOSITORY}/issues/{{number}}", issue),
    route("GET", f"{REPOSITORY}/issues/{{number}}/timeline", timeline),
)
