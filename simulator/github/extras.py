"""What an organisation may know of GitHub beyond pull requests and deployments, or what follows from those."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from simulator.github.call import Call, refusal
from simulator.hub_records import Attempt, HubIssue, Release, Run, Tag
from simulator.records import Deployment, Repository
from simulator.web import Refused

RUNS = 12_000_000_000  # where the ids of workflow runs begin
DEPLOY = "Deploy"


def permitted(call: Call, *rights: str) -> None:
    """403 for a token that has none of these permissions (G13)."""
    if all(right in call.token.denies for right in rights):
        refused = refusal(403, "Resource not accessible by personal access token")
        accepted = "; ".join(f"{right}=read" for right in rights)
        raise Refused(replace(refused.reply, headers={"X-Accepted-GitHub-Permissions": accepted}))


def issues(call: Call, one: Repository) -> Sequence[HubIssue]:
    """Ordered by number."""
    return [row for row in call.hub.world.extra("hub_issues", one.full_name, call.now) or () if row.created <= call.now]


def issue(call: Call, one: Repository, number: int | None) -> HubIssue | None:
    return next((row for row in issues(call, one) if row.number == number), None)


def releases(call: Call, one: Repository) -> Sequence[Release]:
    """Newest first; drafts, too, as to somebody who may push (G20)."""
    told = call.hub.world.extra("releases", one.full_name, call.now)
    found = tagged_releases(call.hub.world.deployments(one.full_name, call.now)) if told is None else told
    shown = [row for row in found if row.created <= call.now]
    return sorted(shown, key=lambda row: (row.created, row.id), reverse=True)


def tags(call: Call, one: Repository) -> Sequence[Tag]:
    told = call.hub.world.extra("tags", one.full_name, call.now)
    return tags_of(releases(call, one)) if told is None else told


def runs(call: Call, one: Repository) -> Sequence[Run]:
    """Newest first."""
    told = call.hub.world.extra("runs", one.full_name, call.now)
    found = usual_runs(call.hub.world.deployments(one.full_name, call.now)) if told is None else told
    return sorted(found, key=lambda row: (row.created, row.id), reverse=True)


def tagged_releases(deployments: Iterable[Deployment]) -> list[Release]:
    """What was shipped to production under a version: a release each."""
    tagged = {one.ref: one for one in deployments if one.environment == "production" and is_version(one.ref)}
    return [
        Release(one.id, one.repository, one.ref, one.ref, one.sha, one.creator, one.created, one.created)
        for one in tagged.values()
    ]


def is_version(ref: str) -> bool:
    return ref[:1] == "v" and ref[1:2].isdigit()


def tags_of(releases: Iterable[Release]) -> list[Tag]:
    return [Tag(one.tag, one.sha, one.created) for one in releases if one.published]


def usual_runs(deployments: Iterable[Deployment]) -> list[Run]:
    """A run of the workflow that deploys, for each deployment to production."""
    return [
        Run(
            id=RUNS + one.id,
            repository=one.repository,
            workflow=DEPLOY,
            event="push",
            branch=one.ref,
            sha=one.sha,
            actor=one.creator,
            created=one.created,
            attempts=(Attempt(one.created, *end(one)),),
        )
        for one in deployments
        if one.environment == "production"
    ]


def end(one: Deployment) -> tuple[datetime | None, str | None]:
    state, at = one.statuses[-1] if one.statuses else ("", None)
    return (
        (at, state if state == "success" else "failure") if state in ("success", "failure", "error") else (None, None)
    )
