"""What the pretend organisation is made of, as both servers (Jira and GitHub) read it.

Every instant is an aware UTC ``datetime``. A record shows the world as of the ``now`` it was asked for:
nothing later than ``now`` is in it. People are named by ``Person.id`` throughout; a server turns that into
an account id, a user name or a GitHub login.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from simulator.hub_records import Happening


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the pretend organisation, with every identity the tools know them by."""

    id: str
    name: str
    email: str
    role: str  # director, manager, lead, engineer, executive, admin
    timezone: str
    jira_account_id: str  # Cloud
    jira_name: str  # Data Center user name
    github_login: str
    github_id: int
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """``person`` in ``team`` over the half-open days [start, end); ``end`` None is open. ``share`` in (0, 1]."""

    person: str
    team: str
    role: str  # manager, lead, engineer
    start: date
    end: date | None
    share: float


@dataclass(frozen=True, slots=True)
class TimeOff:
    """Days away, half-open [start, end)."""

    person: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class OpenRole:
    """A place in ``team`` that nobody fills yet; somebody is expected from ``start``."""

    team: str
    title: str
    start: date
    share: float
    ramp_weeks: int


@dataclass(frozen=True, slots=True)
class Team:
    slug: str
    name: str
    group: str  # slug of the group
    timezone: str
    project: str  # Jira project key
    board_id: int
    repositories: tuple[str, ...]  # "owner/name"
    manager: str
    lead: str


@dataclass(frozen=True, slots=True)
class Group:
    slug: str
    name: str
    director: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of an issue's changelog: ``field`` is Jira's name of it.

    ``status``: ids and names of statuses. ``Sprint``: comma lists of sprint ids and names. ``Flagged``: "Impediment"
    or empty. ``IssueParentAssociation`` (Cloud) / ``Epic Link`` (Data Center) are both written from ``parent``.
    ``assignee``: person ids (the server renders account ids and names). ``Key`` and ``project``: moves.
    """

    id: int
    at: datetime
    author: str | None
    field: str  # status, Sprint, Flagged, parent, assignee, labels, summary, Key, project, resolution
    from_id: str | None
    from_text: str | None
    to_id: str | None
    to_text: str | None


@dataclass(frozen=True, slots=True)
class Status:
    id: str
    name: str
    category: str  # new, indeterminate, done


@dataclass(frozen=True, slots=True)
class Issue:
    id: int
    key: str
    project: str
    type: str  # Epic, Story, Task, Bug, Experiment, Incident, Sub-task
    title: str
    description: str
    status: Status
    created: datetime
    updated: datetime
    resolved: datetime | None
    reporter: str | None
    assignee: str | None
    points: float | None
    parent: str | None  # key of the epic (or of the parent of a sub-task)
    labels: tuple[str, ...]
    components: tuple[str, ...]
    fix_versions: tuple[str, ...]
    sprints: tuple[int, ...]  # every sprint it was ever in, oldest first
    flagged: bool
    due: date | None  # an epic's target date
    blocked_by: tuple[str, ...]  # keys
    changes: tuple[Change, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Sprint:
    id: int
    board_id: int
    name: str
    state: str  # future, active, closed
    start: datetime | None
    end: datetime | None
    completed: datetime | None
    goal: str


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    author: str | None
    email: str
    authored: datetime
    committed: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Review:
    id: int
    author: str | None
    state: str  # APPROVED, CHANGES_REQUESTED, COMMENTED
    submitted: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Pull:
    id: int
    number: int
    repository: str
    title: str
    body: str
    branch: str
    author: str | None
    draft: bool
    created: datetime
    updated: datetime
    ready: datetime | None  # the ready_for_review event; None when it was never a draft
    merged: datetime | None
    closed: datetime | None
    merged_by: str | None
    merge_sha: str | None
    additions: int
    deletions: int
    changed_files: int
    labels: tuple[str, ...]
    requested_reviewers: tuple[str, ...]
    commits: tuple[Commit, ...]
    reviews: tuple[Review, ...]
    milestone: str | None = None
    closes: tuple[str, ...] = ()  # issues of GitHub, owner/name#number
    happened: tuple[Happening, ...] = ()  # besides what the other fields say; oldest first


@dataclass(frozen=True, slots=True)
class Deployment:
    id: int
    repository: str
    environment: str  # production, staging
    ref: str
    sha: str
    creator: str | None
    created: datetime
    statuses: tuple[tuple[str, datetime], ...]  # (state, at), oldest first: in_progress, then success, failure or error


@dataclass(frozen=True, slots=True)
class Repository:
    id: int
    full_name: str
    team: str
    default_branch: str
    created: datetime
    pushed: datetime
    archived: bool
    updated: datetime | None = None  # None: when it was pushed to


@dataclass(frozen=True, slots=True)
class KeyResult:
    title: str
    unit: str  # number, percent, yes_no
    start: float
    target: float
    current: float


@dataclass(frozen=True, slots=True)
class Goal:
    slug: str
    title: str
    level: str  # company, group, team
    owner: str
    group: str | None
    team: str | None
    parent: str | None
    start: date
    end: date
    ambition: str  # committed, stretch
    key_results: tuple[KeyResult, ...]


@dataclass(frozen=True, slots=True)
class Commitment:
    """A target date given on a day, and why it moved (``cause`` empty for the first)."""

    given: date
    target: date
    by: str
    cause: str
    note: str


@dataclass(frozen=True, slots=True)
class CheckIn:
    day: date
    by: str
    status: str  # on_track, at_risk, off_track
    confidence: int  # 0-100
    note: str


@dataclass(frozen=True, slots=True)
class Deliverable:
    slug: str
    title: str
    kind: str  # feature, platform, experiment, upkeep
    team: str
    owner: str
    goal: str | None
    epic: str  # key: its scope is this epic's children
    start: date
    commitments: tuple[Commitment, ...]
    check_ins: tuple[CheckIn, ...]
    depends_on: tuple[str, ...]  # slugs
    story: str  # what it is there to show: grows, watermelon, overloaded, healthy, ... (for the demo's tests)
    size: tuple[int, int] | None = None  # items expected, low and high, of what has none yet


@dataclass(frozen=True, slots=True)
class Plan:
    """What the demo's managers typed into Headway by ``day``: everything that no tool knows."""

    day: date
    company: str
    groups: tuple[Group, ...]
    teams: tuple[Team, ...]
    people: tuple[Person, ...]
    memberships: tuple[Membership, ...]
    time_off: tuple[TimeOff, ...]
    holidays: tuple[date, ...]
    goals: tuple[Goal, ...]
    deliverables: tuple[Deliverable, ...]
    open_roles: tuple[OpenRole, ...] = ()
