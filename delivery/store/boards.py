"""Boards, and which of them show a sprint."""

from __future__ import annotations

from collections.abc import Iterable

from delivery import bulk
from delivery.core.records import BoardRecord, SprintRecord
from delivery.models import Board, Source, Sprint

_BOARD = ("source_id", "native_id", "name", "kind", "project")
_SPRINT = ("source_id", "native_id", "name", "state", "start", "end", "completed", "goal", "boards")


def store_boards(source: Source, records: Iterable[BoardRecord]) -> bulk.Written:
    """Write boards. A board over several projects keeps the one it was first read for, so that it does not flap."""
    rows = [
        (source.pk, one.native_id, one.name, one.kind, one.project)
        for one in sorted(records, key=lambda board: board.native_id)
    ]
    return bulk.upsert(Board, _BOARD, rows, key=("source_id", "native_id"), keep=("project",))


def store_sprint_boards(source: Source, records: Iterable[SprintRecord]) -> bulk.Written:
    """Note which boards show a sprint, where they were asked (J29).

    A sprint on boards of two projects comes in the slices of both, and each knows its own boards only: they are joined.
    """
    told = {one.native_id: one for one in records if one.boards is not None}
    known = dict(Sprint.objects.filter(source=source, native_id__in=told).values_list("native_id", "boards"))
    rows = [
        (
            source.pk,
            id,
            one.name,
            one.state,
            one.start,
            one.end,
            one.completed,
            one.goal,
            sorted({*known.get(id, ()), *(one.boards or ())}),
        )
        for id, one in sorted(told.items())
    ]
    return bulk.upsert(Sprint, _SPRINT, rows, key=("source_id", "native_id"))
