"""Boards and what hangs on them: sprints, and the field a team estimates in. Not every Jira has boards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from delivery.connectors import refusals
from delivery.connectors.contract import Gap
from delivery.connectors.http import Http
from delivery.connectors.jira import sprints
from delivery.core.records import BoardRecord, SprintRecord

Json = dict[str, Any]
PAGE = 50  # most boards or sprints of a page (J28)
KANBAN = "kanban"
# A board without sprints answers 400 to them (J29); without Jira Software there are no boards.
NONE = (400, 403, 404)
FORBIDDEN = 403


def boards(http: Http, project: str) -> list[Json]:
    """The boards that show a project; none where Jira has none, or not for this token."""
    return [board for board in _rows(http, "/rest/agile/1.0/board", {"projectKeyOrId": project}) if board]


def read(http: Http, project: str) -> tuple[list[BoardRecord], list[SprintRecord], list[Gap]]:
    """The boards of a project, and every sprint they show, each once with the boards that do (J29)."""
    found: dict[str, SprintRecord] = {}
    rows: list[Json | None] = list(_rows(http, "/rest/agile/1.0/board", {"projectKeyOrId": project}))
    told = [row for row in rows if row]
    gaps = [Gap(f"boards of {project}", _may_not(f"the boards of {project}"))] if None in rows else []
    for board in told:
        name = str(board.get("name") or board["id"])
        for row in _sprints(http, board):
            if row is None:
                gaps.append(Gap(f"sprints of {name}", _may_not(f"the sprints of the board {name}")))
            elif record := sprints.record(row):
                known = found.get(record.native_id)
                shown = (*((known and known.boards) or ()), str(board["id"]))
                found[record.native_id] = replace(record, boards=shown)
    return [_board(row, project) for row in told], list(found.values()), gaps


def estimation_field(http: Http, board: Json) -> str:
    """The id of the field a board's team estimates in (J20); empty when it counts issues."""
    json = http.get(f"/rest/agile/1.0/board/{board['id']}/configuration", passing=NONE).json
    estimation = json.get("estimation") if isinstance(json, dict) else None
    return str(((estimation or {}).get("field") or {}).get("fieldId") or "")


def _sprints(http: Http, board: Json) -> Iterator[Json | None]:
    """The sprints of a board. A kanban board has none, and it would cost a refusal at every reading to hear so."""
    if board.get("type") == KANBAN:
        return iter(())
    return _rows(http, f"/rest/agile/1.0/board/{board['id']}/sprint", {})


def _board(row: Json, project: str) -> BoardRecord:
    """A board that shows several projects lives in one of them, where Jira says so."""
    home = row.get("location") or {}
    return BoardRecord(
        str(row["id"]), str(row.get("name") or ""), str(row.get("type") or ""), str(home.get("projectKey") or project)
    )


def _may_not(what: str) -> str:
    return f"The token may not read {what}, so they are missing: give it permission to view the board."


def _rows(http: Http, path: str, params: dict[str, str | int]) -> Iterator[Json | None]:
    """Rows of all pages, each once, and None where the token may not read on.

    A page without a new row is the last, whatever it says of itself.
    """
    seen: set[str] = set()
    start = 0
    while True:
        answer = http.get(path, {**params, "startAt": start, "maxResults": PAGE}, passing=NONE)
        if answer.status == FORBIDDEN:
            yield None
        if answer.status in NONE:
            return
        json = answer.json if isinstance(answer.json, dict) else {}
        rows = json.get("values")
        if not isinstance(rows, list):  # it must not read as "no boards"
            raise refusals.unexpected(http.site, "boards or sprints without a list")
        new = [row for row in rows if isinstance(row, dict) and row.get("id") and str(row["id"]) not in seen]
        seen |= {str(row["id"]) for row in new}
        start += len(rows)
        yield from new
        if not new or json.get("isLast") is True:
            return
