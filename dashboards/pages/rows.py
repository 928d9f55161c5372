"""A deliverable as a row of a table: the same on the overview, in the list and on a team's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboards import glyphs
from dashboards.sentences import stands_out
from delivery.core.chance import Level
from delivery.core.promise import Promise


@dataclass(frozen=True, slots=True)
class Row:
    promise: Promise
    range: glyphs.Range
    fact: str
    is_new: bool  # likely to be missed now, and not a week ago


@dataclass(frozen=True, slots=True)
class Table:
    """Rows on one scale of time."""

    rows: tuple[Row, ...]
    months: tuple[glyphs.Mark, ...]


def table(promises: Sequence[Promise], today: date) -> Table:
    on = glyphs.scale(promises, today)
    rows = [Row(one, glyphs.range_of(one, on), stands_out(one), _is_new(one)) for one in promises]
    return Table(tuple(rows), tuple(glyphs.months(on)))


def _is_new(promise: Promise) -> bool:
    return promise.level == Level.LIKELY and promise.level_before not in (None, Level.LIKELY)
