"""Rows for tests: everything has a default, a test says only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from delivery.models import Commitment, Deliverable, Repository, ScopedItem, Source, TeamScope, WorkItem
from people.models import Person, Role
from teams.models import Group, Membership, Team

TODAY = date(2026, 11, 23)
PASSWORD = "correct horse battery"  # noqa: S105
_numbers = count(1)


def at(day: date, hour: int = 12) -> datetime:
    """An instant on ``day``, UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def person(name: str = "", role: str = Role.ENGINEER, **fields: Any) -> Person:
    number = next(_numbers)
    return Person.objects.create_user(
        fields.pop("email", f"person{number}@example.test"),
        fields.pop("password", PASSWORD),
        name=name or f"Person {number}",
        role=role,
        **fields,
    )


def group(name: str = "Machine Learning", **fields: Any) -> Group:
    return Group.objects.create(name=name, slug=fields.pop("slug", f"group-{next(_numbers)}"), **fields)


def team(name: str = "ML Platform", **fields: Any) -> Team:
    in_group = fields.pop("group", None) or group()
    return Team.objects.create(name=name, slug=fields.pop("slug", f"team-{next(_numbers)}"), group=in_group, **fields)


def member(of: Team, who: Person | None = None, **fields: Any) -> Person:
    who = who or person()
    Membership.objects.create(person=who, team=of, start=fields.pop("start", TODAY - timedelta(days=400)), **fields)
    return who


def source(kind: str = "jira", **fields: Any) -> Source:
    return Source.objects.create(
        name=fields.pop("name", f"Source {next(_numbers)}"), kind=kind, url="https://jira.example.test", **fields
    )


def project(of: Team, key: str = "ABC", in_source: Source | None = None) -> Source:
    """Make ``key`` the team's project; the source is made when none is given."""
    in_source = in_source or source(scopes=[key])
    TeamScope.objects.create(team=of, source=in_source, scope=key)
    return in_source


def repository(of: Source, name: str = "acme/ranker") -> Repository:
    return Repository.objects.create(source=of, native_id=str(next(_numbers)), name=name)


def item(of: Source, project: str = "ABC", **fields: Any) -> WorkItem:
    number = next(_numbers)
    created = fields.pop("created", at(TODAY - timedelta(days=60)))
    finished = fields.get("finished")
    values: dict[str, Any] = {
        "native_id": str(10_000 + number),
        "key": f"{project}-{number}",
        "title": f"Item {number}",
        "type": "Story",
        "kind": "feature",
        "status_id": "3",
        "status": "Done" if finished else "In Progress",
        "stage": "done" if finished else "active",
        "created": created,
        "updated": finished or created,
        "ended": finished,
    }
    return WorkItem.objects.create(source=of, project=project, **(values | fields))


def deliverable(
    of: Team, *, target: date | None = None, items: tuple[WorkItem, ...] = (), **fields: Any
) -> Deliverable:
    start = fields.pop("start", TODAY - timedelta(days=60))
    made = Deliverable.objects.create(
        team=of, title=fields.pop("title", f"Deliverable {next(_numbers)}"), start=start, **fields
    )
    if target:
        Commitment.objects.create(deliverable=made, given=start, target=target)
    ScopedItem.objects.bulk_create(ScopedItem(deliverable=made, item=one, since=one.created) for one in items)
    return made
