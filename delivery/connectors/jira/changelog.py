"""A changelog as transitions and field changes, from embedded, bulk and per-issue entries alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from delivery.connectors.instants import instant
from delivery.core.records import FieldChangeRecord, TransitionRecord

Entry = dict[str, Any]
FULL = (40, 100)  # entries that a search and an issue embed at most (J9)


def missing(issue: dict[str, Any]) -> bool:
    """Whether older entries were left out, or may have been: a search embeds the 40 newest only (J9).

    Jira's own description calls ``total`` the number of entries shown, so a page that is full to the brim is doubted.
    """
    return lacking(issue) or len(_log(issue).get("histories") or ()) in FULL


def lacking(issue: dict[str, Any]) -> bool:
    """Whether there are fewer entries than Jira itself counts."""
    total = _log(issue).get("total")
    return isinstance(total, int) and total > len(_log(issue).get("histories") or ())


def _log(issue: dict[str, Any]) -> dict[str, Any]:
    log = issue.get("changelog")
    return log if isinstance(log, dict) else {}


def add(issue: dict[str, Any], entries: Iterable[Entry]) -> None:
    """Put entries that were read apart into the issue's own changelog. The same entry may come both ways."""
    log = issue.setdefault("changelog", {})
    known = {str(entry.get("id")): entry for entry in entries if entry}
    known |= {str(entry.get("id")): entry for entry in log.get("histories") or () if entry}
    log["histories"] = list(known.values())


def ordered(entries: Iterable[Entry]) -> list[tuple[datetime, Entry]]:
    """Entries with their instants, oldest first: Cloud gives the newest first, Data Center the oldest (D2)."""
    dated = [(at, entry) for entry in entries if (at := instant(entry.get("created")))]
    if len(dated) > 1:
        dated.sort(key=_when)
    return dated


def read(
    entries: Iterable[Entry], kinds: dict[str, str], authors: dict[int, str | None]
) -> tuple[tuple[TransitionRecord, ...], tuple[FieldChangeRecord, ...]]:
    """The status changes and the other changes we follow, oldest first.

    ``kinds`` tells what an item's field id or name is about; ``authors`` the account of an entry by ``id(entry)``.
    """
    transitions: dict[str, TransitionRecord] = {}
    changes: dict[str, FieldChangeRecord] = {}
    for at, entry in ordered(entries):
        number, moves = str(entry.get("id") or at.timestamp()), 0
        for item in entry.get("items") or ():
            kind = kind_of(item, kinds)
            if kind == "status":
                native = f"{number}.{moves}" if moves else number
                transitions.setdefault(native, _transition(native, at, item, authors.get(id(entry))))
                moves += 1
            elif kind:
                change = _change(f"{number}:{kind}", at, kind, item)
                changes.setdefault(change.native_id, change)
    return tuple(transitions.values()), tuple(changes.values())


def kind_of(item: dict[str, Any], kinds: dict[str, str]) -> str:
    """What a changelog item is about; empty for what we do not follow. A custom field may be called Status, too."""
    field_id = item.get("fieldId")
    if field_id:
        return kinds.get(field_id, "")
    kind = kinds.get(item.get("field") or "", "")
    return "" if kind in ("status", "key") and item.get("fieldtype") == "custom" else kind


def _transition(native_id: str, at: datetime, item: dict[str, Any], author: str | None) -> TransitionRecord:
    return TransitionRecord(
        native_id,
        at,
        item.get("from") or "",
        item.get("fromString") or "",
        item.get("to") or "",
        item.get("toString") or "",
        author,
    )


def _change(native_id: str, at: datetime, kind: str, item: dict[str, Any]) -> FieldChangeRecord:
    """Sprints are told by ids (``from``, a comma list), all else by words (``fromString``: a key, Impediment)."""
    if kind == "sprint":
        return FieldChangeRecord(native_id, at, kind, _ids(item.get("from")), _ids(item.get("to")))
    return FieldChangeRecord(native_id, at, kind, item.get("fromString") or "", item.get("toString") or "")


def _ids(value: Any) -> str:
    return str(value).replace(" ", "") if value else ""


def _when(pair: tuple[datetime, Entry]) -> tuple[datetime, int]:
    number = str(pair[1].get("id") or "")
    return pair[0], int(number) if number.isdecimal() else 0
