"""One Jira site, and one request to it by somebody."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from simulator.jira.fields import CustomIds, custom_ids
from simulator.jira.snapshots import Snapshots
from simulator.organisation import Clock, OneAtATime
from simulator.records import Issue, Person, Team
from simulator.tokens import Token
from simulator.web import Refused, Reply, Request, json_reply

Found = TypeVar("Found")
FIRST_PROJECT = 10_000
KEPT_LISTINGS = 8  # of searches that are being paged through


@dataclass(slots=True)
class Jira:
    """One site for as long as the server lives."""

    world: OneAtATime
    clock: Clock
    tokens: tuple[Token, ...]
    cloud: bool
    people: dict[str, Person] = field(init=False)
    snapshots: Snapshots = field(init=False)
    kept: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)
    keeping: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.people = {person.id: person for person in self.world.people}
        self.snapshots = Snapshots(self.world)

    @property
    def ids(self) -> CustomIds:
        return custom_ids(self.cloud)

    def person(self, id: str | None) -> Person | None:
        return self.people.get(id) if id else None

    def keep(self, key: tuple[object, ...], make: Callable[[], Sequence[Found]]) -> Sequence[Found]:
        """A listing made once for all of its pages; the oldest of a few gives way."""
        with self.keeping:
            known: Sequence[Found] | None = self.kept.get(key)
            if known is None:
                known = self.kept[key] = make()
                while len(self.kept) > KEPT_LISTINGS:
                    self.kept.popitem(last=False)
            return known

    def project_id(self, key: str) -> str:
        """Projects are numbered in the order of the teams; an unknown key gets a number of its own kind."""
        keys = [team.project for team in self.world.teams]
        return str(FIRST_PROJECT + keys.index(key)) if key in keys else str(FIRST_PROJECT - 1)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: which site, who asks, and when."""

    jira: Jira
    request: Request
    token: Token
    now: datetime
    zone: tzinfo
    revision: int = 0  # of the world, when the walk this belongs to began

    @property
    def api(self) -> str:
        return f"{self.request.base}/rest/api/{3 if self.jira.cloud else 2}"

    @property
    def agile(self) -> str:
        return f"{self.request.base}/rest/agile/1.0"

    def teams(self) -> list[Team]:
        """The teams whose project the asker may see."""
        return [team for team in self.jira.world.teams if self.may_see(team.project)]

    def may_see(self, project: str, issue: int = 0) -> bool:
        """Whether the asker may see a project, or an issue in it (J17)."""
        return self.token.sees_project(project) and not self.jira.world.hides(self.token.secret, project, issue)

    def project(self, key_or_id: str) -> Team | None:
        """The team behind a project by its id or any key it had, when it may be seen."""
        key_or_id = self.jira.world.project_now(key_or_id)
        named = (team for team in self.teams() if key_or_id in (team.project, self.jira.project_id(team.project)))
        return next(named, None)

    def find(self, key_or_id: str) -> Issue | None:
        """The issue, when it is there and may be seen."""
        issue = self.jira.snapshots.issue(key_or_id, self.now)
        return issue if issue and self.may_see(issue.project, issue.id) else None

    def issue(self, key_or_id: str) -> Issue:
        """The issue, or the refusal that a missing and a hidden one share."""
        issue = self.find(key_or_id)
        if issue is None:
            raise refusal(404, "Issue does not exist or you do not have permission to see it.")
        return issue


def refusal(status: int, *messages: str) -> Refused:
    """Jira's error body: a list of messages and an object of field errors."""
    return Refused(error(status, *messages))


def error(status: int, *messages: str) -> Reply:
    return json_reply({"errorMessages": list(messages), "errors": {}}, status)


def page_bounds(call: Call, *, default: int, most: int) -> tuple[int, int]:
    """``startAt`` and ``maxResults`` of the query, the latter capped without a word."""
    start = max(0, call.request.number("startAt", 0))
    return start, min(max(0, call.request.number("maxResults", default)), most)
