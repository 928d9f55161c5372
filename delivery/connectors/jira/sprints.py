"""Sprints in their three forms (J21): Cloud's objects, Data Center's texts, the agile API's rows."""

from __future__ import annotations

import re
from typing import Any

from delivery.connectors.instants import instant
from delivery.core.records import SprintRecord

_ID = re.compile(r"[^\[]*\[id=(\d+)")  # behind the first bracket: a name may hold another
# A name may hold commas and brackets: only a known word with its "=" begins the next part.
_PART = re.compile(
    r"(?:^|,)(id(?==\d+(?:,|$))|rapidViewId|state|name|startDate|endDate|completeDate|activatedDate|sequence|goal|synced"
    r"|autoStartStop|incompleteIssuesDestinationId)="
)


def in_field(value: Any) -> list[Any]:
    """The sprints in an issue's field: a list of objects or texts, a single one, or nothing."""
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def native_id(sprint: Any) -> str:
    """The id of a sprint in any form; empty when there is none."""
    if isinstance(sprint, dict):
        return str(sprint.get("id") or "")
    text = str(sprint)
    found = _ID.match(text)
    if found:
        return found[1]
    return text if text.isdecimal() else facts_in(text).get("id", "")


def record(sprint: Any) -> SprintRecord | None:
    """A sprint in any form as a record; None for a bare id."""
    facts = sprint if isinstance(sprint, dict) else facts_in(str(sprint))
    if not facts.get("name"):
        return None
    return SprintRecord(
        native_id=str(facts["id"]),
        name=str(facts["name"]),
        state=str(facts.get("state") or "").lower(),
        start=instant(facts.get("startDate")),
        end=instant(facts.get("endDate")),
        completed=instant(facts.get("completeDate")),
        goal=str(facts.get("goal") or ""),
    )


def facts_in(text: str) -> dict[str, str]:
    """The parts of ``com.atlassian.greenhopper…Sprint@…[id=7,state=…,name=…]``; ``<null>`` reads as empty."""
    _, bracket, inside = text.partition("[")
    parts = _PART.split(inside.removesuffix("]")) if bracket else [""]
    facts = dict(reversed(list(zip(parts[1::2], parts[2::2], strict=True))))  # the first of two is the real one
    return {name: "" if value == "<null>" else value for name, value in facts.items()} if "id" in facts else {}
