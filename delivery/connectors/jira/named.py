"""Issues by their ids or keys, as they are at this moment: no index stands between, as it does in a search (J8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from delivery.connectors.http import Http
from delivery.connectors.jira import search
from delivery.connectors.jira.fields import Fields
from delivery.connectors.jira.site import Facts

Json = dict[str, Any]
BULK = 100  # issues of one fetch
GONE = 404
HIDDEN = 403  # Data Center may say it of an issue that its security level hides; on Cloud the token may read nothing


def many(http: Http, facts: Facts, fields: Fields, names: Sequence[str]) -> Iterator[dict[str, Json | None]]:
    """What each name means now, a hundred at a time; None for what is gone or hidden (J16).

    ``id in (…)`` in a search would be an error as soon as one of them is gone. Cloud fetches in bulk; what that does
    not bring is asked for by itself before it counts as gone.
    """
    for first in range(0, len(names), BULK):
        part = list(dict.fromkeys(names[first : first + BULK]))
        found: dict[str, Json | None] = dict(_bulk(http, fields, part)) if facts.cloud else {}
        for name in part:
            if name not in found:
                found[name] = one(http, facts, fields, name)
        yield found


def one(http: Http, facts: Facts, fields: Fields, name: str) -> Json | None:
    """One issue with its whole changelog; None when it is gone or hidden."""
    asked = {"fields": ",".join(fields.asked), "expand": "changelog"}
    answer = http.get(
        f"{facts.api}/issue/{quote(name, safe='')}", asked, passing=(GONE,) if facts.cloud else (GONE, HIDDEN)
    )
    if answer.status != 200 or not isinstance(answer.json, dict):
        return None
    if facts.cloud:
        search.complete(http, [answer.json])
    return answer.json


def _bulk(http: Http, fields: Fields, names: list[str]) -> Iterator[tuple[str, Json]]:
    body = {"issueIdsOrKeys": names, "fields": fields.asked, "expand": ["changelog"]}
    json = http.post("/rest/api/3/issue/bulkfetch", body, passing=search.REFUSED).json
    rows = json.get("issues") if isinstance(json, dict) else None
    whole = [row for row in rows or () if isinstance(row, dict) and row.get("id")]
    search.complete(http, whole)
    wanted = set(names)
    for row in whole:
        for name in {str(row["id"]), str(row.get("key"))} & wanted:
            yield name, row
