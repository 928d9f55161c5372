"""What a connector found, in the words of the field: plain records, before any row.

Every instant is an aware UTC ``datetime``. ``None`` means the source did not say; it never means zero.
People are named by the source's own id (Jira account id or user key, GitHub node number as text).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """Someone as a source knows them."""

    native_id: str
    name: str
    login: str = ""
    email: str = ""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """A status of the source. ``category`` is the source's own: new, indeterminate, done or empty."""

    native_id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class TransitionRecord:
    """A change of status. Ids and names are the source's own; a name may outlive its id."""

    native_id: str
    at: datetime
    from_id: str
    from_name: str
    to_id: str
    to_name: str
    author: str | None


@dataclass(frozen=True, slots=True)
class FieldChangeRecord:
    """A change that later numbers rest on: ``field`` is one of sprint, parent, flagged, key, points."""

    native_id: str
    at: datetime
    field: str
    from_value: str
    to_value: str


@dataclass(frozen=True, slots=True)
class WorkItemRecord:
    """A Jira or GitHub issue with its whole status history, oldest transition first.

    ``level`` is the hierarchy: 1 an epic, 0 an item, -1 a sub-task. ``parent`` and ``blocked_by`` are native ids or
    keys as the source gives them (``parent_key`` the key). ``resolved`` is the source's own word on the end and only
    a check: the finish is derived from the transitions.
    """

    native_id: str
    key: str
    project: str
    title: str
    type: str
    level: int
    status_id: str
    status: str
    status_category: str
    created: datetime
    updated: datetime
    resolved: datetime | None
    reporter: str | None
    assignee: str | None
    story_points: float | None
    parent_key: str
    labels: tuple[str, ...]
    components: tuple[str, ...]
    fix_versions: tuple[str, ...]
    sprints: tuple[str, ...]
    flagged: bool
    blocked_by: tuple[str, ...]
    url: str
    transitions: tuple[TransitionRecord, ...]
    changes: tuple[FieldChangeRecord, ...]
    accounts: tuple[AccountRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class SprintRecord:
    """``boards``: native ids of the boards that show it, where they were asked; one sprint may sit on several (J29)."""

    native_id: str
    name: str
    state: str  # future, active, closed
    start: datetime | None
    end: datetime | None
    completed: datetime | None
    goal: str
    boards: tuple[str, ...] | None = None  # None: not asked, as where an issue's own field names the sprint


@dataclass(frozen=True, slots=True)
class BoardRecord:
    """``kind`` is the source's own: scrum, kanban, simple."""

    native_id: str
    name: str
    kind: str
    project: str  # a project's key


@dataclass(frozen=True, slots=True)
class WorklogRecord:
    """Time somebody wrote down on an item. ``removed``: it is not there any more."""

    native_id: str
    item: str  # native id
    author: str | None
    started: datetime | None
    seconds: int | None
    updated: datetime
    removed: bool = False


@dataclass(frozen=True, slots=True)
class GoneRecord:
    """Asked for by its name, it is not there any more, or hidden from the token: the two look the same (J16).

    ``kind``: issues or pulls, as of the slice.
    """

    kind: str
    native_id: str


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    native_id: str
    name: str  # owner/name
    default_branch: str
    archived: bool
    url: str


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """Facts of a commit, never its content. ``author`` is an account id, ``None`` when the source knows none."""

    sha: str
    author: str | None
    authored: datetime
    committed: datetime
    keys: tuple[str, ...]  # issue keys its message names


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """``state`` is approved, changes_requested, commented or dismissed; a pending review is no review."""

    native_id: str
    author: str | None
    state: str
    submitted: datetime


@dataclass(frozen=True, slots=True)
class PullRequestRecord:
    """A pull request as of its last reading. ``additions``, ``deletions`` are ``None`` until known, never 0."""

    native_id: str
    repository: str  # native id
    number: int
    title: str
    branch: str
    author: str | None
    draft: bool
    created: datetime
    updated: datetime
    ready: datetime | None
    merged: datetime | None
    closed: datetime | None
    merge_sha: str
    additions: int | None
    deletions: int | None
    changed_files: int | None
    labels: tuple[str, ...]
    requested_reviewers: tuple[str, ...]
    keys: tuple[str, ...]  # issue keys in title, branch, body or commits, upper case, first found first
    url: str
    commits: tuple[CommitRecord, ...]
    commits_complete: bool
    reviews: tuple[ReviewRecord, ...]
    accounts: tuple[AccountRecord, ...] = ()
    review_requested: datetime | None = None  # when somebody was first asked for a review
    reopened: datetime | None = None  # the last time
    force_pushes: int | None = None
    milestone: str = ""
    closes: tuple[str, ...] = ()  # GitHub issues it says it closes, owner/name#number


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    """``state`` is success, failure, error, in_progress or unknown; ``finished`` the first terminal status."""

    native_id: str
    repository: str
    environment: str
    ref: str
    sha: str
    creator: str | None
    created: datetime
    finished: datetime | None
    state: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release, or a tag without one (``tag_only``). A draft has no ``published`` and is left out by readers (G20)."""

    native_id: str
    repository: str
    tag: str
    name: str
    sha: str
    author: str | None
    created: datetime
    published: datetime | None
    prerelease: bool
    tag_only: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class WorkflowRunRecord:
    """One attempt of a workflow run: a later attempt overwrites it at the source, so each is a row here (G19).

    ``conclusion`` is the source's own word, empty while it runs.
    """

    native_id: str
    repository: str
    attempt: int
    workflow: str
    event: str
    branch: str
    sha: str
    actor: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    conclusion: str
    url: str = ""


Record = (
    AccountRecord
    | StatusRecord
    | WorkItemRecord
    | SprintRecord
    | BoardRecord
    | WorklogRecord
    | GoneRecord
    | ReleaseRecord
    | WorkflowRunRecord
    | RepositoryRecord
    | PullRequestRecord
    | DeploymentRecord
)
