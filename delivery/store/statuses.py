"""Statuses become rows of StageMapping: a guess each, until a person says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models.functions import Lower

from delivery import bulk, locks
from delivery.core.records import StatusRecord, WorkItemRecord
from delivery.models import Source, StageMapping
from delivery.store import meanings

_COLUMNS = ("source_id", "project", "status_id", "status", "category", "stage", "guessed")
_KEY = ("source_id", "project", "status_id")


def store(source: Source, records: Iterable[StatusRecord]) -> bulk.Written:
    """Bring statuses up to date: their names and categories always, the stage only where it is still a guess.

    A page is stored by the meanings of its beginning: whoever changes them waits for it, and it for them.
    """
    locks.share(locks.MEANINGS, source.pk)
    statuses = {record.native_id: record for record in records if record.native_id}
    decided = dict(
        StageMapping.objects.filter(source=source, project="", guessed=False, status_id__in=statuses).values_list(
            "status_id", "stage"
        )
    )
    rows = [
        (
            source.pk,
            "",
            id,
            one.name,
            one.category,
            decided.get(id) or meanings.stage(one.name, one.category),
            id not in decided,
        )
        for id, one in sorted(statuses.items())
    ]
    return bulk.upsert(StageMapping, _COLUMNS, rows, key=_KEY)


def meet(source: Source, items: Iterable[WorkItemRecord]) -> bulk.Written:
    """Take in the statuses that items name and the source did not list: GitHub's, and removed ones of old transitions.

    A removed status whose name is still in use gets no row: its meaning follows that name.
    """
    mappings = StageMapping.objects.filter(source=source, project="").values_list("status_id", Lower("status"))
    ids, names = {id for id, _ in mappings}, {name for _, name in mappings}
    met = {(id, name): category for id, name, category in _met(items) if id and id not in ids}
    new = [
        StatusRecord(id, name, category)
        for (id, name), category in met.items()
        if category or name.lower() not in names
    ]
    return store(source, new)


def _met(items: Iterable[WorkItemRecord]) -> Iterator[tuple[str, str, str]]:
    """Ids, names and categories; only the present status of an item has one, so it comes last."""
    found = list(items)
    for item in found:
        for move in item.transitions:
            yield move.from_id, move.from_name, ""
            yield move.to_id, move.to_name, ""
    for item in found:
        yield item.status_id, item.status, item.status_category
