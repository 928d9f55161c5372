"""What is at the source no more: marked, so that it is out of every number, and kept, for it may come back (J16)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import QuerySet

from delivery.core.records import GoneRecord, Record, WorkItemRecord
from delivery.models import PullRequest, Source, SourceKind, WorkItem


def store(source: Source, scope: str, records: Sequence[GoneRecord], at: datetime) -> int:
    """Mark the items and pull requests (of the repository ``scope``) of ``records``; the number that were there."""
    items = {record.native_id for record in records if record.kind == "issues"}
    numbers = {int(record.native_id) for record in records if record.kind == "pulls" and record.native_id.isdigit()}
    count = _mark(_items(source, scope, items), at) if items else 0
    if numbers:
        repository = {"repository__source": source, "repository__name__iexact": scope}
        count += _mark(PullRequest.objects.filter(**repository, number__in=numbers), at)
    return count


def since(source: Source, records: Sequence[Record], at: datetime) -> list[int]:
    """The rows among ``records`` that were found gone at ``at`` or later: what was asked before that does not know."""
    ids = [record.native_id for record in records if isinstance(record, WorkItemRecord)]
    rows = WorkItem.objects.filter(source=source, native_id__in=ids, deleted__gte=at)
    return list(rows.values_list("pk", flat=True)) if ids else []


def stay(rows: Sequence[int], at: datetime) -> None:
    """These rows are gone, whatever a page that was asked for earlier says."""
    if rows:
        _mark(WorkItem.objects.filter(pk__in=rows), at)


def _items(source: Source, scope: str, ids: Collection[str]) -> QuerySet[WorkItem]:
    """By native id; at GitHub, which is asked by number or key, by the key."""
    rows = WorkItem.objects.filter(source=source)
    if source.kind == SourceKind.GITHUB:
        return rows.filter(key__in=[id if "#" in id else f"{scope}#{id}" for id in ids])
    return rows.filter(native_id__in=ids)


def leave(source: Source, records: Sequence[WorkItemRecord], at: datetime) -> int:
    """Mark those of ``records`` that moved to where nobody reads: they would stay for ever as they are today."""
    read = {scope.lower() for scope in Source.objects.values_list("scopes", flat=True).get(pk=source.pk)}
    away = [record.native_id for record in records if record.project.lower() not in read]
    return _mark(WorkItem.objects.filter(source=source, native_id__in=away), at) if away else 0


def _mark(rows: QuerySet[WorkItem] | QuerySet[PullRequest], at: datetime) -> int:
    return rows.filter(deleted__isnull=True).update(deleted=at)
