"""What a source has and we do not: noted when it could not be read or stored, struck out when it was (never by time).

A thing goes by one name each time: a key (``ABC-12``), ``owner/name#12``, ``deployment 7``, or a part of one with a
word behind it (``ABC-12 history``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from delivery import bulk
from delivery.connectors.contract import Gap
from delivery.core.records import GoneRecord, PullRequestRecord, Record, WorkItemRecord
from delivery.models import Missing, Source, SourceKind, SourceSlice, WorkItem

LONGEST = 200  # letters of a name
AT_ONCE = 100  # so many are asked for again in one go
_NUMBERED = re.compile(r"(^|[-#])\d+$")  # a native id or a key: what a source can be asked for
_COLUMNS = ("slice_id", "what", "why", "since")


def note(part: SourceSlice, gaps: Iterable[Gap], at: datetime) -> None:
    """Write down what could not be read; what is known to be missing keeps its day, and gets today's reason."""
    rows = [(part.pk, _cut(gap.what), gap.why.replace("\x00", ""), at) for gap in gaps]
    bulk.upsert(Missing, _COLUMNS, rows, key=("slice_id", "what"), keep=("since",))


def strike(part: SourceSlice, records: Sequence[Record], gaps: Iterable[Gap]) -> int:
    """Take out what came with ``records`` and is whole now, in whichever part of the source it was missing."""
    known = list(Missing.objects.filter(slice__source=part.source_id))
    if not known or not records:
        return 0
    came, still = set(names(records, part)), {_cut(gap.what) for gap in gaps}
    whole = [one.pk for one in known if one.what not in still and (one.what in came or _owner(one.what) in came)]
    return Missing.objects.filter(pk__in=whole).delete()[0] if whole else 0


def strike_unmet(part: SourceSlice, met: Collection[str]) -> int:
    """Everything of ``part`` was read at one go: what was not met again is not there any more."""
    return part.missing.exclude(what__in=[_cut(what) for what in met]).delete()[0]


def names(records: Iterable[Record], part: SourceSlice) -> Iterator[str]:
    """Every name under which a record may be missing: also that of before it moved."""
    gone = []
    for record in records:
        if isinstance(record, WorkItemRecord):
            yield from (record.key, record.native_id)
            yield from (change.from_value for change in record.changes if change.field == "key")
        elif isinstance(record, PullRequestRecord):
            yield f"{part.scope}#{record.number}"
        elif isinstance(record, GoneRecord):
            yield from (record.native_id, f"{part.scope}#{record.native_id}")
            gone.append(record.native_id)  # at GitHub that is a number or a key already
        else:
            yield name(record, part.scope)
    if gone:
        yield from WorkItem.objects.filter(source=part.source_id, native_id__in=gone).values_list("key", flat=True)


def name(record: Record, scope: str) -> str:
    """What to call a record of a part of ``scope`` that could not be stored."""
    if isinstance(record, WorkItemRecord):
        return record.key
    if isinstance(record, PullRequestRecord):
        return f"{scope}#{record.number}"
    return f"{type(record).__name__.removesuffix('Record').lower()} {record.native_id}"


def ids(part: SourceSlice, *, but: Collection[str] = ()) -> list[str]:
    """What of ``part`` can be asked for again by its number (a pull request's own, an item's native id or key).

    ``but``: names of what was asked for a moment ago.
    """
    left = part.missing.exclude(what__in=[_cut(what) for what in but])
    whats = list(left.order_by("since", "pk").values_list("what", flat=True)[:AT_ONCE])
    things = [thing for what in whats if _NUMBERED.search(thing := _owner(what))]
    if part.kind == "pulls":
        return _unique(thing.rpartition("#")[2] for thing in things if "#" in thing)
    if part.kind != "issues":
        return []
    by_key = part.source.kind == SourceKind.GITHUB
    rows = WorkItem.objects.filter(source=part.source_id, key__in=things)
    known = {} if by_key else dict(rows.values_list("key", "native_id"))
    return _unique(known.get(thing, thing) for thing in things)


def of_source(source: Source) -> list[Missing]:
    """All that is missing of a source, by part and name."""
    return list(Missing.objects.filter(slice__source=source).select_related("slice").order_by("slice", "what"))


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _owner(what: str) -> str:
    """ABC-12 of ``ABC-12 history``."""
    return what.partition(" ")[0]


def _cut(what: str) -> str:
    return what.replace("\x00", "")[:LONGEST]
