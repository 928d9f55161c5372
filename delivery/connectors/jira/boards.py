"""Boards and what hangs on them: sprints, and the field a team estimates in. Not every Jira has boards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from delivery.connectors.http import Http

Json = dict[str, Any]
PAGE = 50  # most boards or sprints of a page (J28)
# A kanban board answers 400 to sprints (J29); without Jira Software, or without the right, there are no boards.
NONE = (400, 403, 404)


def boards(http: Http, project: str) -> list[Json]:
    """The boards that show a project."""
    return list(_rows(http, "/rest/agile/1.0/board", {"projectKeyOrId": project}))


def sprints(http: Http, board: Json) -> Iterator[Json]:
    """The sprints of a board, none for a kanban board."""
    return _rows(http, f"/rest/agile/1.0/board/{board['id']}/sprint", {})


def estimation_field(http: Http, board: Json) -> str:
    """The id of the field a board's team estimates in (J20); empty when it counts issues."""
    json = http.get(f"/rest/agile/1.0/board/{board['id']}/configuration", passing=NONE).json or {}
    return str(((json.get("estimation") or {}).get("field") or {}).get("fieldId") or "")


def _rows(http: Http, path: str, params: dict[str, str | int]) -> Iterator[Json]:
    """Rows of all pages, each once; a page without a new row is the last, whatever it says of itself."""
    seen: set[str] = set()
    start = 0
    while True:
        answer = http.get(path, {**params, "startAt": start, "maxResults": PAGE}, passing=NONE)
        rows = (answer.json or {}).get("values") or [] if answer.status == 200 else []
        new = [row for row in rows if str(row.get("id")) not in seen]
        seen |= {str(row.get("id")) for row in new}
        start += len(rows)
        yield from new
        if not new or answer.json.get("isLast") is True:
            return
