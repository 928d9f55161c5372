"""Deployments, releases, files and timelines as the REST API shows them."""

from __future__ import annotations

from simulator.github.call import Call, iso
from simulator.github.shapes import Row, by_id, commit_row, node_id, review_row
from simulator.hub_records import HubIssue
from simulator.records import Deployment, Pull

MOST_FILES = 3000  # G8
EVENT = 20_000_000_000  # where the ids of made-up events begin


def deployment_row(call: Call, one: Deployment) -> Row:
    """Without a state: that is only in its statuses (G18)."""
    api = f"{call.api}/repos/{one.repository}/deployments/{one.id}"
    last = one.statuses[-1][1] if one.statuses else one.created
    return {
        "url": api,
        "id": one.id,
        "node_id": node_id("DE", one.id),
        "task": "deploy",
        "original_environment": one.environment,
        "environment": one.environment,
        "description": None,
        "created_at": iso(one.created),
        "updated_at": iso(last),
        "statuses_url": f"{api}/statuses",
        "repository_url": f"{call.api}/repos/{one.repository}",
        "creator": by_id(call, one.creator),
        "sha": one.sha,
        "ref": one.ref,
        "payload": {},
        "transient_environment": False,
        "production_environment": one.environment == "production",
        "performed_via_github_app": None,
    }


def status_rows(call: Call, one: Deployment) -> list[Row]:
    """Newest first."""
    api = f"{call.api}/repos/{one.repository}/deployments/{one.id}"
    rows: list[Row] = [
        {
            "url": f"{api}/statuses/{one.id * 10 + number}",
            "id": one.id * 10 + number,
            "node_id": node_id("DES", one.id * 10 + number),
            "state": state,
            "creator": by_id(call, one.creator),
            "description": "",
            "environment": one.environment,
            "target_url": "",
            "created_at": iso(at),
            "updated_at": iso(at),
            "deployment_url": api,
            "repository_url": f"{call.api}/repos/{one.repository}",
            "environment_url": "",
            "log_url": "",
        }
        for number, (state, at) in enumerate(one.statuses)
    ]
    return rows[::-1]


def file_rows(call: Call, pull: Pull) -> list[Row]:
    """The sizes of a pull request spread over its files; the first carries what does not divide."""
    count = min(pull.changed_files, MOST_FILES)
    return [
        {
            "sha": f"{pull.id * 31 + index:040x}",
            "filename": f"src/{pull.branch.replace('/', '_')}/part_{index}.py",
            "status": "modified",
            "additions": share(pull.additions, pull.changed_files, index),
            "deletions": share(pull.deletions, pull.changed_files, index),
            "changes": share(pull.additions, pull.changed_files, index)
            + share(pull.deletions, pull.changed_files, index),
            "contents_url": f"{call.api}/repos/{pull.repository}/contents/part_{index}.py",
        }
        for index in range(count)
    ]


def share(total: int, parts: int, index: int) -> int:
    return total // parts + (total % parts if index == 0 else 0)


def timeline(call: Call, pull: Pull) -> list[Row]:
    """Commits, drafts becoming ready, requests, reviews and the end, by time."""
    dated = [
        (commit.committed, {"event": "committed", **commit_row(call, pull.repository, commit)})
        for commit in pull.commits
    ]
    dated += [
        (one.submitted, {"event": "reviewed", **review_row(call, pull, one), "state": one.state.lower()})
        for one in pull.reviews
    ]
    if pull.ready:
        dated.append((pull.ready, event(call, pull, 1, "ready_for_review", pull.author, iso(pull.ready))))
    asked = pull.ready or pull.created
    for number, reviewer in enumerate(pull.requested_reviewers):
        row = event(call, pull, 10 + number, "review_requested", pull.author, iso(asked))
        dated.append((asked, row | {"requested_reviewer": by_id(call, reviewer)}))
    dated += zip((one.at for one in pull.happened), events(call, pull), strict=True)
    if pull.merged:
        row = event(call, pull, 2, "merged", pull.merged_by, iso(pull.merged))
        dated.append((pull.merged, row | {"commit_id": pull.merge_sha}))
    if pull.closed:
        dated.append((pull.closed, event(call, pull, 3, "closed", pull.merged_by or pull.author, iso(pull.closed))))
    return [row for _, row in sorted(dated, key=lambda pair: pair[0])]


def events(call: Call, one: Pull | HubIssue) -> list[Row]:
    """What else happened, in its order."""
    rows = []
    for number, happening in enumerate(one.happened):
        row = event(call, one, 50 + number, happening.kind, happening.actor, iso(happening.at))
        if happening.kind == "review_requested":
            row["requested_reviewer"] = by_id(call, happening.about)
        if happening.kind == "closed":
            row["state_reason"] = happening.about
        rows.append(row)
    return rows


def event(call: Call, pull: Pull | HubIssue, number: int, name: str, actor: str | None, at: str | None) -> Row:
    id = EVENT + pull.id * 100 + number
    return {
        "id": id,
        "node_id": node_id("EV", id),
        "url": f"{call.api}/repos/{pull.repository}/issues/events/{id}",
        "actor": by_id(call, actor),
        "event": name,
        "commit_id": None,
        "commit_url": None,
        "created_at": at,
        "performed_via_github_app": None,
    }
