"""Reading one repository: pull requests, deployments and issues, in full or what changed since."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from delivery.connectors import paging
from delivery.connectors.contract import Page
from delivery.connectors.github import connections, graphql, issues, parse
from delivery.connectors.github.connections import Connection, RawPage
from delivery.connectors.github.graph import BadCursor, Graph
from delivery.connectors.instants import instant
from delivery.core.records import AccountRecord, Record

Json = dict[str, Any]
Parse = Callable[[Json], Record | None]
# A deployment may wait for an approval so long, and has its outcome only then; its creation alone is ordered. It is
# cheap: 100 come in a page. GitHub itself gives a waiting one up after 30 days.
LONGEST_DEPLOYMENT = timedelta(days=30)
NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="next"')
NO_ISSUES = 410  # issues are switched off in this repository


@dataclass(slots=True)
class Repository:
    """One repository and the way to ask for it. ``row`` is its REST answer, ``now`` GitHub's clock at that moment."""

    graph: Graph
    row: Json
    now: datetime

    @property
    def name(self) -> str:
        return str(self.row["full_name"])

    def reading(self) -> parse.Reading:
        return parse.Reading(str(self.row["id"]), self.name)

    def first(self) -> tuple[Record, ...]:
        """What every read begins with: the repository that its other records name."""
        return (parse.repository(self.row),)


def pulls(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Pull requests: all by creation and then what changed meanwhile (G2), or by last update down to ``since`` (G1)."""
    place = paging.load(cursor)
    started = int(place.get("started") or paging.milliseconds(repository.now - paging.OVERLAP))
    reading, lead = repository.reading(), repository.first()
    down_to = paging.from_milliseconds(started)
    if since is not None:
        down_to = since - paging.OVERLAP
    elif not place.get("again"):
        walk = Connection(
            repository.graph, repository.name, "PullRequest", connections.OLDEST_FIRST, graphql.PULLS, graphql.PULLS
        )
        for page in _whole(walk, place.get("after")):
            records = lead + tuple(parse.pull_request(node, reading) for node in page.nodes)
            lead = ()
            yield Page(records, paging.dump({"started": started, "after": page.after}), page.total)
    again = paging.dump({"started": started, "again": True})
    walk = Connection(
        repository.graph, repository.name, "PullRequest", connections.LAST_UPDATED, graphql.FEW_PULLS, graphql.PULLS
    )
    for nodes in _down_to(walk, "updatedAt", down_to):
        yield Page(lead + tuple(parse.pull_request(node, reading) for node in nodes), again)
        lead = ()


def deployments(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Deployments with their outcome: all by creation, or the last ones down to 30 days before ``since``."""
    reading, lead = repository.reading(), repository.first()
    size = graphql.DEPLOYMENTS
    if since is None:
        walk = Connection(repository.graph, repository.name, "Deployment", connections.OLDEST_FIRST, size, size)
        for page in _whole(walk, paging.load(cursor).get("after")):
            records, lead = lead + _deployed(page.nodes, reading), ()
            yield Page(records, paging.dump({"after": page.after}), page.total)
        return
    walk = Connection(repository.graph, repository.name, "Deployment", connections.LAST_CREATED, size, size)
    for nodes in _down_to(walk, "createdAt", since - LONGEST_DEPLOYMENT):
        records, lead = lead + _deployed(nodes, reading), ()
        yield Page(records, "")


def work_items(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Issues by creation. The cursor is GitHub's own link to the next page, followed verbatim (G9)."""
    reading, lead = repository.reading(), (*repository.first(), *issues.STATUSES)
    path = f"/repos/{quote(repository.name)}/issues?state=all&sort=created&direction=asc&per_page=100"
    if since is not None:
        path += f"&since={since - paging.OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
    with closing(paging.ahead(_listed(repository.graph, paging.load(cursor).get("next") or path))) as pages:
        for rows, following in pages:
            items = tuple(item for row in rows if (item := issues.work_item(row, reading)))
            yield Page((*lead, *items), paging.dump({"next": following}) if following else "")
            lead = ()


def _whole(walk: Connection, after: str | None) -> Iterator[RawPage]:
    """All pages after a cursor; from the start when GitHub no longer knows it."""
    try:
        with closing(paging.ahead(walk.pages(after))) as pages:
            yield from pages
    except BadCursor:
        with closing(paging.ahead(walk.pages(None))) as pages:
            yield from pages


def _down_to(walk: Connection, field: str, limit: datetime) -> Generator[list[Json], None, None]:
    """The nodes of a walk ordered downwards by ``field``, as far as the page with the first older than ``limit``."""

    def until() -> Iterator[list[Json]]:
        for page in walk.pages(None):
            fresh = [node for node in page.nodes if (instant(node[field]) or limit) >= limit]
            yield fresh
            if len(fresh) < len(page.nodes):
                return

    with closing(paging.ahead(until())) as pages:
        yield from pages


def _deployed(nodes: list[Json], reading: parse.Reading) -> tuple[Record, ...]:
    """Deployments, and before them who made them: those met for the first time in this read."""
    known = set(reading.accounts)
    records = [parse.deployment(node, reading) for node in nodes]
    people: list[AccountRecord] = [row for id, row in reading.accounts.items() if id not in known]
    return (*people, *records)


def _listed(graph: Graph, path: str) -> Iterator[tuple[list[Json], str]]:
    """Pages of a REST list and the link to the next one."""
    following, asked = path, set[str]()
    while following and following not in asked:
        asked.add(following)
        answer = graph.http.get(following, passing=(NO_ISSUES,))
        found = NEXT.search(answer.headers.get("link", ""))
        following = found[1] if found else ""
        yield answer.json if isinstance(answer.json, list) else [], following
