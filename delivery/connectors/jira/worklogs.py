"""Worklogs by what changed (J27), with a high-water mark of their own: an issue embeds only twenty of them.

Jira tells the ids of every project at once; whoever stores them keeps those of items it knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from delivery.connectors import paging, refusals
from delivery.connectors.contract import Page
from delivery.connectors.http import Http
from delivery.connectors.instants import instant
from delivery.connectors.jira import parse
from delivery.connectors.jira.site import Facts
from delivery.core.records import WorklogRecord

Json = dict[str, Any]
AT_ONCE = 1000  # ids of a page, and of a list
EPOCH = datetime.fromtimestamp(0, UTC)


def read(http: Http, facts: Facts, reading: parse.Reading, since: datetime | None, cursor: str) -> Iterator[Page]:
    """What was written, changed and removed at or after ``since``; Jira does not tell the last minute yet.

    The cursor says how far the first (``updated``) or second (``deleted``) list was read.
    """
    place = paging.load(cursor)
    start = 0 if since is None else paging.milliseconds(since - paging.OVERLAP)
    if "deleted" not in place:
        for ids, on in _changed(http, facts, "updated", int(place.get("updated") or start)):
            yield Page(_listed(http, facts, reading, list(ids)), paging.dump({"updated": on}))
    for ids, on in _changed(http, facts, "deleted", int(place.get("deleted") or start)):
        yield Page(tuple(_removed(id, at) for id, at in ids.items()), paging.dump({"deleted": on}))


def _changed(http: Http, facts: Facts, path: str, since: int) -> Iterator[tuple[dict[int, Any], int]]:
    """Pages of ids with their instants, and from where to go on after each: just before its last millisecond, which
    the next page may share (``since`` itself is left out)."""
    while True:
        json = http.get(f"{facts.api}/worklog/{path}", {"since": since}).json
        if not isinstance(json, dict) or not isinstance(json.get("values"), list):
            raise refusals.unexpected(http.site, "worklogs without a list")
        rows = [row for row in json["values"] if isinstance(row, dict) and row.get("worklogId")]
        until = int(json.get("until") or since)
        on = max(until - 1, since + 1)
        if rows:
            yield {int(row["worklogId"]): row.get("updatedTime") for row in rows}, on
        if json.get("lastPage") is not False:
            return
        if until <= since:
            raise refusals.unexpected(http.site, "the pages of its worklogs go round in a circle")
        since = on


def _listed(http: Http, facts: Facts, reading: parse.Reading, ids: list[int]) -> tuple[Any, ...]:
    """The worklogs themselves, and who wrote them; those that the token may not see do not come."""
    rows: list[Any] = []
    for first in range(0, len(ids), AT_ONCE):
        json = http.post(f"{facts.api}/worklog/list", {"ids": ids[first : first + AT_ONCE]}).json
        if not isinstance(json, list):
            raise refusals.unexpected(http.site, "worklogs without a list")
        rows += json
    logs = [_log(row, reading) for row in rows if isinstance(row, dict) and row.get("id") and row.get("issueId")]
    authors = dict.fromkeys(log.author for log in logs if log.author)
    return (*(reading.accounts[id] for id in authors), *logs)


def _log(row: Json, reading: parse.Reading) -> WorklogRecord:
    seconds = row.get("timeSpentSeconds")
    return WorklogRecord(
        native_id=str(row["id"]),
        item=str(row["issueId"]),
        author=parse.account_id(row.get("author"), reading),
        started=instant(row.get("started")),
        seconds=seconds if isinstance(seconds, int) and seconds >= 0 else None,
        updated=instant(row.get("updated")) or instant(row.get("created")) or EPOCH,
    )


def _removed(id: int, at: Any) -> WorklogRecord:
    return WorklogRecord(str(id), "", None, None, None, instant(at) or EPOCH, removed=True)
