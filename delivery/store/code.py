"""Repositories, pull requests with their commits and reviews, deployments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from delivery import bulk
from delivery.core.records import DeploymentRecord, PullRequestRecord, RepositoryRecord
from delivery.models import Commit, Deployment, PullRequest, Repository, Review, Source
from delivery.store import instants, meanings, renames
from delivery.store.accounts import Known

_REPOSITORY = ["source_id", "native_id", "name", "default_branch", "archived", "url", "deleted"]
_PULL = [
    "repository_id",
    "native_id",
    "number",
    "title",
    "branch",
    "author_id",
    "draft",
    "created",
    "updated",
    "first_commit",
    "ready",
    "first_review",
    "approved",
    "merged",
    "closed",
    "merge_sha",
    "additions",
    "deletions",
    "changed_files",
    "labels",
    "requested_reviewers",
    "keys",
    "commits_complete",
    "url",
    "deleted",
    "review_requested",
    "reopened",
    "force_pushes",
    "milestone",
    "closes",
]
_REVIEW = ["pull_request_id", "native_id", "author_id", "state", "submitted"]
_COMMIT = ["pull_request_id", "sha", "author_id", "authored", "committed"]
_DEPLOYMENT = [
    "repository_id",
    "native_id",
    "environment",
    "production",
    "ref",
    "sha",
    "creator_id",
    "created",
    "finished",
    "state",
    "url",
    "origin",
]


class UnknownRepository(ValueError):
    """A record names a repository that was never told of."""


def store_repositories(source: Source, records: Iterable[RepositoryRecord]) -> bulk.Written:
    """Write repositories; one that was renamed keeps its row (G10), its teams and its parts."""
    told = sorted(records, key=lambda repository: repository.native_id)
    rows = [(source.pk, one.native_id, one.name, one.default_branch, one.archived, one.url, None) for one in told]
    names = {one.native_id: one.name for one in told}
    known = Repository.objects.filter(source=source, native_id__in=names).values_list("native_id", "name")
    for id, name in known:
        if name != names[id]:
            renames.rename(source, name, names[id])
    return bulk.upsert(Repository, _REPOSITORY, rows, key=("source_id", "native_id"))


def store_pulls(source: Source, records: Sequence[PullRequestRecord], accounts: Known) -> bulk.Written:
    """Write pull requests, their commits and reviews; what counts is the pull requests' own rows."""
    if not records:
        return bulk.Written()
    repositories = repository_ids(source, (record.repository for record in records))
    rows = [_pull(repositories[record.repository], record, accounts) for record in records]
    written = bulk.upsert(PullRequest, _PULL, rows, key=("repository_id", "number"))
    ids = _pull_ids(set(repositories.values()), records)
    pulls = {ids[repositories[record.repository], record.number]: record for record in records}
    _histories(pulls, accounts)
    return written


def store_deployments(source: Source, records: Sequence[DeploymentRecord], accounts: Known) -> bulk.Written:
    """Write deployments; production is read from the environment's name."""
    repositories = repository_ids(source, (record.repository for record in records))
    rows = [
        (
            repositories[one.repository],
            one.native_id,
            one.environment,
            meanings.is_production(one.environment),
            one.ref,
            one.sha,
            accounts.id(one.creator),
            one.created,
            one.finished,
            one.state,
            one.url,
            Deployment.Origin.DEPLOYMENT.value,
        )
        for one in records
    ]
    # what is stored follows the rules (delivery.deployments), which a second reading must not undo for a moment
    key = ("repository_id", "origin", "native_id")
    return bulk.upsert(Deployment, _DEPLOYMENT, rows, key=key, keep=("production",))


def repository_ids(source: Source, natives: Iterable[str]) -> dict[str, int]:
    """The rows of repositories by their native ids. Raises UnknownRepository."""
    wanted = set(natives)
    found = dict(Repository.objects.filter(source=source, native_id__in=wanted).values_list("native_id", "pk"))
    if missing := wanted - found.keys():
        raise UnknownRepository(f"the source never told of a repository with the id {min(missing)}")
    return found


def _pull(repository: int, one: PullRequestRecord, accounts: Known) -> bulk.Row:
    return (
        repository,
        one.native_id,
        one.number,
        one.title,
        one.branch,
        accounts.id(one.author),
        one.draft,
        one.created,
        one.updated,
        instants.first_commit(one),
        one.ready,
        instants.first_review(one, accounts.bots),
        instants.approved(one, accounts.bots),
        one.merged,
        one.closed,
        one.merge_sha,
        one.additions,
        one.deletions,
        one.changed_files,
        one.labels,
        one.requested_reviewers,
        one.keys,
        one.commits_complete,
        one.url,
        None,
        one.review_requested,
        one.reopened,
        one.force_pushes,
        one.milestone,
        one.closes,
    )


def _pull_ids(repositories: set[int], records: Sequence[PullRequestRecord]) -> dict[tuple[int, int], int]:
    numbers = {record.number for record in records}
    found = PullRequest.objects.filter(repository__in=repositories, number__in=numbers)
    return {(repository, number): id for id, repository, number in found.values_list("pk", "repository_id", "number")}


def _histories(pulls: dict[int, PullRequestRecord], accounts: Known) -> None:
    """The reviews and commits of the pull requests become exactly those of the records."""
    owners = list(pulls)
    reviews = [
        (id, review.native_id, accounts.id(review.author), review.state, review.submitted)
        for id, pull in pulls.items()
        for review in pull.reviews
    ]
    commits = [
        (id, commit.sha, accounts.id(commit.author), commit.authored, commit.committed)
        for id, pull in pulls.items()
        for commit in pull.commits
    ]
    bulk.replace(Review, _REVIEW, reviews, owner="pull_request_id", key="native_id", owners=owners)
    bulk.replace(Commit, _COMMIT, commits, owner="pull_request_id", key="sha", owners=owners)
