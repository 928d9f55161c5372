"""Records for tests: everything has a default, a test says only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from delivery.core.records import (
    AccountRecord,
    CommitRecord,
    DeploymentRecord,
    FieldChangeRecord,
    PullRequestRecord,
    RepositoryRecord,
    ReviewRecord,
    StatusRecord,
    TransitionRecord,
    WorkItemRecord,
)

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
STATUSES = {
    "To Do": StatusRecord("1", "To Do", "new"),
    "In Progress": StatusRecord("3", "In Progress", "indeterminate"),
    "In Review": StatusRecord("4", "In Review", "indeterminate"),
    "Done": StatusRecord("5", "Done", "done"),
    "Released": StatusRecord("6", "Released", "done"),
    "Won't Do": StatusRecord("7", "Won't Do", "done"),
}
_numbers = count(1)


def day(number: float) -> datetime:
    """Monday morning plus ``number`` days."""
    return MONDAY + timedelta(days=number)


def account(native_id: str, **fields: Any) -> AccountRecord:
    return AccountRecord(native_id, **({"name": native_id.title()} | fields))


def status(name: str) -> StatusRecord:
    """A status that Jira lists, or one that it no longer knows."""
    return STATUSES.get(name) or StatusRecord(f"gone-{name}", name, "")


def path(*steps: str | float, author: str | None = None) -> tuple[TransitionRecord, ...]:
    """Transitions from ``"To Do", 1, "In Progress", 3, "Done"``: statuses with the day of each move between them."""
    moves = zip(steps[0:-2:2], steps[1:-1:2], steps[2::2], strict=True)
    return tuple(
        transition(str(before), float(at), str(after), native_id=str(place), author=author)
        for place, (before, at, after) in enumerate(moves, 1)
    )


def transition(
    before: str, at: float, after: str, *, native_id: str = "", author: str | None = None
) -> TransitionRecord:
    left, entered = status(before), status(after)
    return TransitionRecord(
        native_id or str(next(_numbers)), day(at), left.native_id, left.name, entered.native_id, entered.name, author
    )


def change(field: str, at: float, before: str, after: str) -> FieldChangeRecord:
    return FieldChangeRecord(f"{next(_numbers)}:{field}", day(at), field, before, after)


def item(native_id: str = "", **fields: Any) -> WorkItemRecord:
    """An item, in the status its last transition led to."""
    number = next(_numbers)
    moves: tuple[TransitionRecord, ...] = fields.get("transitions", ())
    now = fields.pop("now", moves[-1].to_name if moves else "To Do")
    project = fields.get("project", "ABC")
    values: dict[str, Any] = {
        "native_id": native_id or str(10_000 + number),
        "key": f"{project}-{number}",
        "project": project,
        "title": f"Item {number}",
        "type": "Story",
        "level": 0,
        "status_id": status(now).native_id,
        "status": now,
        "status_category": status(now).category,
        "created": day(0),
        "updated": day(0),
        "resolved": None,
        "reporter": None,
        "assignee": None,
        "story_points": None,
        "parent_key": "",
        "url": "",
        "flagged": False,
        "transitions": (),
        "changes": (),
    }
    values |= dict.fromkeys(("labels", "components", "fix_versions", "sprints", "blocked_by"), ())
    return WorkItemRecord(**(values | fields))


def repository(name: str = "acme/ranker", native_id: str = "900") -> RepositoryRecord:
    return RepositoryRecord(native_id, name, "main", archived=False, url="")


def pull(number: int = 1, **fields: Any) -> PullRequestRecord:
    values: dict[str, Any] = {
        "native_id": str(70_000 + number),
        "repository": "900",
        "number": number,
        "title": f"Change {number}",
        "branch": f"change-{number}",
        "author": "ann",
        "draft": False,
        "created": day(1),
        "updated": day(1),
        "ready": day(1),
        "merged": None,
        "closed": None,
        "merge_sha": "",
        "additions": None,
        "deletions": None,
        "changed_files": None,
        "labels": (),
        "requested_reviewers": (),
        "keys": (),
        "url": "",
        "commits": (),
        "commits_complete": True,
        "reviews": (),
    }
    return PullRequestRecord(**(values | fields))


def review(author: str | None, state: str, at: float) -> ReviewRecord:
    return ReviewRecord(str(next(_numbers)), author, state, day(at))


def commit(at: float, author: str | None = "ann") -> CommitRecord:
    return CommitRecord(f"{next(_numbers):040x}", author, day(at), day(at), ())


def deployment(at: float, **fields: Any) -> DeploymentRecord:
    values: dict[str, Any] = {
        "native_id": str(next(_numbers)),
        "repository": "900",
        "environment": "production",
        "ref": "main",
        "sha": "",
        "creator": None,
        "created": day(at),
        "finished": day(at),
        "state": "success",
    }
    return DeploymentRecord(**(values | fields))
