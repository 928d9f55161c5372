"""Work items with their transitions and field changes, and sprints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from delivery import bulk, kinds, stages
from delivery.core.records import SprintRecord, WorkItemRecord
from delivery.models import FieldChange, Source, Sprint, Stage, Transition, WorkItem
from delivery.store import meanings, statuses
from delivery.store.accounts import Known

_ITEM = [
    "source_id",
    "native_id",
    "key",
    "project",
    "title",
    "type",
    "kind",
    "guessed_kind",
    "level",
    "status_id",
    "status",
    "status_category",
    "stage",
    "stage_version",
    "created",
    "updated",
    "resolved",
    "reporter_id",
    "assignee_id",
    "story_points",
    "parent_key",
    "labels",
    "components",
    "fix_versions",
    "sprints",
    "flagged",
    "blocked_by",
    "url",
    "deleted",
    "absent",
]
_TRANSITION = ["item_id", "native_id", "at", "from_id", "from_name", "to_id", "to_name", "author_id"]
_CHANGE = ["item_id", "native_id", "at", "field", "from_value", "to_value"]
_SPRINT = ["source_id", "native_id", "name", "state", "start", "end", "completed", "goal"]


def store(source: Source, records: Sequence[WorkItemRecord], accounts: Known) -> bulk.Written:
    """Write the items with their histories, and derive their stages; what counts is the items' own rows."""
    if not records:
        return bulk.Written()
    statuses.meet(source, records)
    written = bulk.upsert(
        WorkItem,
        _ITEM,
        [_item(source, record, accounts) for record in records],
        key=("source_id", "native_id"),
        keep=("stage", "stage_version", "kind"),
    )
    ids = _ids(source, records)
    _histories({ids[record.native_id]: record for record in records}, accounts)
    kinds.rekind_items(list(ids.values()))
    stages.restage_items(list(ids.values()))
    return written


def store_sprints(source: Source, records: Iterable[SprintRecord]) -> bulk.Written:
    """Write sprints; they are one for the whole source (J29)."""
    rows = [
        (source.pk, one.native_id, one.name, one.state, one.start, one.end, one.completed, one.goal)
        for one in sorted(records, key=lambda sprint: sprint.native_id)
    ]
    return bulk.upsert(Sprint, _SPRINT, rows, key=("source_id", "native_id"))


def _item(source: Source, one: WorkItemRecord, accounts: Known) -> bulk.Row:
    kind = meanings.kind(one.type, one.level, one.labels).value
    return (
        source.pk,
        one.native_id,
        one.key,
        one.project,
        one.title,
        one.type,
        kind,
        kind,
        one.level,
        one.status_id,
        one.status,
        one.status_category,
        Stage.TODO.value,
        0,
        one.created,
        one.updated,
        one.resolved,
        accounts.id(one.reporter),
        accounts.id(one.assignee),
        one.story_points,
        one.parent_key,
        one.labels,
        one.components,
        one.fix_versions,
        one.sprints,
        one.flagged,
        one.blocked_by,
        one.url,
        None,
        None,
    )


def _ids(source: Source, records: Sequence[WorkItemRecord]) -> dict[str, int]:
    with connection.cursor() as cursor:
        # OFFSET 0: one by one through the index that knows both, also before the first ANALYZE
        cursor.execute(
            "SELECT i.native_id, i.id FROM unnest(%s::varchar[]) AS wanted(native_id) CROSS JOIN LATERAL ("
            "SELECT native_id, id FROM delivery_workitem WHERE source_id = %s AND native_id = wanted.native_id OFFSET 0"
            ") i",
            [[record.native_id for record in records], source.pk],
        )
        return dict(cursor.fetchall())


def _histories(items: dict[int, WorkItemRecord], accounts: Known) -> None:
    """The transitions and changes of the items become exactly those of the records."""
    owners = list(items)
    moves = [
        (id, move.native_id, move.at, move.from_id, move.from_name, move.to_id, move.to_name, accounts.id(move.author))
        for id, item in items.items()
        for move in item.transitions
    ]
    changes = [
        (id, change.native_id, change.at, change.field, change.from_value, change.to_value)
        for id, item in items.items()
        for change in item.changes
    ]
    bulk.replace(Transition, _TRANSITION, moves, owner="item_id", key="native_id", owners=owners)
    bulk.replace(FieldChange, _CHANGE, changes, owner="item_id", key="native_id", owners=owners)
