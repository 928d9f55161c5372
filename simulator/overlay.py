"""An organisation in which a test changes things while servers answer from it: the issues' side of Jira.

A change happens at the overlay's clock: who asks for an earlier instant (the later pages of one walk) does not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from simulator import overlay_fields
from simulator.jira_records import Board, Worklog
from simulator.organisation import Clock, OneAtATime, Organisation
from simulator.records import Issue, Sprint, Status, Team

Alter = Callable[[Issue], Issue]
FIRST_CHANGE, FIRST_WORKLOG, FIRST_ISSUE = 7_000_000_000, 40_001, 9_000_001


@dataclass(slots=True)
class Layer:
    """What was done to one issue: changes with their instants, and where it is since the last move."""

    alters: list[tuple[datetime, Alter]] = field(default_factory=list)
    deleted: datetime | None = None
    home: str = ""  # the project it moved to

    def applied(self, issue: Issue, now: datetime) -> Issue | None:
        if self.deleted is not None and self.deleted <= now:
            return None
        for at, alter in self.alters:
            if at <= now:
                issue = alter(issue)
        return issue


class Overlay(OneAtATime):
    """Thread-safe. Issues are named by any key or id; the ``clock`` is the servers' own."""

    def __init__(self, world: Organisation, clock: Clock) -> None:
        super().__init__(world)
        self.clock = clock
        self.changed = 0
        self.layers: dict[int, Layer] = {}
        self.added: dict[int, Issue] = {}
        self.keys: dict[str, int] = {}  # keys that the world does not know: of moved and added issues
        self.successors: dict[str, str] = {}  # a moved issue's former keys
        self.names: dict[str, str] = {}  # a renamed project's former keys
        self.removed: set[str] = set()  # projects
        self.hidden: set[tuple[str, str, int]] = set()  # token, project, issue
        self.logs: dict[int, Worklog] = {}
        self.more_boards: tuple[Board, ...] = ()
        self.sprints_now: dict[int, Sprint] = {}
        self.behind = timedelta()  # what searches show: the state of so long ago
        self.numbers = count(FIRST_CHANGE)

    # What the servers ask

    @property
    def revision(self) -> int:
        return self.changed + super().revision

    @property
    def lag(self) -> timedelta:
        return self.behind or super().lag

    @property
    def teams(self) -> Sequence[Team]:
        there = [team for team in self.world.teams if team.project not in self.removed]
        return [replace(team, project=self.project_now(team.project)) for team in there]

    def project_now(self, key: str) -> str:
        while key in self.names:
            key = self.names[key]
        return key

    def key_now(self, key: str) -> str:
        """The key of today of the issue that ``key`` means."""
        while key in self.successors:
            key = self.successors[key]
        project, _, number = key.rpartition("-")
        return f"{self.project_now(project)}-{number}" if project in self.names else key

    def issues(self, project: str, now: datetime) -> Sequence[Issue]:
        with self.lock:
            first = self.project_first(project)
            if first in self.removed:
                return ()
            own = [*self.world.issues(first, now), *self.guests(first, project, now)]
            shown = [found for one in own if (found := self.shown(one, now)) and found.project == project]
            return sorted(shown, key=lambda issue: (issue.created, issue.id))

    def issue(self, key_or_id: str, now: datetime) -> Issue | None:
        with self.lock:
            plain = self.plain(key_or_id, now)
            found = self.shown(plain, now) if plain else None
            return None if found and self.project_first(found.project) in self.removed else found

    def sprints(self, board_id: int, now: datetime) -> Sequence[Sprint]:
        own = [self.sprints_now.get(sprint.id, sprint) for sprint in super().sprints(board_id, now)]
        known = {sprint.id for sprint in own}
        return own + [one for one in self.sprints_now.values() if one.board_id == board_id and one.id not in known]

    def worklogs(self, now: datetime) -> Sequence[Worklog]:
        return sorted(self.logs.values(), key=lambda log: (log.removed or log.updated, log.id))

    def boards(self, now: datetime) -> Sequence[Board]:
        return self.more_boards

    def hides(self, secret: str, project: str, issue: int = 0) -> bool:
        asked = ((one, place, number) for one in ("", secret) for place, number in ((project, 0), ("", issue)))
        return any(each in self.hidden for each in asked if each[1] or each[2])

    # What a test does

    def edit(self, key_or_id: str, *, author: str | None = None, quiet: bool = False, **fields: Any) -> Issue:
        """Set fields of an issue now; the changelog tells it and ``updated`` moves, unless ``quiet``.

        ``status`` may be a status or its name; ``resolved`` follows it.
        """
        with self.lock:
            at, issue = self.at(), self.get(key_or_id)
            if isinstance(fields.get("status"), str):
                fields["status"] = self.status(fields["status"])
            fields = overlay_fields.resolved(issue, fields, at)
            entries = overlay_fields.changes(issue, fields, at, author or issue.reporter, self.numbers)
            kept = () if quiet else tuple(entries)

            def alter(before: Issue) -> Issue:
                moved = {} if quiet else {"updated": max(before.updated, at)}  # the world may go on with it
                return replace(before, **(fields | moved), changes=(*before.changes, *kept))

            return self.layer(issue.id, at, alter)

    def add(self, project: str, **fields: Any) -> Issue:
        """A new issue, made now: a copy of the project's last one without its history, with ``fields``."""
        with self.lock:
            at, number = self.at(), self.next_number(project)
            model = self.issues(project, at)[-1]
            fresh: dict[str, Any] = {"id": FIRST_ISSUE + len(self.added), "key": f"{project}-{number}"}
            fresh |= {"created": at, "updated": at, "resolved": None, "status": self.statuses()[0]}
            fresh |= {"changes": (), "sprints": (), "flagged": False, "parent": None, "blocked_by": ()}
            made = replace(model, **(fresh | fields))
            self.added[made.id], self.keys[made.key] = made, made.id
            self.layers[made.id] = Layer(home=self.project_first(project))
            self.changed += 1
            return made

    def delete(self, key_or_id: str) -> Issue:
        """Gone without a trace: searches and reads do not know it any more (J16)."""
        with self.lock:
            issue = self.get(key_or_id)
            self.layers.setdefault(issue.id, Layer()).deleted = self.at()
            self.changed += 1
            return issue

    def restore(self, id: int) -> None:
        with self.lock:
            self.layers[id].deleted = None
            self.changed += 1

    def move(self, key_or_id: str, project: str, *, author: str | None = None) -> Issue:
        """To another project under a new key; the old one keeps answering (J15)."""
        with self.lock:
            at, issue = self.at(), self.get(key_or_id)
            key = f"{project}-{self.next_number(project)}"
            self.successors[issue.key], self.keys[key] = key, issue.id
            fields: dict[str, Any] = {"key": key, "project": project}
            entries = tuple(overlay_fields.changes(issue, fields, at, author or issue.reporter, self.numbers))

            def alter(before: Issue) -> Issue:
                return replace(before, **fields, updated=max(before.updated, at), changes=(*before.changes, *entries))

            self.layers.setdefault(issue.id, Layer()).home = self.project_first(project)
            return self.layer(issue.id, at, alter)

    def rename_project(self, old: str, new: str) -> None:
        """Every key in it changes at once, and no ``updated`` moves; the old ones keep answering."""
        with self.lock:
            self.names[old] = new
            self.changed += 1

    def hide(self, key_or_id: str = "", *, project: str = "", secret: str = "") -> None:
        """From one token, or from everybody: an issue by issue security, or a whole project (J17)."""
        with self.lock:
            self.hidden.add((secret, project, self.get(key_or_id).id if key_or_id else 0))
            self.changed += 1

    def show(self) -> None:
        """Everything hidden may be seen again, removed projects are back."""
        with self.lock:
            self.hidden.clear()
            self.removed.clear()
            self.changed += 1

    def remove_project(self, project: str) -> None:
        with self.lock:
            self.removed.add(self.project_first(project))
            self.changed += 1

    def log_work(self, key_or_id: str, *, seconds: int = 3600, author: str | None = None) -> Worklog:
        """Work written down now; that moves the issue's ``updated``, too (J27)."""
        with self.lock:
            issue, at = self.edit(key_or_id), self.at()
            log = Worklog(FIRST_WORKLOG + len(self.logs), issue.id, author or issue.reporter, at, seconds, at, at)
            self.logs[log.id] = log
            return log

    def change_work(self, id: int, *, seconds: int | None = None, removed: bool = False) -> None:
        with self.lock:
            log, at = self.logs[id], self.at()
            self.logs[id] = replace(
                log, seconds=seconds or log.seconds, updated=at, removed=at if removed else log.removed
            )
            self.edit(str(log.issue))

    def set_sprint(self, sprint: Sprint) -> None:
        """A new sprint, or a known one as it shall be: closed late, opened again, without dates."""
        with self.lock:
            self.sprints_now[sprint.id] = sprint
            self.changed += 1

    def add_board(self, board: Board) -> None:
        with self.lock:
            self.more_boards = (*self.more_boards, board)
            self.changed += 1

    # How it is done

    def at(self) -> datetime:
        """Now in whole seconds, as the sites read their clock."""
        return self.clock().replace(microsecond=0)

    def get(self, key_or_id: str) -> Issue:
        found = self.issue(key_or_id, self.at())
        if found is None:
            raise KeyError(f"there is no issue {key_or_id}")
        return found

    def status(self, name: str) -> Status:
        return next(status for status in self.statuses() if name in (status.name, status.id))

    def layer(self, id: int, at: datetime, alter: Alter) -> Issue:
        self.layers.setdefault(id, Layer()).alters.append((at, alter))
        self.changed += 1
        return self.get(str(id))

    def plain(self, key_or_id: str, now: datetime) -> Issue | None:
        """The world's own issue (or an added one) behind any key it ever had."""
        project, dash, number = key_or_id.rpartition("-")
        first = f"{self.project_first(project)}-{number}" if dash else key_or_id
        id = self.keys.get(key_or_id) or self.keys.get(first)
        name = str(id) if id else first
        if name.isdecimal() and int(name) in self.added:
            made = self.added[int(name)]
            return made if made.created <= now else None
        return self.world.issue(name, now)

    def shown(self, plain: Issue, now: datetime) -> Issue | None:
        layer = self.layers.get(plain.id)
        issue = layer.applied(plain, now) if layer else plain
        if issue is None or not (self.names or self.successors):
            return issue
        key = self.key_now(issue.key) if self.names else issue.key
        parent = self.key_now(issue.parent) if issue.parent else issue.parent
        blockers = tuple(self.key_now(one) for one in issue.blocked_by)
        return replace(issue, key=key, project=key.rpartition("-")[0], parent=parent, blocked_by=blockers)

    def guests(self, first: str, project: str, now: datetime) -> list[Issue]:
        """Issues that came to a project from outside: added ones, and moved ones."""
        homed = [id for id, layer in self.layers.items() if layer.home == first]
        plain = (self.plain(str(id), now) for id in homed)
        return [one for one in plain if one and (one.id in self.added or one.project not in (first, project))]

    def project_first(self, key: str) -> str:
        """The key under which the world knows a project."""
        return next((old for old in self.names if self.project_now(old) == key), key)

    def next_number(self, project: str) -> int:
        first = self.project_first(project)
        taken = [int(key.rpartition("-")[2]) for key in self.keys if key.rpartition("-")[0] in (first, project)]
        own = (int(issue.key.rpartition("-")[2]) for issue in self.world.issues(first, self.at()))
        return max([*own, *taken, 0]) + 1000
