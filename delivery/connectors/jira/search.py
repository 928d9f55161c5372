"""Walking through a search: by token on Cloud, by offset with overlap on Data Center. Yields raw pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from delivery.connectors import refusals
from delivery.connectors.contract import MOST_MATCHES, ConnectorError
from delivery.connectors.http import Http
from delivery.connectors.jira import changelog
from delivery.connectors.jira.fields import Fields

Json = dict[str, Any]
T = TypeVar("T")
Walk = Callable[[Http, str, Fields], Iterator["RawPage"]]
RawPage = tuple[list[Json], int | None]  # issues and, where the server says it, how many there are in all
PAGE = 100  # most issues of a page with any field (J6)
IDS_PAGE, OFFSET_IDS_PAGE = 5000, 1000  # of a page of ids, on Cloud and on Data Center
MOST_PAGES = 50_000  # of one walk
OVERLAP = 10  # rows read twice on Data Center: deleting before the offset moves the rest up (D1)
STEPS_BACK = 20  # times in one walk that rows may have moved by more than the overlap
BULK_ENTRIES = 1000
REFUSED = (400, 403, 404, 405)  # a site that does not know an optional endpoint


def question(project: str, *, updated: int | None, created: int | None) -> str:
    """The JQL of one project from two instants in epoch milliseconds, which no time zone can shift (J11).

    Bounded (J7), without an upper bound, and by creation: ordered by update, rows would move while we read (J13).
    """
    quoted = project.replace("\\", "\\\\").replace('"', '\\"')
    parts = [f'project = "{quoted}"']
    parts += [f"updated >= {updated}"] if updated is not None else []
    parts += [f"created >= {created}"] if created is not None else []
    return " AND ".join(parts) + " ORDER BY created ASC, key ASC"


def by_token(http: Http, jql: str, fields: Fields) -> Iterator[RawPage]:
    """Cloud's pages with the fields we keep, and whole changelogs."""
    body: Json = {"jql": jql, "fields": fields.asked, "expand": "changelog", "maxResults": PAGE}
    for issues in _tokens(http, body):
        complete(http, issues)
        yield issues, None


def by_offset(http: Http, jql: str, fields: Fields) -> Iterator[RawPage]:
    """Data Center's pages with the fields we keep; the whole changelog is inside."""
    yield from _offsets(http, {"jql": jql, "fields": fields.asked, "expand": ["changelog"]}, PAGE)


def ids(http: Http, jql: str, *, cloud: bool) -> Iterator[tuple[str, ...]]:
    """Ids alone, each once: 5000 a page on Cloud (J6), 1000 on Data Center (D1), whatever it grants."""
    body: Json = {"jql": jql, "fields": ["id"]}
    if cloud:
        pages = _tokens(http, {**body, "maxResults": IDS_PAGE})
    else:
        pages = (rows for rows, _ in _offsets(http, body, OFFSET_IDS_PAGE))
    seen: set[str] = set()
    for rows in pages:
        new = {str(row["id"]): None for row in rows if isinstance(row, dict) and row.get("id")}.keys() - seen
        seen |= new
        yield tuple(new)


def _tokens(http: Http, body: Json) -> Iterator[list[Json]]:
    """Pages that only a token leads to (J2, J3). A short or empty page with a token goes on; one that comes again is
    an error, and so is a walk without an end."""
    seen: set[str] = set()
    while True:
        page = _page(http, "/rest/api/3/search/jql", body)
        yield page["issues"]
        token = page.get("nextPageToken")
        if not token or page.get("isLast") is True:
            return
        if token in seen or len(seen) > MOST_PAGES:
            raise _circle(http)
        seen.add(str(token))
        body = {**body, "nextPageToken": token}


def _offsets(http: Http, asked: Json, size: int) -> Iterator[RawPage]:
    """Data Center's pages (D1): stepping by what came, the total read anew each time.

    Deleting before the offset moves rows up: pages overlap, and one that shows no row of the last is read further up.
    """
    start, steps_back = 0, 0
    before: set[str] = set()
    while True:
        page = _page(http, "/rest/api/2/search", {**asked, "maxResults": size, "startAt": start})
        issues, total = page["issues"], page.get("total")
        ids = {str(issue.get("id")) for issue in issues if isinstance(issue, dict)}
        if start and before.isdisjoint(ids):
            start, steps_back = max(0, start - size), steps_back + 1
            if steps_back > STEPS_BACK:
                raise _circle(http)
            continue
        yield issues, total if isinstance(total, int) else None
        # Where nothing tells the end, a page that brings nothing new is the last: half a project must not look whole.
        if not issues or (start + len(issues) >= total if isinstance(total, int) else ids <= before):
            return
        start, before = start + max(len(issues) - OVERLAP, 1), ids


def estimate(http: Http, jql: str) -> int | None:
    """About how many issues a JQL means on Cloud (J2); None when the site does not say."""
    bare = jql.partition(" ORDER BY ")[0]
    json = http.post("/rest/api/3/search/approximate-count", {"jql": bare}, passing=REFUSED).json
    count = json.get("count") if isinstance(json, dict) else None
    return count if isinstance(count, int) else None


def complete(http: Http, issues: Sequence[Json]) -> None:
    """Fetch what a search left out of long changelogs: in bulk, and one by one where that brings nothing (J9, J10).

    One that stays incomplete says so: ``changelog.short``.
    """
    whole = (issue for issue in issues if isinstance(issue, dict) and issue.get("id"))
    short = {str(issue["id"]): issue for issue in whole if changelog.missing(issue)}
    if not short:
        return
    found = _tried(lambda: _bulk(http, list(short))) or {}
    for id, issue in short.items():
        changelog.add(issue, found.get(id, ()))
        if id in found and not changelog.lacking(issue):
            continue
        entries = _tried(lambda id=id: _one(http, id))  # type: ignore[misc]
        changelog.add(issue, entries or ())
        if entries is None:
            issue["changelog"]["short"] = True


def _tried(ask: Callable[[], T]) -> T | None:
    """None where Jira fails at just this: one broken changelog must not keep the others out. Down, it will say so."""
    try:
        return ask()
    except ConnectorError as error:
        if error.kind not in ("answer", "unreachable"):
            raise
        return None


def _bulk(http: Http, ids: list[str]) -> dict[str, list[Json]]:
    """Entries by issue id, gathered over pages: one issue's log goes on on the next. Issues may silently be absent.

    Not narrowed by ``fieldIds``: a new parent and a new key are items without a field id, which that would leave out.
    """
    body: Json = {"issueIdsOrKeys": ids, "maxResults": BULK_ENTRIES}
    found: dict[str, list[Json]] = {}
    seen: set[str] = set()
    while True:
        answer = http.post("/rest/api/3/changelog/bulkfetch", body, passing=REFUSED)
        if answer.status in REFUSED or not isinstance(answer.json, dict):
            return {}
        for log in answer.json.get("issueChangeLogs") or ():
            found.setdefault(str(log.get("issueId")), []).extend(log.get("changeHistories") or ())
        token = answer.json.get("nextPageToken")
        if not token:
            return found
        if token in seen:
            raise _circle(http)
        seen.add(token)
        body["nextPageToken"] = token


def _one(http: Http, id: str) -> list[Json] | None:
    """Every entry of one issue's changelog, 100 a page; None where they end before the number it tells."""
    entries: dict[str, Json] = {}
    start = 0
    while True:
        path = f"/rest/api/3/issue/{id}/changelog"
        page = http.get(path, {"startAt": start, "maxResults": PAGE}, passing=(404,)).json
        rows = page.get("values") if isinstance(page, dict) else None
        if not isinstance(rows, list):
            return None
        new = {str(row.get("id")): row for row in rows if isinstance(row, dict)}
        total, last = page.get("total"), not new.keys() - entries.keys() or page.get("isLast") is True
        entries |= new
        start += len(rows)
        if last or (isinstance(total, int) and len(entries) >= total):
            return list(entries.values()) if len(entries) >= (total or 1) else None


def matching(http: Http, jql: str, *, cloud: bool) -> Iterator[tuple[str, ...]]:
    """The ids that a person's JQL names, up to MOST_MATCHES of them: more is an error, and so is what Jira refuses."""
    count = 0
    try:
        for page in ids(http, jql, cloud=cloud):
            count += len(page)
            if count > MOST_MATCHES:
                raise refusals.too_wide(f"This JQL names more than {MOST_MATCHES:,} issues", "a project or a version")
            yield page
    except ConnectorError as error:
        if error.against is None:
            raise
        raise refusals.misunderstood(http.site, "JQL", error.against) from error


def _page(http: Http, path: str, body: Json) -> Json:
    json = http.post(path, body).json
    if not isinstance(json, dict) or not isinstance(json.get("issues"), list):
        raise refusals.unexpected(http.site, "a search without issues")
    return json


def _circle(http: Http) -> ConnectorError:
    return refusals.unexpected(http.site, "the pages of its search go round in a circle")
