"""The list of deliverables as a file for a spreadsheet. What is not known is an empty cell."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import StringIO
from typing import Any, Final

from dashboards import words
from dashboards.sentences import stands_out
from delivery.core.promise import Promise

COLUMNS: Final = (
    "id", "deliverable", "kind", "team", "group", "owner", "goal", "promised", "first promised", "times moved",
    "level", "chance of missing %", "chance of missing a week ago %", "likely (P50)", "almost surely (P85)", "P95",
    "items", "items done", "open items blocked", "items added since promised", "items when promised",
    "declared status", "declared confidence %", "declared on", "waits for", "what stands out", "delivered", "as of",
)  # fmt: skip
DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(promises: Iterable[Promise]) -> str:
    return written(COLUMNS, (_cells(one) for one in promises))


def written(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A CSV text whose cells no spreadsheet takes for a formula."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _cells(one: Promise) -> tuple[Any, ...]:
    return (
        one.id, one.title, one.kind, one.team, one.group, one.owner, one.goal,
        _day(one.target), _day(one.first_target), one.moves,
        "Delivered" if one.delivered else words.LEVELS[one.level], _percent(one.missing), _percent(one.missing_before),
        _day(one.p50), _day(one.p85), _day(one.p95),
        one.items, one.items_done, one.blocked, one.grown, one.at_commitment,
        one.declared.replace("_", " "), one.confidence, _day(one.declared_on),
        "; ".join(one.waits_for), stands_out(one), _day(one.delivered), _day(one.day),
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _percent(missing: float | None) -> str:
    return "" if missing is None else words.short_of_certain(words.percent(missing))
