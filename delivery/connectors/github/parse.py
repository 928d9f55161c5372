"""GitHub's pull requests, deployments, issues and people as records. What is missing is None, never zero (G3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery.connectors.contract import Gap
from delivery.connectors.instants import instant
from delivery.connectors.keys import keys
from delivery.core.records import (
    AccountRecord,
    CommitRecord,
    DeploymentRecord,
    PullRequestRecord,
    RepositoryRecord,
    ReviewRecord,
)

Json = dict[str, Any]
VERDICTS = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes_requested",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
ENDS = {"SUCCESS": "success", "FAILURE": "failure", "ERROR": "error"}
UNENDED = {"INACTIVE", "IN_PROGRESS", "PENDING", "QUEUED", "WAITING"}
PROMISED = ("labels", "reviewRequests")


@dataclass(slots=True)
class Reading:
    """The repository being read and the people met so far."""

    repository: str  # native id
    full_name: str
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    bots: frozenset[str] = frozenset()  # logins in lower case that are machines though GitHub does not say so
    gaps: list[Gap] = field(default_factory=list)  # what of the last nodes was not as GitHub promises

    def account(self, actor: Json | None) -> str | None:
        """The native id of a user, bot or mannequin; None for a ghost and for teams (G21)."""
        if not actor or not actor.get("login"):
            return None
        number = actor.get("databaseId") or actor.get("id")
        id = str(number or actor["login"])
        if id not in self.accounts:
            self.accounts[id] = account(actor, id, self.bots)
        return id

    def note(self, what: str, why: str) -> None:
        """Something is used, but not as it is at GitHub: it is told, and asked for again at the next reading."""
        self.gaps.append(Gap(what, why))

    def taken(self) -> list[Gap]:
        """The gaps that were noted since the last time."""
        found, self.gaps = self.gaps, []
        return found

    def met(self, ids: Iterable[str | None]) -> tuple[AccountRecord, ...]:
        """The records of these people, each once."""
        return tuple(self.accounts[id] for id in dict.fromkeys(ids) if id)


def account(actor: Json, id: str, bots: frozenset[str] = frozenset()) -> AccountRecord:
    """Someone from GraphQL or REST; GraphQL drops the ``[bot]`` that REST puts behind a bot's login (G21)."""
    login = str(actor["login"])
    is_bot = "Bot" in (actor.get("__typename"), actor.get("type")) or login.endswith("[bot]")
    if is_bot and not login.endswith("[bot]"):
        login += "[bot]"
    is_bot = is_bot or login.lower() in bots
    return AccountRecord(id, actor.get("name") or login, login, actor.get("email") or "", is_bot)


def repository(row: Json) -> RepositoryRecord:
    """A repository from REST; its id outlives its name (G10)."""
    return RepositoryRecord(
        native_id=str(row["id"]),
        name=str(row["full_name"]),
        default_branch=row.get("default_branch") or "",
        archived=bool(row.get("archived")),
        url=row.get("html_url") or "",
    )


def pull_request(node: Json, reading: Reading) -> PullRequestRecord:
    """A pull request from GraphQL, with its commits and reviews."""
    created, what = needed(node["createdAt"]), f"{reading.full_name}#{node['number']}"
    if any(node.get(part, "") is None for part in PROMISED):
        reading.note(f"{what} labels", "GitHub kept back its labels or the reviewers it asked.")
    commits = tuple(commit(row["commit"], reading) for row in nodes(node["commits"]) if row.get("commit"))
    reviews = tuple(row for row in (review(row, reading, what) for row in nodes(node["reviews"])) if row)
    requested = [reading.account(row.get("requestedReviewer")) for row in nodes(node.get("reviewRequests"))]
    happened = nodes(node.get("timelineItems"))
    author, reviewers = reading.account(node.get("author")), tuple(id for id in requested if id)
    branch, title = node.get("headRefName") or "", node.get("title") or ""
    people = (author, *reviewers, *(row.author for row in reviews), *(row.author for row in commits))
    named = dict.fromkeys(keys((title, node.get("body")), branch))
    for row in commits:
        named.update(dict.fromkeys(row.keys))
    return PullRequestRecord(
        native_id=native_id(node),
        repository=reading.repository,
        number=int(node["number"]),
        title=title,
        branch=branch,
        author=author,
        draft=bool(node.get("isDraft")),
        created=created,
        updated=instant(node.get("updatedAt")) or created,
        ready=None if node.get("isDraft") else ready(happened, created),
        merged=instant(node.get("mergedAt")),
        closed=instant(node.get("closedAt")),
        merge_sha=(node.get("mergeCommit") or {}).get("oid") or "",
        additions=node.get("additions"),
        deletions=node.get("deletions"),
        changed_files=node.get("changedFiles"),
        labels=tuple(row["name"] for row in nodes(node.get("labels"))),
        requested_reviewers=reviewers,
        keys=tuple(named),
        url=node.get("url") or "",
        commits=commits,
        commits_complete=len(commits) >= int(node["commits"].get("totalCount") or 0),
        reviews=reviews,
        accounts=reading.met(people),
        review_requested=min(_times(happened, "ReviewRequestedEvent"), default=None),
        reopened=max(_times(happened, "ReopenedEvent"), default=None),
        force_pushes=len(_times(happened, "HeadRefForcePushedEvent")),
        milestone=(node.get("milestone") or {}).get("title") or "",
        closes=tuple(name for row in nodes(node.get("closingIssuesReferences")) if (name := key_of(row))),
    )


def ready(happened: list[Json], created: datetime) -> datetime:
    """When it was first no draft: at the first ready event, else from the start (G6).

    A pull request that was opened ready and drafted later has the drafting before it.
    """
    for event in happened:
        if event.get("__typename") == "ConvertToDraftEvent":
            return created
        if event.get("__typename") == "ReadyForReviewEvent":
            return instant(event.get("createdAt")) or created
    return created


def key_of(row: Json | None) -> str:
    """An issue's name, owner/name#number; empty for one that the token may not see."""
    name = ((row or {}).get("repository") or {}).get("nameWithOwner")
    return f"{name}#{row['number']}" if row and name else ""


def commit(row: Json, reading: Reading) -> CommitRecord:
    """A commit; its author is None when GitHub knows no account for the e-mail (G21)."""
    authored = needed(row["authoredDate"])
    return CommitRecord(
        sha=str(row["oid"]),
        author=reading.account((row.get("author") or {}).get("user")),
        authored=authored,
        committed=instant(row.get("committedDate")) or authored,
        keys=keys((row.get("message"),)),
    )


def review(row: Json, reading: Reading, what: str) -> ReviewRecord | None:
    """A review of the pull request ``what``; None for a pending one, which nobody but its author sees (G7)."""
    submitted, said = instant(row.get("submittedAt")), str(row.get("state") or "")
    if submitted is None or said == "PENDING":
        return None
    state = VERDICTS.get(said, "commented")  # a verdict of tomorrow is a review all the same
    if said not in VERDICTS:
        reading.note(f"{what} review", f"GitHub calls a review {said!r}, which Headway does not know: a comment, here.")
    return ReviewRecord(native_id(row), reading.account(row.get("author")), state, submitted)


def deployment(node: Json, reading: Reading) -> DeploymentRecord:
    """A deployment from GraphQL, finished at its first terminal status (G18)."""
    statuses = nodes(node["statuses"])
    state, finished = end(statuses)
    odd = {str(row.get("state")) for row in statuses} - ENDS.keys() - UNENDED
    if odd:
        why = f"GitHub calls its state {min(odd)!r}, which Headway does not know."
        reading.note(f"deployment {native_id(node)}", why)
    if (node["statuses"].get("pageInfo") or {}).get("hasNextPage"):
        reading.note(f"deployment {native_id(node)}", "It has more than 100 statuses: its end may be another one.")
    return DeploymentRecord(
        native_id=native_id(node),
        repository=reading.repository,
        environment=node.get("environment") or "",
        ref=(node.get("ref") or {}).get("name") or "",
        sha=node.get("commitOid") or "",
        creator=reading.account(node.get("creator")),
        created=needed(node["createdAt"]),
        finished=finished,
        state=state,
    )


def end(statuses: Iterable[Json]) -> tuple[str, datetime | None]:
    """How and when a deployment ended. ``INACTIVE`` only says that another one came after (G18)."""
    dated = [(at, str(row.get("state"))) for row in statuses if (at := instant(row.get("createdAt")))]
    for at, state in sorted(dated):
        if state in ENDS:
            return ENDS[state], at
    running = any(state != "INACTIVE" for _, state in dated)
    return ("in_progress" if running else "unknown"), None


def native_id(node: Json) -> str:
    """The number of a node as text; it may exceed 2^31 (G22), where only the full one is right."""
    return str(node.get("fullDatabaseId") or node.get("databaseId") or node.get("id"))


def nodes(connection: Json | None) -> list[Json]:
    return [node for node in (connection or {}).get("nodes") or () if node]


def _times(happened: list[Json], kind: str) -> list[datetime]:
    return [at for row in happened if row.get("__typename") == kind and (at := instant(row.get("createdAt")))]


def needed(text: Any) -> datetime:
    at = instant(text)
    if at is None:
        raise ValueError(f"GitHub gave no instant where there always is one: {text!r}")
    return at
