"""What the statuses of a source mean for flow, as an administrator says it: for the whole source and for one project.

A preview derives the items by the proposed meanings with the very statement that derives them for good (``stages``)
and writes nothing. It looks at items that are open or ended in the last LOOK_BACK, so that its cost does not follow
the source's age.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
from django.db import connection, transaction

from delivery import locks, stages
from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.zoned import instants
from delivery.models import Source, StageMapping
from delivery.store import meanings

LOOK_BACK: Final = timedelta(days=365)
EXAMPLES: Final = 5
_COLUMNS: Final = (
    *("project", "name", "created", "stage", "started", "finished", "ended"),
    *("then_stage", "then_started", "then_finished", "then_ended", "changed"),
)
_PREVIEW: Final = """
WITH proposed AS (
    SELECT m.source_id, m.project, m.status_id, m.status, m.category, m.stage, m.guessed, m.id
    FROM delivery_stagemapping m
    WHERE m.source_id = %(source)s
        AND (m.project, m.status_id) NOT IN (SELECT * FROM unnest(%(projects)s::text[], %(ids)s::text[]))
    UNION ALL
    SELECT %(source)s, c.project, c.status_id, c.status, c.category, c.stage, c.guessed, 0
    FROM unnest(%(projects)s::text[], %(ids)s::text[], %(names)s::text[], %(categories)s::text[], %(stages)s::text[],
        %(guesses)s::boolean[]) AS c(project, status_id, status, category, stage, guessed)
    WHERE c.stage <> ''
), {derived}, compared AS (
    SELECT i.project, i.key, i.title, i.created, i.stage, i.started, i.finished, i.ended, r.stage AS then_stage,
        r.started AS then_started, r.finished AS then_finished, r.ended AS then_ended,
        (i.stage, i.started, i.finished, i.ended) IS DISTINCT FROM (r.stage, r.started, r.finished, r.ended) AS changed
    FROM result r JOIN delivery_workitem i ON i.id = r.id
)
SELECT project, CASE WHEN changed THEN key || ' ' || title END, created, stage, started, finished, ended, then_stage,
    then_started, then_finished, then_ended, changed
FROM compared
"""
_WHICH: Final = "source_id = %(source)s AND deleted IS NULL AND level = 0 AND (ended IS NULL OR ended >= %(since)s)"


@dataclass(frozen=True, slots=True)
class Change:
    """A status means ``stage`` from now on, in ``project`` or (empty) in the whole source; None: as it was guessed,
    or in a project as in the whole source."""

    status_id: str
    stage: str | None
    project: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Items started and finished in the time looked at, those in progress now, and the finished ones' cycle times."""

    started: int
    finished: int
    wip: int
    cycle: Spread


@dataclass(frozen=True, slots=True)
class Effect:
    """What a project's (empty: the source's) numbers are and would be; ``changed`` items come out different."""

    project: str
    before: Flow
    after: Flow
    changed: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A number of items, and the newest of them, that stand at one stage and would stand at another."""

    before: str
    after: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What proposed meanings would do. ``projects``: those where an item comes out different, the most first.

    ``redated``: items that stay at their stage with another start or end.
    """

    since: datetime
    items: int
    whole: Effect
    projects: tuple[Effect, ...]
    moves: tuple[Moved, ...]
    redated: int


def digest(source: Source) -> str:
    """Changes whenever a person's word on a status of ``source`` does: for noticing that two edit at once."""
    said = StageMapping.objects.filter(source=source, guessed=False).order_by("project", "status_id")
    told = list(said.values_list("project", "status_id", "stage"))
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def preview(source: Source, changes: Sequence[Change], *, at: datetime) -> Preview:
    """What ``changes`` would do to the numbers as of ``at``. Reads only."""
    since = at - LOOK_BACK
    rows = _proposed(source, changes)
    values: dict[str, Any] = {
        "source": source.pk,
        "since": since,
        "projects": [row.project for row in rows],
        "ids": [row.status_id for row in rows],
        "names": [row.status for row in rows],
        "categories": [row.category for row in rows],
        "stages": [row.stage for row in rows],
        "guesses": [row.guessed for row in rows],
    }
    statement = _PREVIEW.format(derived=stages.derived(which=_WHICH, mappings="proposed"))
    with transaction.atomic(), stages.whole_tables_meet(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL jit = off; {statement}", values)
        items = pd.DataFrame.from_records(cursor.fetchall(), columns=list(_COLUMNS))
    for name in _COLUMNS:
        if name.endswith(("created", "started", "finished", "ended")):
            items[name] = instants(items[name])
    return _compared(items, since)


@transaction.atomic
def apply(source: Source, changes: Sequence[Change]) -> int:
    """Make ``changes`` true and derive every item anew; the number of items that came out different."""
    locks.wait_for(locks.MEANINGS, source.pk)
    for row in _proposed(source, changes):
        if row.stage:
            row.save()
        elif row.pk:
            row.delete()
    return stages.restage(source)


def _proposed(source: Source, changes: Sequence[Change]) -> list[StageMapping]:
    """The rows as ``changes`` would leave them, unsaved; one without a stage is to go. Unknown statuses are ignored."""
    ids = {change.status_id for change in changes}
    known = {(row.project, row.status_id): row for row in StageMapping.objects.filter(source=source, status_id__in=ids)}
    found: dict[tuple[str, str], StageMapping] = {}
    for change in changes:
        if (base := known.get(("", change.status_id))) is None:
            continue
        row = known.get((change.project, change.status_id)) or StageMapping(
            source=source, project=change.project, status_id=base.status_id, status=base.status, category=base.category
        )
        row.guessed = change.stage is None and not change.project
        row.stage = meanings.stage(row.status, row.category).value if row.guessed else change.stage or ""
        found[change.project, change.status_id] = row
    return list(found.values())


def _compared(items: pd.DataFrame, since: datetime) -> Preview:
    changed = items[items["changed"].astype(bool)]
    moved = changed[changed["stage"] != changed["then_stage"]]
    touched = Counter(changed["project"].tolist())
    return Preview(
        since=since,
        items=len(items),
        whole=_effect("", items, since),
        projects=tuple(
            _effect(project, items[items["project"] == project], since) for project, _ in touched.most_common()
        ),
        moves=_moves(moved),
        redated=len(changed) - len(moved),
    )


def _effect(project: str, items: pd.DataFrame, since: datetime) -> Effect:
    then = pd.DataFrame({name: items[f"then_{name}"] for name in ("started", "finished", "ended")})
    return Effect(project, _flow(items, since), _flow(then, since), int(items["changed"].sum()))


def _flow(items: pd.DataFrame, since: datetime) -> Flow:
    finished = items[items["finished"] >= since]
    return Flow(
        started=int((items["started"] >= since).sum()),
        finished=len(finished),
        wip=int((items["started"].notna() & items["ended"].isna()).sum()),
        cycle=flow.cycle_times(finished),
    )


def _moves(moved: pd.DataFrame) -> tuple[Moved, ...]:
    found = [
        Moved(str(before), str(after), len(some), tuple(some.nlargest(EXAMPLES, "created")["name"]))
        for (before, after), some in moved.groupby(["stage", "then_stage"])
    ]
    return tuple(sorted(found, key=lambda move: (-move.count, move.before, move.after)))
