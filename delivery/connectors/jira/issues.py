"""Reading the issues of a project: a pass by creation, then a short one over what changed meanwhile (J13)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from delivery.connectors import paging
from delivery.connectors.contract import Page
from delivery.connectors.http import Http
from delivery.connectors.jira import parse, search
from delivery.connectors.jira.fields import Fields
from delivery.connectors.jira.search import Json
from delivery.connectors.jira.site import Facts
from delivery.core.records import Record, WorkItemRecord


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

    def fresh(self, rows: list[Json]) -> tuple[Record, ...]:
        """The records of a raw page that did not come before as they are now: rows move and come twice (J13)."""
        records: list[Record] = []
        for row in rows:
            item = parse.work_item(row, self.reading)
            if item and self.seen.get(item.native_id) != item.updated:
                self.seen[item.native_id] = item.updated
                records.append(item)
        new = self.reading.sprints.keys() - self.sprints
        self.sprints |= new
        return (*(self.reading.sprints[id] for id in sorted(new)), *records)


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
            if records := walker.fresh(rows):
                yield Page(records, again)


def _first(walker: Walker, started: int, updated: int | None, created: int | None) -> Iterator[Page]:
    expected: int | None = None
    if walker.facts.cloud and updated is None:
        expected = search.estimate(walker.http, search.question(walker.project, updated=None, created=None))
    resumed = created is not None
    with closing(walker.walk(updated=updated, created=created)) as pages:
        for rows, total in pages:
            records = walker.fresh(rows)
            created = _minute(records, created)
            # A resumed walk counts only what is left, which is not what the whole read brings.
            expected = expected if resumed or total is None else total
            yield Page(records, paging.dump({"started": started, "created": created}), expected)


def _minute(records: tuple[Record, ...], before: int | None) -> int | None:
    """The minute of the youngest issue of a page in epoch milliseconds: JQL knows nothing finer (J11)."""
    made = [record.created for record in records if isinstance(record, WorkItemRecord)]
    return paging.milliseconds(paging.minute(max(made))) if made else before
