"""Which of the promised days counted on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Given(Protocol):
    """A date given on a day; a correction takes the place of the one it ``corrects_id`` from ``corrected_on``."""

    @property
    def pk(self) -> int: ...
    @property
    def given(self) -> date: ...
    @property
    def corrects_id(self) -> int | None: ...
    @property
    def corrected_on(self) -> date | None: ...


Entry = TypeVar("Entry", bound=Given)


def standing(entries: Iterable[Entry], day: date) -> list[Entry]:
    """Those of ``entries`` that were given by ``day`` and not corrected by then, in their order."""
    known = [one for one in entries if one.given <= day and (one.corrected_on is None or one.corrected_on <= day)]
    corrected = {one.corrects_id for one in known if one.corrects_id is not None}
    return [one for one in known if one.pk not in corrected]


def as_first_written(entry: Entry, entries: Iterable[Entry]) -> Entry:
    """``entry``, or where it is a correction, the one of ``entries`` that it goes back to."""
    known = {one.pk: one for one in entries}
    while entry.corrects_id in known:
        entry = known[entry.corrects_id]
    return entry
