"""Reading the issues of a project: a pass by creation, then a short one over what changed meanwhile (J13)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delivery.connectors import paging
from delivery.connectors.contract import Gap, Page
from delivery.connectors.http import Http
from delivery.connectors.jira import named, parse, search
from delivery.connectors.jira.fields import Fields
from delivery.connectors.jira.mending import STRANGE, damage, mended
from delivery.connectors.jira.search import Json
from delivery.connectors.jira.site import Facts
from delivery.core.records import GoneRecord, Record, WorkItemRecord


@dataclass(slots=True)
class Walker:
    """What the passes of one read share: the site, the project, and what has come already."""

    http: Http
    facts: Facts
    project: str
    reading: parse.Reading
    seen: dict[str, datetime] = field(default_factory=dict)  # native id: updated
    sprints: set[str] = field(default_factory=set)

    def walk(self, *, updated: int | None, created: int | None) -> Generator[search.RawPage, None, None]:
        jql = search.question(self.project, updated=updated, created=created)
        pages = search.by_token if self.facts.cloud else search.by_offset
        return paging.ahead(pages(self.http, jql, self.reading.fields))

    def fresh(self, rows: list[Json]) -> tuple[tuple[Record, ...], tuple[Gap, ...]]:
        """The records of a raw page that did not come before as they are now: rows move and come twice (J13).

        And what could not be read of it: one issue must not keep the others out.
        """
        items, gaps = records(mended(self.http, self.facts, self.reading.fields, rows), self.reading)
        new_items: list[WorkItemRecord] = []
        for item in items:
            if self.seen.get(item.native_id) != item.updated:
                self.seen[item.native_id] = item.updated
                new_items.append(item)
        new = self.reading.sprints.keys() - self.sprints
        self.sprints |= new
        return (*(self.reading.sprints[id] for id in sorted(new)), *new_items), tuple(gaps)


def records(rows: Iterable[Any], reading: parse.Reading) -> tuple[list[WorkItemRecord], list[Gap]]:
    """Raw issues as records, and a gap for each that cannot be read or whose history is short."""
    items: list[WorkItemRecord] = []
    gaps: list[Gap] = []
    for row in rows:
        lacking = damage(row)
        item = None if lacking else _item(row, reading)
        if item is None:
            gaps.append(_gap(row, lacking or STRANGE))
            continue
        items.append(item)
        if (row.get("changelog") or {}).get("short"):
            why = f"Jira did not give the whole history of {item.key}: its days of start and end may be wrong."
            gaps.append(Gap(f"{item.key} history", why))
    return items, gaps


def _item(row: Json, reading: parse.Reading) -> WorkItemRecord | None:
    try:
        return parse.work_item(row, reading)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):  # a shape no Jira documents
        return None


def _gap(row: Any, lacking: str) -> Gap:
    what = str((row.get("key") or row.get("id")) if isinstance(row, dict) else "") or "an issue without a key"
    return Gap(
        what, f"Jira gave {what} without {lacking}: it is missing here, or as it was when it was last read whole."
    )


def read(http: Http, facts: Facts, fields: Fields, project: str, since: datetime | None, cursor: str) -> Iterator[Page]:
    """The issues of ``project`` that changed at or after ``since``, with the sprints they name.

    The cursor holds how far the first pass came and when it began: a killed read goes on from that minute.
    """
    walker = Walker(http, facts, project, parse.Reading(facts.browse, fields))
    place = paging.load(cursor)
    started = int(place.get("started") or paging.milliseconds(facts.now - paging.OVERLAP))
    updated = None if since is None else paging.milliseconds(since - paging.OVERLAP)
    if not place.get("again"):
        yield from _first(walker, started, updated, place.get("created"))
    again = paging.dump({"started": started, "again": True})
    with closing(walker.walk(updated=started, created=None)) as pages:
        for rows, _ in pages:
            found, gaps = walker.fresh(rows)
            if found or gaps:
                yield Page(found, again, gaps=gaps)


def _first(walker: Walker, started: int, updated: int | None, created: int | None) -> Iterator[Page]:
    expected: int | None = None
    if walker.facts.cloud and updated is None:
        expected = search.estimate(walker.http, search.question(walker.project, updated=None, created=None))
    resumed = created is not None
    with closing(walker.walk(updated=updated, created=created)) as pages:
        for rows, total in pages:
            found, gaps = walker.fresh(rows)
            created = _minute(found, created)
            # A resumed walk counts only what is left, which is not what the whole read brings.
            expected = expected if resumed or total is None else total
            yield Page(found, paging.dump({"started": started, "created": created}), expected, gaps=gaps)


def _minute(records: tuple[Record, ...], before: int | None) -> int | None:
    """The minute of the youngest issue of a page in epoch milliseconds: JQL knows nothing finer (J11)."""
    made = [record.created for record in records if isinstance(record, WorkItemRecord)]
    return paging.milliseconds(paging.minute(max(made))) if made else before


def reread(http: Http, facts: Facts, fields: Fields, ids: Sequence[str]) -> Iterator[Page]:
    """Issues by their ids (or keys) as they are now; what is gone or hidden as a GoneRecord with the id asked for."""
    for found in named.many(http, facts, fields, ids):
        reading = parse.Reading(facts.browse, fields)
        rows = {str(row.get("id")): row for row in found.values() if row}
        items, gaps = records(mended(http, facts, fields, rows.values()), reading)
        gone = [GoneRecord("issues", name) for name, row in found.items() if row is None]
        yield Page((*reading.sprints.values(), *items, *gone), "", gaps=tuple(gaps))
