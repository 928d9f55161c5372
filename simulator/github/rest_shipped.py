"""Releases, tags and workflow runs over REST (G19, G20)."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.github import extras, pages
from simulator.github.call import Call, iso, missing
from simulator.github.rest import REPOSITORY, Parts, allowed
from simulator.github.shapes import Row, by_id, node_id
from simulator.hub_records import Attempt, Release, Run, Tag
from simulator.web import Reply, route, whole_number

MOST_RUNS = 1000  # that a filtered list shows (G8)


def releases(call: Call, parts: Parts) -> Reply:
    one = call.repository(parts)
    path = f"/repositories/{one.id}/releases"
    return pages.numbered(call, path, extras.releases(call, one), lambda row: release_row(call, row))


def tags(call: Call, parts: Parts) -> Reply:
    """By name, backwards; without any date."""
    one = call.repository(parts)
    found = sorted(extras.tags(call, one), key=lambda tag: tag.name, reverse=True)
    return pages.numbered(call, f"/repositories/{one.id}/tags", found, lambda row: tag_row(call, one.full_name, row))


def runs(call: Call, parts: Parts) -> Reply:
    """The last attempt of each run. With a filter no more than 1,000 show, whatever the total says (G8)."""
    one, created = call.repository(parts), call.request.query.get("created", "")
    start, end = bounds(created)
    found = [row for row in extras.runs(call, one) if start <= row.created.replace(microsecond=0) <= end]
    shown = found[:MOST_RUNS] if created else found
    return pages.numbered(
        call,
        f"/repositories/{one.id}/actions/runs",
        shown,
        lambda row: run_row(call, row, len(row.attempts)),
        lambda rows: {"total_count": len(found), "workflow_runs": rows},
    )


def bounds(created: str) -> tuple[datetime, datetime]:
    """``A..B``, ``>=A`` or nothing."""
    first, _, last = created.removeprefix(">=").partition("..")
    ends = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return (
        datetime.fromisoformat(first) if first else ends[0],
        datetime.fromisoformat(last) if last else ends[1],
    )


def run(call: Call, parts: Parts) -> Reply:
    one, id = call.repository(parts), whole_number(parts["run"])
    found = next((row for row in extras.runs(call, one) if row.id == id), None)
    number = whole_number(parts["attempt"]) if "attempt" in parts else found and len(found.attempts)
    if found is None or not number or number > len(found.attempts):
        raise missing("actions/workflow-runs#get-a-workflow-run")
    return pages.answer(call, run_row(call, found, number))


def run_row(call: Call, one: Run, number: int) -> Row:
    """One attempt; ``created_at`` is the run's own and stays."""
    attempt: Attempt = one.attempts[number - 1]
    actor = by_id(call, one.actor)
    return {
        "id": one.id,
        "name": one.workflow,
        "node_id": node_id("WFR", one.id),
        "head_branch": one.branch,
        "head_sha": one.sha,
        "path": f".github/workflows/{one.workflow.lower().replace(' ', '-')}.yml",
        "display_title": one.workflow,
        "run_number": one.id % 100_000,
        "event": one.event,
        "status": "completed" if attempt.conclusion else "in_progress",
        "conclusion": attempt.conclusion,
        "workflow_id": sum(one.workflow.encode()),
        "url": f"{call.api}/repos/{one.repository}/actions/runs/{one.id}",
        "html_url": f"{call.html}/{one.repository}/actions/runs/{one.id}",
        "pull_requests": [],
        "created_at": iso(one.created),
        "updated_at": iso(attempt.ended or attempt.started),
        "actor": actor,
        "triggering_actor": actor,
        "run_attempt": number,
        "run_started_at": iso(attempt.started),
    }


def release_row(call: Call, one: Release) -> Row:
    api = f"{call.api}/repos/{one.repository}/releases"
    return {
        "url": f"{api}/{one.id}",
        "html_url": f"{call.html}/{one.repository}/releases/tag/{one.tag}",
        "id": one.id,
        "author": by_id(call, one.author),
        "node_id": node_id("RE", one.id),
        "tag_name": one.tag,
        "target_commitish": one.sha,
        "name": one.name,
        "draft": one.published is None,
        "immutable": False,
        "prerelease": one.prerelease,
        "created_at": iso(one.created),
        "updated_at": iso(one.published or one.created),
        "published_at": iso(one.published),
        "assets": [],
        "body": "",
    }


def tag_row(call: Call, repository: str, one: Tag) -> Row:
    api = f"{call.api}/repos/{repository}"
    return {
        "name": one.name,
        "zipball_url": f"{api}/zipball/refs/tags/{one.name}",
        "tarball_url": f"{api}/tarball/refs/tags/{one.name}",
        "commit": {"sha": one.sha, "url": f"{api}/commits/{one.sha}"},
        "node_id": node_id("REF", sum(one.name.encode())),
    }


ROUTES = (
    route("GET", f"{REPOSITORY}/releases", allowed(releases, "contents")),
    route("GET", f"{REPOSITORY}/tags", allowed(tags, "contents")),
    route("GET", f"{REPOSITORY}/actions/runs", allowed(runs, "actions")),
    route("GET", f"{REPOSITORY}/actions/runs/{{run}}", allowed(run, "actions")),
    route("GET", f"{REPOSITORY}/actions/runs/{{run}}/attempts/{{attempt}}", allowed(run, "actions")),
)
