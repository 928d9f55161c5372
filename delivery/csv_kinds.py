"""What every kind of import has in common: its columns, what a line would do, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from delivery.access import PlanReach
from delivery.core import csv_cells
from delivery.core.csv_cells import Unread
from delivery.core.csv_text import Fault
from delivery.models import Commitment, Deliverable, Goal, Source
from people.access import User
from people.models import Person
from teams.models import Group, Membership, Team


@dataclass(slots=True)
class World:
    """What there is, by the names that a file uses, with what the file would add. ``user`` None: the operator."""

    user: User | None
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    memberships: list[Membership] = field(default_factory=list)
    goals: dict[str, Goal] = field(default_factory=dict)
    deliverables: dict[str, Deliverable] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    parts_read: set[tuple[int, str]] = field(default_factory=set)  # ids of sources, with their projects in lower case
    wholes: dict[int, str] = field(default_factory=dict)  # titles of key results by their id
    measures: dict[str, set[str]] = field(default_factory=dict)  # titles of a goal’s key results, as the file has them
    promises: dict[int, Commitment] = field(default_factory=dict)
    links: dict[str, dict[int, list[Any]]] = field(default_factory=dict)  # what a row is linked with, by name and id
    hidden: set[str] = field(default_factory=set)  # slugs of goals that the person may not see
    owners: set[int] | None = None  # ids of those whose confidential goals the person sees; None: all
    reach: PlanReach = PlanReach(everything=True)
    changeable: set[int] | None = None  # ids of the teams whose people may be changed; None: all
    placeable: set[int] | None = None  # ids of whom the person may put into a team; None: all
    may_place_teams: bool = True  # into groups, and under managers
    may_add_team: bool = True
    faulty: set[str] = field(default_factory=set)  # keys of the file's lines that cannot be read
    titles: dict[str, str] = field(default_factory=dict)  # of the deliverables, as the file would leave them
    beside: dict[str, list[Any]] = field(default_factory=dict)  # goals by their parent, memberships by their person


@dataclass(slots=True)
class Draft:
    """A line: the row it is about (a new one is unsaved), its values before (None: new) and after."""

    line: int
    key: str
    row: Any
    before: dict[str, Any] | None
    after: dict[str, Any]
    present: frozenset[str] = frozenset()  # the file's columns
    told: frozenset[str] = frozenset()  # those of them that are not empty here
    was: Any = None  # the row as it stood
    errors: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    changed: dict[str, Change] = field(default_factory=dict)  # by column


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how a cell is read and shown. ``needed``: what such a cell looks like where it cannot be empty."""

    label: str
    read: Callable[[str, World], Any]
    show: Callable[[Any], str] = csv_cells.shown
    default: Any = None
    needed: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of rows that can be imported.

    ``load`` the world (locked or not) · ``key_of`` a line · ``row_of`` a line, unsaved where it is new · ``standing``
    row and values by key (of those that are exported, or of all) · ``settle`` the rows as the file would leave them ·
    ``refused`` why the person may not · ``check`` what is wrong, by column · ``write`` all of it.
    """

    name: str
    one: str
    many: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    load: Callable[[User | None, datetime, bool], World]
    key_of: Callable[[dict[str, str]], str]
    row_of: Callable[[World, dict[str, str]], Any]
    standing: Callable[[World, bool], dict[str, tuple[Any, dict[str, Any]]]]
    settle: Callable[[World, Sequence[Draft]], None]
    refused: Callable[[World, Draft], str]
    check: Callable[[World, Draft], dict[str, str]]
    write: Callable[[World, Sequence[Draft]], None]


@dataclass(frozen=True, slots=True)
class Change:
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """What a line would do: new, changed, unchanged or wrong."""

    number: int
    key: str
    what: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, line by line; ``digest`` stands for exactly that."""

    kind: str
    text: str
    user: User | None
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    digest: str

    def count(self, what: str) -> int:
        return sum(line.what == what for line in self.lines)

    @property
    def changes_something(self) -> bool:
        return not self.faults and any(line.what in ("new", "changed") for line in self.lines)


def plain(read: Callable[[str], Any]) -> Callable[[str, World], Any]:
    """A reader that needs to know of nothing else."""
    return lambda cell, world: read(cell)


def text(label: str, default: str = "", needed: str = "") -> Column:
    return Column(label, plain(str), default=default, needed=needed)


def no_if_empty(cell: str) -> bool:
    return bool(cell) and csv_cells.yes_no(cell)


def person(cell: str, world: World) -> Person | None:
    return _named(cell.lower(), world.people, "Nobody here has the address {}: import people first, or mend it.")


def team(cell: str, world: World) -> Team | None:
    return _named(cell, world.teams, "There is no team called {}: import teams first, or mend it.")


def group(cell: str, world: World) -> Group | None:
    return _named(cell, world.groups, "There is no group called {}: mend it, or make it with a file of teams.")


def goal(cell: str, world: World) -> Goal | None:
    known = {} if cell in world.hidden else world.goals
    return _named(cell, known, "There is no goal called {}: add its line, or mend it.")


def deliverable(cell: str, world: World) -> Deliverable | None:
    return _named(cell, world.deliverables, "There is no deliverable called {}: add its line, or mend it.")


def several(read: Callable[[str, World], Any]) -> Callable[[str, World], list[Any]]:
    """A list of names, each read by ``read``; every unknown one is told."""

    def found(cell: str, world: World) -> list[Any]:
        rows, wrong = [], []
        for name in csv_cells.listed(cell):
            try:
                rows.append(read(name, world))
            except Unread as error:
                wrong.append(str(error))
        if wrong:
            raise Unread(" ".join(wrong))
        return sorted(rows, key=slug)

    return found


def slug(row: Any) -> str:
    return row.slug if row is not None else ""


def slugs(rows: Sequence[Any]) -> str:
    return "; ".join(sorted(row.slug for row in rows))


def email(row: Person | None) -> str:
    return row.email if row is not None else ""


def _named(name: str, known: Mapping[str, Any], says: str) -> Any:
    if not name:
        return None
    if name not in known:
        raise Unread(says.format(f"“{csv_cells.shortened(name)}”"))
    return known[name]


def by_email(locking: bool = False) -> dict[str, Person]:
    return {one.email.lower(): one for one in rows_of(Person, locking)}


def rows_of(model: Any, locking: bool) -> Any:
    """All of them; ``locking`` holds them, but lets others add what only names them, such as a forecast."""
    rows = model.objects.order_by("pk")
    return rows.select_for_update(of=("self",), no_key=True) if locking else rows


def may_place(world: World, person: Person | None) -> bool:
    return person is None or world.placeable is None or person.pk in world.placeable


def by(world: World) -> User:
    """Who writes: nobody by name where it is the operator."""
    return world.user if world.user is not None else AnonymousUser()
