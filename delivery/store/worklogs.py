"""Worklogs: time written down on items we hold."""

from __future__ import annotations

from collections.abc import Sequence

from delivery import bulk
from delivery.core.records import WorklogRecord
from delivery.models import Source, WorkItem, Worklog
from delivery.store.accounts import Known

_COLUMNS = ("item_id", "native_id", "author_id", "started", "seconds", "updated")


def store_worklogs(source: Source, records: Sequence[WorklogRecord], accounts: Known) -> bulk.Written:
    """Write worklogs of known items and delete the removed ones; those of other projects' items are passed over.

    Of one worklog that comes twice the last word counts: removed stays removed (ids are never used again).
    """
    removed = [one.native_id for one in records if one.removed]
    deleted, _ = Worklog.objects.filter(item__source=source, native_id__in=removed).delete() if removed else (0, {})
    there = [one for one in records if not one.removed and one.native_id not in removed]
    wanted = {one.item for one in there}
    items = dict(WorkItem.objects.filter(source=source, native_id__in=wanted).values_list("native_id", "id"))
    rows = [
        (items[one.item], one.native_id, accounts.id(one.author), one.started, one.seconds, one.updated)
        for one in sorted(there, key=lambda log: (log.item, log.native_id))
        if one.item in items
    ]
    return bulk.upsert(Worklog, _COLUMNS, rows, key=("item_id", "native_id")) + bulk.Written(deleted=deleted)
