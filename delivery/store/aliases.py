"""The keys that items had before (J15): branches, commits and plans go on naming them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from delivery import bulk
from delivery.core.records import WorkItemRecord
from delivery.models import KeyAlias, Source

# The item that has a key today stands above one that had it once: a key's project may be made anew.
_COLUMNS = ("source_id", "key", "item_id")
_OLD = """
SELECT wanted.key, i.id FROM unnest(%s::varchar[], %s::varchar[]) AS wanted(native_id, key) CROSS JOIN LATERAL (
    SELECT id FROM delivery_workitem
    WHERE source_id = %s AND native_id = wanted.native_id AND key <> wanted.key OFFSET 0
) i
"""
_STORED = """
SELECT i.native_id, i.key FROM unnest(%s::varchar[]) AS wanted(native_id) CROSS JOIN LATERAL (
    SELECT native_id, key FROM delivery_workitem WHERE source_id = %s AND native_id = wanted.native_id OFFSET 0
) i
"""


def before(source: Source, records: Sequence[WorkItemRecord]) -> list[tuple[str, str]]:
    """Native ids with the keys they had: as stored till now where a record says otherwise, and as its history tells.

    Call it before the records are stored, and ``store`` after.
    """
    if not records:
        return []
    told = [
        (record.native_id, change.from_value)
        for record in records
        for change in record.changes
        if change.field == "key" and change.from_value and change.from_value != record.key
    ]
    today = {record.native_id: record.key for record in records}
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [list(today), source.pk])
        return told + [(native_id, key) for native_id, key in cursor.fetchall() if key != today[native_id]]


def store(source: Source, old: Sequence[tuple[str, str]]) -> bulk.Written:
    """Note the ``old`` keys of items that are stored now."""
    if not old:
        return bulk.Written()
    with connection.cursor() as cursor:
        cursor.execute(_OLD, [[native_id for native_id, _ in old], [key for _, key in old], source.pk])
        rows = [(source.pk, key, item) for key, item in sorted(cursor.fetchall())]
    return bulk.upsert(KeyAlias, _COLUMNS, rows, key=("source_id", "key"))
