"""An organisation in which a test changes things while servers answer from it: the code's side, GitHub.

Repositories are named by any name they ever had. A change counts from the overlay's clock on, and shows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from simulator.github.extras import tagged_releases, tags_of, usual_runs
from simulator.hub_records import Happening, HubIssue, Release, Run, Tag
from simulator.organisation import Clock, OneAtATime, Organisation
from simulator.records import Commit, Deployment, Pull, Repository

FIRST_ISSUE = 3_000_000_000  # ids outgrow 2^31 (G22)


@dataclass(slots=True)
class Layer:
    """What was done to one repository."""

    name: str
    fields: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, HubIssue] = field(default_factory=dict)
    moved: dict[int, tuple[str, int]] = field(default_factory=dict)  # transferred issues: first name, number there
    lost: set[int] = field(default_factory=set)  # deleted issues
    stumbling: dict[int, int] = field(default_factory=dict)  # pull requests and how often GitHub still fails on them
    deployments: dict[int, Deployment] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)


class CodeOverlay(OneAtATime):
    """Thread-safe. ``clock`` is the servers' own."""

    def __init__(self, world: Organisation, clock: Clock) -> None:
        super().__init__(world)
        self.clock = clock
        self.changed = 0
        self.layers: dict[str, Layer] = {}  # by the repository's first name

    # What the servers ask

    @property
    def revision(self) -> int:
        return self.changed + super().revision

    def repositories(self, now: datetime) -> Sequence[Repository]:
        found = []
        for one in super().repositories(now):
            layer = self.layers.get(one.full_name)
            if layer is None:
                found.append(one)
            elif not layer.deleted:
                found.append(replace(one, full_name=layer.name, **layer.fields))
        return found

    def pulls(self, repository: str, now: datetime) -> Sequence[Pull]:
        layer, first = self._known(repository)
        made = {one.number: one for one in super().pulls(first, now)}
        if layer is None:
            return tuple(made.values())
        made |= {number: one for number, one in layer.pulls.items() if one.created <= now}
        return [replace(made[number], repository=layer.name) for number in sorted(made)]

    def deployments(self, repository: str, now: datetime) -> Sequence[Deployment]:
        layer, first = self._known(repository)
        made = {one.id: one for one in super().deployments(first, now)}
        if layer is not None:
            made |= layer.deployments
        return [replace(one, repository=repository) for one in made.values() if one.created <= now]

    def extra(self, name: str, *asked: Any) -> Any:
        own = getattr(self, f"_{name}", None)
        with self.lock:
            return own(*asked) if own else super().extra(name, *asked)

    def _name_now(self, name: str) -> str | None:
        """A repository's name of today, given any it had."""
        layer, _ = self._known(name)
        return layer.name if layer and not layer.deleted else None

    def _hub_issues(self, repository: str, now: datetime) -> Sequence[HubIssue]:
        layer, first = self._known(repository)
        made = {one.number: one for one in super().extra("hub_issues", first, now) or ()}
        if layer is None:
            return tuple(made.values())
        made |= layer.issues
        gone = layer.lost | layer.moved.keys()
        return [replace(made[n], repository=layer.name) for n in sorted(made) if n not in gone]

    def _fate(self, repository: str, number: int) -> tuple[str, int] | str | None:
        """Where an issue went: (repository, number) when transferred, "deleted", or None."""
        layer, _ = self._known(repository)
        if layer is None:
            return None
        if number in layer.moved:
            first, there = layer.moved[number]
            return self.layers[first].name, there
        return "deleted" if number in layer.lost else None

    def _stumbles(self, repository: str, number: int) -> bool:
        """Whether GitHub fails on this pull request this time."""
        layer, _ = self._known(repository)
        left = layer.stumbling.get(number, 0) if layer else 0
        if layer and left:
            layer.stumbling[number] = left - 1
        return left > 0

    def _releases(self, repository: str, now: datetime) -> Sequence[Release]:
        layer, first = self._known(repository)
        told = super().extra("releases", first, now)
        made = {one.id: one for one in (tagged_releases(self.deployments(repository, now)) if told is None else told)}
        return list((made | (layer.releases if layer else {})).values())

    def _tags(self, repository: str, now: datetime) -> Sequence[Tag]:
        layer, first = self._known(repository)
        told = super().extra("tags", first, now)
        made = {one.name: one for one in (tags_of(self._releases(repository, now)) if told is None else told)}
        return list((made | (layer.tags if layer else {})).values())

    def _runs(self, repository: str, now: datetime) -> Sequence[Run]:
        layer, first = self._known(repository)
        told = super().extra("runs", first, now)
        made = {one.id: one for one in (usual_runs(self.deployments(repository, now)) if told is None else told)}
        made |= layer.runs if layer else {}
        return [one for one in made.values() if one.created <= now]

    # What a test does

    def rename(self, repository: str, name: str) -> None:
        """Also to another owner: a transfer. The old name leads on to the new one (G10)."""
        layer = self._layer(repository)
        layer.name, layer.fields["updated"] = name, self.clock()

    def archive(self, repository: str, *, archived: bool = True) -> None:
        self._layer(repository).fields |= {"archived": archived, "updated": self.clock()}

    def delete(self, repository: str) -> None:
        self._layer(repository).deleted = True

    def add(self, repository: str, *made: Pull | Deployment | HubIssue | Release | Tag | Run) -> None:
        """Things of any kind; one with the same number, id or name takes the place of the old one."""
        layer = self._layer(repository)
        for one in made:
            match one:
                case Pull():
                    layer.pulls[one.number] = one
                case HubIssue():
                    layer.issues[one.number] = one
                case Deployment():
                    layer.deployments[one.id] = one
                case Release():
                    layer.releases[one.id] = one
                case Tag():
                    layer.tags[one.name] = one
                case Run():
                    layer.runs[one.id] = one

    def pull(self, repository: str, number: int) -> Pull:
        return next(one for one in self.pulls(repository, self.clock()) if one.number == number)

    def edit(self, repository: str, number: int, *happened: str, **fields: Any) -> Pull:
        """Change a pull request now; ``happened`` are events of that moment."""
        old, now = self.pull(repository, number), self.clock()
        events = tuple(Happening(kind, now, old.author) for kind in happened)
        new = replace(old, **{"updated": now, "happened": (*old.happened, *events), **fields})
        self.add(repository, new)
        return new

    def merge(self, repository: str, number: int, by: str | None = None, sha: str = "f" * 40) -> Pull:
        now = self.clock()
        return self.edit(repository, number, merged=now, closed=now, merged_by=by, merge_sha=sha)

    def reopen(self, repository: str, number: int) -> Pull:
        return self.edit(repository, number, "reopened", closed=None, merged=None, merged_by=None, merge_sha=None)

    def force_push(self, repository: str, number: int, *commits: Commit) -> Pull:
        """These commits take the place of the old ones (G6)."""
        return self.edit(repository, number, "head_ref_force_pushed", commits=commits)

    def open_issue(self, repository: str, number: int, title: str = "", **fields: Any) -> HubIssue:
        now = self.clock()
        plain = HubIssue(FIRST_ISSUE + number, number, repository, title or f"Issue {number}", None, now, now)
        issue = replace(plain, **fields)
        self.add(repository, issue)
        return issue

    def close_issue(self, repository: str, number: int, reason: str = "completed", by: str | None = None) -> None:
        self._happens(repository, number, Happening("closed", self.clock(), by, reason))

    def reopen_issue(self, repository: str, number: int, by: str | None = None) -> None:
        self._happens(repository, number, Happening("reopened", self.clock(), by))

    def delete_issue(self, repository: str, number: int) -> None:
        self._layer(repository).lost.add(number)

    def transfer_issue(self, repository: str, number: int, to: str, number_there: int) -> HubIssue:
        """It has another id and number there, and its old address leads on."""
        old, target = self._issue(repository, number), self._layer(to)
        new = replace(old, id=old.id + 500_000, number=number_there, updated=self.clock())
        self._layer(repository).moved[number] = (self._known(to)[1], number_there)
        target.issues[number_there] = new
        return new

    def stumble(self, repository: str, number: int, times: int = 1_000_000) -> None:
        """GraphQL fails on this pull request so often (G16)."""
        self._layer(repository).stumbling[number] = times

    def _happens(self, repository: str, number: int, happening: Happening) -> None:
        old = self._issue(repository, number)
        self.add(repository, replace(old, updated=happening.at, happened=(*old.happened, happening)))

    def _issue(self, repository: str, number: int) -> HubIssue:
        return next(one for one in self._hub_issues(repository, self.clock()) if one.number == number)

    def _layer(self, repository: str) -> Layer:
        """The layer of a repository, to be changed."""
        with self.lock:
            self.changed += 1
            layer, first = self._known(repository)
            if layer is None:
                layer = self.layers[first] = Layer(first)
            return layer

    def _known(self, repository: str) -> tuple[Layer | None, str]:
        """The layer, if there is one, and the first name of a repository named by today's or its first name."""
        low = repository.lower()
        for first, layer in self.layers.items():
            if layer.name.lower() == low:
                return layer, first
        return self.layers.get(repository), repository
