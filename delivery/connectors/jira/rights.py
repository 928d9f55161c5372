"""What a token is, and what it will not bring: asked once, when a source is checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from delivery.connectors.http import Http
from delivery.connectors.instants import instant
from delivery.connectors.jira.site import GATEWAY, Facts
from delivery.connectors.paging import milliseconds

REFUSED = (400, 401, 403, 404)
MOST = 20  # projects that are looked at one by one
BOARDS = "read:board-scope:jira-software, read:sprint:jira-software and read:project:jira"


def kind(http: Http, facts: Facts, *, email: bool, renewed: bool) -> str:
    """Which kind of token it is, by how it is used: oauth, scoped, api, personal; "" for a password's pair."""
    if renewed:
        return "oauth"
    if GATEWAY in http.site.base:
        return "scoped" if email else "oauth"
    if facts.cloud:
        return "api" if email else "oauth"
    return "" if email else "personal"


def expires(http: Http, facts: Facts, kind: str) -> datetime | None:
    """When a personal access token runs out. Jira lists them all and does not say which is asking: so only of one."""
    if kind != "personal":
        return None
    rows = http.get("/rest/pat/latest/tokens", passing=REFUSED).json
    if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict):
        return instant(rows[0].get("expiringAt"))
    return None


def lacks(http: Http, facts: Facts, projects: Sequence[str], *, worklogs: bool, points: str = "") -> Iterator[str]:
    """A sentence for each thing that will be missing. One cheap request for each project, one for worklogs.

    ``points``: the field that an administrator says holds them.
    """
    yield from _boards(http, projects)
    if points:
        yield from _points(http, facts, points)
    if worklogs:
        asked = {"since": milliseconds(facts.now)}
        status = http.get(f"{facts.api}/worklog/updated", asked, passing=REFUSED).status
        if status != 200:
            yield f"The token may not read worklogs, so there will be none: {_advice(status, 'read:jira-work')}."


def _boards(http: Http, projects: Sequence[str]) -> Iterator[str]:
    for key in projects[:MOST]:
        asked: dict[str, str | int] = {"projectKeyOrId": key, "maxResults": 1}
        answer = http.get("/rest/agile/1.0/board", asked, passing=REFUSED)
        if answer.status == 404:
            yield "This Jira has no boards for the token, so sprints will be missing: they come with Jira Software."
            return
        if answer.status != 200:
            advice = _advice(answer.status, BOARDS)
            yield f"The token may not read the boards of {key}, so its sprints will be missing: {advice}."
        elif not (isinstance(answer.json, dict) and answer.json.get("values")):
            yield (
                f"The token sees no board of {key}: if the project has sprints, they will be missing; share the "
                "board's filter with its account."
            )


def _points(http: Http, facts: Facts, field: str) -> Iterator[str]:
    """Jira passes over a field it does not know: every item would be without points, and nothing would say so."""
    rows = http.get(f"{facts.api}/field", remember=True, passing=REFUSED).json
    if isinstance(rows, list) and field not in [row.get("id") for row in rows if isinstance(row, dict)]:
        yield f"The token sees no field {field}, so no item will have story points: check the field's id."


def _advice(status: int, scopes: str) -> str:
    """A token that signs in and meets a 401 lacks a scope; Data Center's tokens have none, and their account rights."""
    return f"give it {scopes}" if status == 401 else "ask for permission for its account"
