"""Reading one repository's releases, tags and workflow runs, in full or what changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from delivery.connectors import paging, refusals
from delivery.connectors.contract import Gap, Page
from delivery.connectors.github import connections, graphql, lists, shipped
from delivery.connectors.github.connections import Connection, RawPage
from delivery.connectors.github.repository import Repository, Sort, down_to, peopled, reach, whole
from delivery.connectors.instants import instant
from delivery.core.records import ReleaseRecord

Json = dict[str, Any]
LATE_RELEASE = timedelta(days=30)  # a draft is dated by its beginning; older ones are found by a full reading
USUAL_RELEASE = timedelta(days=3)
RERUN = timedelta(days=30)  # so long GitHub lets a run be run again
USUAL_RUN = timedelta(days=1)
FIRST_WINDOW = timedelta(days=30)
SHORTEST_WINDOW = timedelta(seconds=1)
NO_ACTIONS = 404  # on an Enterprise Server that has them switched off
MOST_RUNS = 1000  # that a filtered list shows, whatever its total says (G8)
FEW_RUNS = 400  # with fewer the next window may be twice as long
RELEASES = Sort(shipped.release, "release ", "databaseId")
TAGS = Sort(shipped.tag, "release tag:", "name")
RUNS = Sort(shipped.workflow_run, "workflowrun ", "id")
TOO_MANY = "more than 1,000 workflow runs began within a second, and GitHub shows only the first 1,000."


def releases(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Releases, then the tags that have none (G20): all of them, or those of the last days."""
    place, released = paging.load(cursor), set[str]()
    limit = None if since is None else reach(since, repository.now, USUAL_RELEASE, LATE_RELEASE)
    reading, lead = repository.reading(), repository.first()
    if not place.get("tags"):
        for raw in _walked(repository.walk(graphql.RELEASE), connections.LAST_CREATED, place.get("after"), limit):
            made = peopled(raw, RELEASES, reading, lead, paging.dump({"after": raw.after}))
            released |= {record.tag for record in made.records if isinstance(record, ReleaseRecord)}
            yield made
            lead = ()
    after = place.get("after") if place.get("tags") else None
    for raw in _walked(repository.walk(graphql.TAG), connections.LAST_TAGGED, after, limit):
        bare = [node for node in raw.nodes if node.get("name") not in released]
        late, unsaid = _released(repository, [str(node.get("name")) for node in bare])
        named = {node.get("tagName") for node in late if not node.get("isDraft")} | unsaid
        lead = (*lead, *peopled(RawPage(late), RELEASES, reading, (), "").records)
        gaps = (*raw.gaps, *(Gap(f"release tag:{tag}", connections.UNANSWERED) for tag in sorted(unsaid)))
        rest = RawPage([node for node in bare if node.get("name") not in named], gaps=gaps)
        yield peopled(rest, TAGS, reading, lead, paging.dump({"tags": True, "after": raw.after}))
        lead = ()


def _walked(walk: Connection, newest: Json, after: str | None, limit: datetime | None) -> Iterator[RawPage]:
    """The newest down to ``limit``, or everything: tags, too, by the time of their commits."""
    if limit is not None:
        walk.order = newest
        return down_to(walk, after, _made, limit)
    walk.order = {**newest, "direction": "ASC"}
    return whole(walk, after)


def _made(node: Json) -> datetime | None:
    """The last that happened to it. GitHub orders a release by its commit or the beginning of its draft and a tag by its
    commit: what came out, or was tagged, later stands further down on a page that is read anyway."""
    target = node.get("target") or {}
    commit, tagger = target.get("target") or target, target.get("tagger") or {}
    told = (node.get("createdAt"), node.get("publishedAt"), commit.get("committedDate"), tagger.get("date"))
    return max((at for text in told if (at := instant(text))), default=None)


def _released(repository: Repository, tags: Sequence[str]) -> tuple[list[Json], set[str]]:
    """The releases of tags whose release lies further back than was read, and the tags of which that stays unsaid."""
    found, unsaid = list[Json](), set[str]()
    for start in range(0, len(tags), graphql.MANY):
        some, others = repository.walk(graphql.RELEASE).of_tags(tags[start : start + graphql.MANY])
        found += some
        unsaid |= others
    return found, unsaid


def workflow_runs(repository: Repository, since: datetime | None, cursor: str) -> Iterator[Page]:
    """Every attempt of every run, in windows of their creation that hold fewer runs than a list shows (G8).

    An attempt that still ran comes again as long as its run was begun in the last days.
    """
    reading, lead = repository.reading(), repository.first()
    start = instant(repository.row.get("created_at")) or repository.now - FIRST_WINDOW
    if since is not None:
        start = max(start, reach(since, repository.now, USUAL_RUN, RERUN))
    start = max(start, instant(paging.load(cursor).get("done")) or start)
    for rows, end, gaps in _windows(repository, start):
        attempts = RawPage([one for row in rows for one in _attempts(repository, row)], gaps=gaps)
        yield peopled(attempts, RUNS, reading, lead, paging.dump({"done": end.isoformat()}))
        lead = ()
    if lead:
        yield Page(lead, "")


def _windows(repository: Repository, start: datetime) -> Iterator[tuple[list[Json], datetime, tuple[Gap, ...]]]:
    """The runs begun from ``start`` on, window after window: shorter ones where many were begun."""
    width = FIRST_WINDOW
    while start <= repository.now:
        end = min(start + width, repository.now + paging.OVERLAP)
        rows, total = _window(repository, start, end)
        if rows is None:
            return
        if total >= MOST_RUNS and width > SHORTEST_WINDOW:
            width = max(SHORTEST_WINDOW, (end - start) / 2)
            continue
        what = f"{repository.name} workflow runs at {start:%Y-%m-%dT%H:%M:%SZ}"
        yield rows, end, (Gap(what, TOO_MANY),) if total >= MOST_RUNS else ()
        start, width = end, width * 2 if total < FEW_RUNS else width


def _window(repository: Repository, start: datetime, end: datetime) -> tuple[list[Json] | None, int]:
    """The runs begun in a window and how many there are; only the first page of too many; None without Actions."""
    created = f"{start:%Y-%m-%dT%H:%M:%SZ}..{end:%Y-%m-%dT%H:%M:%SZ}"
    path = f"{repository.path}/actions/runs?per_page=100&created={created}"
    rows, total, http = list[Json](), 0, repository.graph.http
    for answer in lists.pages(http, path, passing=(NO_ACTIONS,)):
        if answer.status == NO_ACTIONS:
            return None, 0
        if not isinstance(answer.json, dict) or not isinstance(answer.json.get("workflow_runs"), list):
            raise refusals.unexpected(http.site, "no list of workflow runs")
        total = int(answer.json.get("total_count") or 0)
        rows += answer.json["workflow_runs"]
        if total >= MOST_RUNS and end - start > SHORTEST_WINDOW:
            break
    return rows, total


def _attempts(repository: Repository, row: Any) -> Iterator[Any]:
    """A run and its earlier attempts, which the list no longer shows and which never change again (G19)."""
    last = row.get("run_attempt") if isinstance(row, dict) else 1
    for attempt in range(1, last if isinstance(last, int) else 1):
        path = f"{repository.path}/actions/runs/{row.get('id')}/attempts/{attempt}"
        answer = repository.graph.http.get(path, remember=True, passing=(NO_ACTIONS,))
        if isinstance(answer.json, dict) and answer.status != NO_ACTIONS:
            yield answer.json
    yield row
