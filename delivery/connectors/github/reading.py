"""Reading one repository's pull requests, deployments and issues, in full or what changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from delivery.connectors import paging
from delivery.connectors.contract import Page
from delivery.connectors.github import connections, graphql, issues, parse
from delivery.connectors.github.connections import RawPage
from delivery.connectors.github.repository import Repository, Sort, down_to, peopled, reach, told, whole
from delivery.connectors.instants import instant
from delivery.core.records import GoneRecord, Record

Json = dict[str, Any]
# A deployment may wait for an approval so long, and has its outcome only then; its creation alone is ordered.
# GitHub itself gives a waiting one up after 30 days.
LONGEST_DEPLOYMENT = timedelta(days=30)
USUAL_DEPLOYMENT = timedelta(days=3)  # over a weekend
PULLS, ISSUES = Sort(parse.pull_request), Sort(issues.work_item)
DEPLOYMENTS = Sort(parse.deployment, "deployment ", "databaseId")


def pulls(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Pull requests: all by creation and then what changed meanwhile (G2), or by last update down to ``since`` (G1)."""
    if since is not None and repository.is_quiet(since):
        yield Page(repository.first(), "")
        return
    place = paging.load(cursor)
    started = int(place.get("started") or paging.milliseconds(repository.now - paging.OVERLAP))
    reading, lead = repository.reading(), repository.first()
    limit = paging.from_milliseconds(started)
    if since is not None:
        limit = since - paging.OVERLAP
    elif not place.get("again"):
        walk = repository.walk(graphql.PULL_REQUEST, first=graphql.PULLS, most=graphql.PULLS)
        for page in whole(walk, place.get("after")):
            yield _page(page, PULLS, reading, lead, paging.dump({"started": started, "after": page.after}))
            lead = ()
    after = place.get("after") if place.get("again") else None
    expected = repository.count_since(limit) if since is not None and not after else None
    first = graphql.PULLS if after else graphql.FEW
    walk = repository.walk(graphql.PULL_REQUEST, order=connections.LAST_UPDATED, first=first, most=graphql.PULLS)
    for page in down_to(walk, after, lambda node: instant(node.get("updatedAt")), limit):
        cursor = paging.dump({"started": started, "again": True, "after": page.after})
        yield replace(_page(page, PULLS, reading, lead, cursor), expected=expected)
        lead = ()


def deployments(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Deployments with their outcome: all by creation, or the last ones, down to where they may still have run."""
    reading, lead = repository.reading(), repository.first()
    walk, after = repository.walk(graphql.DEPLOYMENT), paging.load(cursor).get("after")
    pages: Iterator[RawPage] = whole(walk, after)
    if since is not None:
        walk.order = connections.LAST_CREATED
        limit = reach(since, repository.now, USUAL_DEPLOYMENT, LONGEST_DEPLOYMENT)
        pages = down_to(walk, after, lambda node: instant(node.get("createdAt")), limit)
    for page in pages:
        yield peopled(page, DEPLOYMENTS, reading, lead, paging.dump({"after": page.after}))
        lead = ()


def work_items(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Issues by creation, or those that changed since, without the pull requests that REST lists among them (G4)."""
    reading, lead = repository.reading(), (*repository.first(), *issues.STATUSES)
    walk = repository.walk(graphql.ISSUE, more={"filter": None})
    if since is not None:
        walk.more["filter"] = {"since": f"{since - paging.OVERLAP:%Y-%m-%dT%H:%M:%SZ}"}
        walk.first = graphql.FEW
    for page in whole(walk, paging.load(cursor).get("after")):
        yield _page(page, ISSUES, reading, lead, paging.dump({"after": page.after}))
        lead = ()


def census(repository: Repository) -> Iterator[tuple[str, ...]]:
    """The ids of all issues, a hundred for a point. Raises ConnectorError when the list does not come whole."""
    walk = repository.walk(graphql.ISSUE, more={"filter": None})
    with closing(paging.ahead(walk.ids())) as pages:
        for rows in pages:
            yield tuple(parse.native_id(row) for row in rows)


def again(repository: Repository, kind: str, ids: Sequence[str]) -> Iterator[Page]:
    """Pull requests or issues by their numbers, some in each question; gone is what GitHub does not know."""
    asked = {number_of(id): id for id in ids}
    what = graphql.PULL_REQUEST if kind == "pulls" else graphql.ISSUE
    sort = PULLS if kind == "pulls" else ISSUES
    lead = repository.first() if kind == "pulls" else (*repository.first(), *issues.STATUSES)
    numbers, reading = sorted(asked.keys() - {0}), repository.reading()
    for start in range(0, len(numbers), graphql.TOGETHER):
        page, gone = repository.walk(what).several(numbers[start : start + graphql.TOGETHER])
        missing = tuple(GoneRecord(kind, asked[number]) for number in gone)
        yield _page(page, sort, reading, (*lead, *missing), "")
        lead = ()
    if 0 in asked:
        yield Page((*lead, *(GoneRecord(kind, id) for id in ids if not number_of(id))), "")


def number_of(id: str) -> int:
    """The number in ``12`` or ``acme/x#12``; 0 for what cannot be one."""
    text = id.rpartition("#")[2]
    return int(text) if text.isdecimal() and int(text) < 2**31 else 0


def _page(page: RawPage, sort: Sort, reading: parse.Reading, lead: tuple[Record, ...], cursor: str) -> Page:
    records, gaps = told(page.nodes, sort, reading)
    return Page(lead + records, cursor, page.total, gaps=page.gaps + gaps)
