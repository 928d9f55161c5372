"""How the statuses of a source are read: the tool's word, ours, and what another reading would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count
from django.http import QueryDict

from dashboards import words
from dashboards.pages import meaning_effect
from delivery import locks, mappings
from delivery.mappings import Change
from delivery.models import Source, SourceKind, Stage, StageMapping, Transition, WorkItem
from delivery.store import meanings

LOOK_BACK: Final = timedelta(days=365)
FIELD: Final = "stage-"
CATEGORIES: Final = {"new": "To do", "indeterminate": "In progress", "done": "Done"}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class StatusRow:
    """``here``: items that have the status; ``entered``: how often one came to it in the LOOK_BACK. ``now``: the
    stage that counts, where the form says another one. ``elsewhere``: projects that read it in their own way."""

    field: str
    name: str
    category: str
    here: str
    entered: str
    options: tuple[Option, ...]
    guessed: bool
    now: str
    elsewhere: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StatusesPage:
    """``seen`` tells which persons' words the form was made from; ``clash``: they have changed since."""

    id: int
    name: str
    deploys: bool  # whether anything of it may be a deployment
    project: str
    projects: tuple[Option, ...]
    rows: tuple[StatusRow, ...]
    seen: str
    clash: bool
    guesses: int
    confirm: bool
    effect: meaning_effect.Shown | None


@dataclass(frozen=True, slots=True)
class _Counts:
    here: Mapping[tuple[str, str], int]  # by project and status
    entered: Mapping[str, int]


def page(source: Source, asked: str, data: QueryDict | None, *, at: datetime, clash: bool = False) -> StatusesPage:
    """The page for the whole source or, ``asked``, one project; ``data`` is a form to show again with its effect."""
    told = sorted(StageMapping.objects.filter(source=source), key=_place)
    counts = _counts(source, asked, told, at)
    projects = sorted({project for project, _ in counts.here} | {row.project for row in told if row.project})
    project = asked if asked in projects else ""
    rows = tuple(_rows(told, project, counts, data))
    return StatusesPage(
        id=source.pk,
        name=source.name,
        deploys=source.kind == SourceKind.GITHUB,
        project=project,
        projects=(Option("", "Everywhere", not project), *(Option(one, one, one == project) for one in projects)),
        rows=rows,
        seen=mappings.digest(source),
        clash=clash,
        guesses=sum(row.guessed for row in told),
        confirm=data is not None and "confirm" in data,
        effect=(
            meaning_effect.of_stages(mappings.preview(source, changes(source, data), at=at))
            if data is not None
            else None
        ),
    )


def changes(source: Source, data: QueryDict) -> list[Change]:
    """What the form asks for. A project that has no items has no say."""
    project = data.get("project", "")
    if project and not WorkItem.objects.filter(source=source, project=project).exists():
        return []
    found = []
    for row in StageMapping.objects.filter(source=source, project=""):
        value = data.get(FIELD + row.status_id)
        if value is None or value not in ("", *Stage.values):
            continue
        if not value and not project and "confirm" in data:
            value = meanings.stage(row.status, row.category).value
        found.append(Change(row.status_id, value or None, project))
    return found


@transaction.atomic
def save(source: Source, data: QueryDict) -> int | None:
    """Make true what the form asks for: how many items came out different. None: somebody else said another thing
    since the form was made, and nothing is changed."""
    locks.wait_for(locks.MEANINGS, source.pk)  # two who save at once: one sees the other's word
    if data.get("seen") != mappings.digest(source):
        return None
    return mappings.apply(source, changes(source, data))


def _rows(told: list[StageMapping], project: str, counts: _Counts, data: QueryDict | None) -> Iterator[StatusRow]:
    own = {(row.project, row.status_id): row for row in told}
    for row in told:
        here = sum(n for (of, id), n in counts.here.items() if id == row.status_id and project in ("", of))
        entered = counts.entered.get(row.status_id, 0)
        said = own.get((project, row.status_id)) if project else row
        if row.project or (project and not (here or entered or said)):
            continue
        field = FIELD + row.status_id
        stored = said.stage if said and not said.guessed else ""
        chosen = data.get(field, stored) if data is not None else stored
        default = row.stage if project else meanings.stage(row.status, row.category).value
        yield StatusRow(
            field=field,
            name=row.status,
            category=CATEGORIES.get(row.category, "unknown"),
            here=words.number(here),
            entered=words.number(entered),
            options=_options(chosen, default, project),
            guessed=not stored and not project,
            now=Stage(stored or default).label if chosen != stored else "",
            elsewhere=tuple(
                (one.project, Stage(one.stage).label)
                for one in told
                if one.project and one.status_id == row.status_id and not project
            ),
        )


def _place(row: StageMapping) -> tuple[int, str, str]:
    """Statuses stand as work goes through them, as far as the tool tells."""
    return [*CATEGORIES, row.category].index(row.category), row.status.lower(), row.status_id


def _options(chosen: str, default: str, project: str) -> tuple[Option, ...]:
    label = Stage(default).label
    first = Option("", f"{label}, as everywhere" if project else f"{label}, our guess", not chosen)
    return (first, *(Option(stage.value, stage.label, stage == chosen) for stage in Stage))


def _counts(source: Source, project: str, told: list[StageMapping], at: datetime) -> _Counts:
    """A status that is no longer listed counts for the one that has its name now."""
    ids = {row.status_id for row in told if not row.project}
    names = {row.status.lower(): row.status_id for row in told if not row.project}
    items = WorkItem.objects.countable().filter(source=source).values_list("project", "status_id", "status")  # type: ignore[attr-defined]
    here: Counter[tuple[str, str]] = Counter()
    for of, id, name, count in items.annotate(n=Count("pk")).order_by():
        here[of, id if id in ids else names.get(name.lower(), id)] += count
    moves = Transition.objects.filter(item__source=source, item__deleted__isnull=True, at__gte=at - LOOK_BACK)
    if project:
        moves = moves.filter(item__project=project)
    entered: Counter[str] = Counter()
    for id, name, count in moves.values_list("to_id", "to_name").annotate(n=Count("pk")).order_by():
        entered[id if id in ids else names.get(name.lower(), id)] += count
    return _Counts(here, entered)
