"""An issue as JSON: only the fields asked for, with the small nouns made once per request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import orjson

from simulator.jira import dates, text, users, words
from simulator.jira.call import Call
from simulator.records import Issue, Sprint, Status, Team

EXPAND = "operations,versionedRepresentations,editmeta,changelog,renderedFields"


@dataclass(slots=True)
class Shape:
    """What issues of one answer share, ready as bytes."""

    call: Call
    zone: tzinfo
    made: dict[tuple[str, str | int | None], orjson.Fragment] = field(default_factory=dict)
    found_sprints: dict[int, Sprint] | None = None

    def once(self, kind: str, name: str | int | None, make: Callable[[], object]) -> orjson.Fragment:
        known = self.made.get((kind, name))
        if known is None:
            known = self.made[kind, name] = orjson.Fragment(orjson.dumps(make()))
        return known

    def stamp(self, when: datetime | None) -> str | None:
        return dates.stamp(when, self.zone) if when else None

    def milliseconds(self, when: datetime) -> int:
        return dates.milliseconds(when)

    def user(self, id: str | None) -> orjson.Fragment | None:
        person = self.call.jira.person(id)
        return self.once("user", id, lambda: users.user(self.call, person)) if person else None

    def status(self, status: Status) -> orjson.Fragment:
        return self.once("status", status.id, lambda: words.status(self.call, status))

    def type(self, name: str) -> orjson.Fragment:
        return self.once("type", name, lambda: words.issue_type(self.call, name))

    def project(self, key: str) -> orjson.Fragment:
        return self.once("project", key, lambda: words.project(self.call, self.team(key)))

    def team(self, project: str) -> Team:
        return next(team for team in self.call.jira.world.teams if team.project == project)

    def sprint(self, id: int) -> orjson.Fragment:
        return self.once("sprint", id, lambda: words.sprint(self.call, self.sprints()[id]))

    def sprints(self) -> dict[int, Sprint]:
        if self.found_sprints is None:
            world, now = self.call.jira.world, self.call.now
            shown = (id for board in world.boards(now) for id in board.shows)
            boards = {*(team.board_id for team in world.teams), *shown}
            self.found_sprints = {sprint.id: sprint for id in boards for sprint in world.sprints(id, now)}
        return self.found_sprints

    def near(self, key: str) -> orjson.Fragment | None:
        """A parent or linked issue in short; null when it may not be seen."""
        issue = self.call.find(key)
        return self.once("near", key, lambda: in_short(self, issue)) if issue else None


def in_short(shape: Shape, issue: Issue) -> dict[str, object]:
    fields = {
        "summary": issue.title,
        "status": shape.status(issue.status),
        "priority": words.priority(shape.call),
        "issuetype": shape.type(issue.type),
    }
    return {"id": str(issue.id), "key": issue.key, "self": f"{shape.call.api}/issue/{issue.id}", "fields": fields}


def description(shape: Shape, issue: Issue) -> object:
    return text.document(issue.description) if shape.call.jira.cloud else text.wiki(issue.description)


def parent(shape: Shape, issue: Issue) -> object:
    """Data Center has ``parent`` on sub-tasks only; an epic is named in Epic Link there (J22)."""
    if issue.parent is None or not (shape.call.jira.cloud or issue.type == "Sub-task"):
        return None
    return shape.near(issue.parent)


def epic_link(shape: Shape, issue: Issue) -> object:
    return issue.parent if issue.type not in ("Sub-task", "Epic") else None


def links(shape: Shape, issue: Issue) -> list[object]:
    api = shape.call.api
    kind = {
        "id": "10000",
        "name": "Blocks",
        "inward": "is blocked by",
        "outward": "blocks",
        "self": f"{api}/issueLinkType/10000",
    }
    shown: list[object] = []
    for number, key in enumerate(issue.blocked_by):
        if other := shape.near(key):
            id = str(issue.id * 100 + number)
            shown.append({"id": id, "self": f"{api}/issueLink/{id}", "type": kind, "inwardIssue": other})
    return shown


def flagged(shape: Shape, issue: Issue) -> object:
    if not issue.flagged:
        return None
    return [{"self": f"{shape.call.api}/customFieldOption/10019", "value": "Impediment", "id": "10019"}]


def resolution(shape: Shape, issue: Issue) -> object:
    if issue.resolved is None:
        return None
    name = "Won't Do" if issue.status.name == "Won't Do" else "Done"
    return shape.once("resolution", name, lambda: words.resolution(shape.call, name))


def category_changed(shape: Shape, issue: Issue) -> str | None:
    """When the status last changed into its present category."""
    moves = (change.at for change in reversed(issue.changes) if change.field == "status")
    return shape.stamp(next(moves, issue.created))


Field = Callable[[Shape, Issue], object]
FIELDS: dict[str, Field] = {
    "summary": lambda shape, issue: issue.title,
    "description": description,
    "issuetype": lambda shape, issue: shape.type(issue.type),
    "project": lambda shape, issue: shape.project(issue.project),
    "status": lambda shape, issue: shape.status(issue.status),
    "statusCategory": lambda shape, issue: words.category(shape.call, issue.status.category),
    "statuscategorychangedate": category_changed,
    "priority": lambda shape, issue: shape.once("priority", 3, lambda: words.priority(shape.call)),
    "resolution": resolution,
    "resolutiondate": lambda shape, issue: shape.stamp(issue.resolved),
    "created": lambda shape, issue: shape.stamp(issue.created),
    "updated": lambda shape, issue: shape.stamp(issue.updated),
    "duedate": lambda shape, issue: issue.due and issue.due.isoformat(),
    "reporter": lambda shape, issue: shape.user(issue.reporter),
    "creator": lambda shape, issue: shape.user(issue.reporter),
    "assignee": lambda shape, issue: shape.user(issue.assignee),
    "labels": lambda shape, issue: issue.labels,
    "components": lambda shape, issue: [words.component(shape.call, name) for name in issue.components],
    "fixVersions": lambda shape, issue: [words.version(shape.call, name) for name in issue.fix_versions],
    "issuelinks": links,
    "subtasks": lambda shape, issue: [],
    "parent": parent,
}


def fields_of(call: Call, asked: Iterable[str]) -> list[tuple[str, Field]]:
    """The fields a request names, in Jira's own words: ids, ``*all``, ``*navigable`` and ``-minus``."""
    ids = call.jira.ids
    every: dict[str, Field] = FIELDS | {
        ids.points: lambda shape, issue: issue.points,
        ids.sprint: lambda shape, issue: [shape.sprint(id) for id in issue.sprints] or None,
        ids.epic: epic_link,
        ids.flagged: flagged,
        ids.rank: lambda shape, issue: f"0|i{issue.id:05x}:",
    }
    names = [name.strip() for name in asked if name.strip()]
    wide = any(name in ("*all", "*navigable") or name.startswith("-") for name in names)
    dropped = {name[1:] for name in names if name.startswith("-")}
    return [(id, make) for id, make in every.items() if (wide or id in names) and id not in dropped]


def issue(shape: Shape, issue: Issue, fields: list[tuple[str, Field]]) -> dict[str, object]:
    """One issue; Data Center leaves ``parent`` out where there is none, as Cloud does."""
    body: dict[str, object] = {}
    for id, make in fields:
        value = make(shape, issue)
        if value is not None or id != "parent":
            body[id] = value
    return {
        "expand": EXPAND,
        "id": str(issue.id),
        "self": f"{shape.call.api}/issue/{issue.id}",
        "key": issue.key,
        "fields": body,
    }
