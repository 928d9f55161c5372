"""The projects a token may see."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from delivery.connectors import refusals
from delivery.connectors.contract import ConnectorError, Found
from delivery.connectors.http import Http
from delivery.connectors.jira.site import Facts

Json = dict[str, Any]
PAGE = 100


def project(http: Http, facts: Facts, key: str) -> Json:
    """The project of a key; ConnectorError when the token does not see it: it must not read as "no issues".

    Jira answers to a project's former key with the project and its key of today, as long as no other project has
    taken the former one. So another key in the answer is a new name, and never an issue that moved. It says the same
    of a project that is gone and of one that is hidden; only a token that sees nothing at all has lost its right.
    """
    json = http.get(f"{facts.api}/project/{quote(key, safe='')}", passing=(404,)).json
    if isinstance(json, dict) and json.get("key"):
        return json
    if isinstance(json, dict) and json.get("id"):
        raise refusals.unexpected(http.site, "a project without a key")
    if not sees_any(http, facts):
        message = (
            f"The token sees no project at all any more, {key} neither: ask for Browse permission for its account."
        )
        raise ConnectorError(message, kind="permission")
    message = f"There is no project {key} that this token can see: check the key or ask for Browse permission."
    raise ConnectorError(message, kind="missing")


def sees_any(http: Http, facts: Facts) -> bool:
    """Whether there is any project for this token. None at all means an anonymous answer (J18), or no right."""
    if facts.cloud:
        json = http.get(f"{facts.api}/project/search", {"maxResults": 1}).json
        return bool(isinstance(json, dict) and json.get("values"))
    return bool(http.get(f"{facts.api}/project").json)


def discover(http: Http, facts: Facts, pattern: str) -> tuple[Found, ...]:
    """Every project whose key or name fits ``pattern`` (``DATA*``), in any case; by key."""
    rows = list(_cloud(http, facts) if facts.cloud else _all(http, facts))
    if not rows:
        raise refusals.unexpected(http.site, "the token sees no project at all")
    wanted = pattern.strip().casefold()
    found = {str(row["key"]): _found(row) for row in rows if row and row.get("key")}
    return tuple(
        one
        for _, one in sorted(found.items())
        if not wanted or any(fnmatchcase(word.casefold(), wanted) for word in (one.scope, one.name))
    )


def _cloud(http: Http, facts: Facts) -> Iterator[Json]:
    """By pages; ``insight`` brings the number of issues with them, at no further request."""
    start = 0
    seen: set[str] = set()
    while True:
        asked: dict[str, str | int] = {"startAt": start, "maxResults": PAGE, "expand": "insight", "orderBy": "key"}
        json = http.get(f"{facts.api}/project/search", asked).json
        rows = (json.get("values") or []) if isinstance(json, dict) else []
        new = {str(row["key"]): row for row in rows if row and row.get("key") and str(row["key"]) not in seen}
        yield from new.values()
        seen |= new.keys()
        start += len(rows)
        if not new or json.get("isLast") is True:
            return


def _all(http: Http, facts: Facts) -> list[Json]:
    json = http.get(f"{facts.api}/project").json
    return json if isinstance(json, list) else []


def _found(row: Json) -> Found:
    size = (row.get("insight") or {}).get("totalIssueCount")
    return Found(
        scope=str(row["key"]),
        name=str(row.get("name") or row["key"]),
        archived=row.get("archived") is True,
        size=size if isinstance(size, int) else None,
    )
