"""The parts of a source, each with its own state: what was read when, what is wrong with it, what is under way. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboards import words
from dashboards.pages import source_state
from dashboards.pages.source_runs import KINDS, when
from delivery.freshness import SliceState, SourceState, State

WELL: Final = 12  # rows of what needs nobody; more of them are one click away
RANKS: Final = {State.PARTIAL: 2, State.LATE: 2, State.NEVER: 3}
RETRIED: Final = (State.STOPPED, State.LATE, State.NEVER)
CALM: Final = (State.FRESH, State.NEVER)  # what was read, and what waits for its first time


@dataclass(frozen=True, slots=True)
class SliceRow:
    """``done`` of ``of`` while it is read and the source says how much there is. ``retry``: a button makes sense.
    ``well``: it needs nobody, ``waits``: because its first reading is still to come."""

    id: int
    what: str
    level: str
    state: str
    read: str
    error: str
    missing: str
    busy: bool
    done: int
    of: int | None
    retry: bool
    well: bool = False
    waits: bool = False


def rows(source: SourceState, *, now: datetime, zone: ZoneInfo, resting: str = "") -> tuple[SliceRow, ...]:
    """Every part, what needs somebody first. ``resting``: the word for parts that nobody reads any more."""
    worst = sorted(source.slices, key=lambda part: (_rank(part), part.scope.lower(), part.kind))
    return tuple(_resting(row, resting) if resting else row for row in (_row(part, now, zone) for part in worst))


def at_once(found: Sequence[SliceRow]) -> int:
    """How many rows to show: all that need somebody, and some that need nobody."""
    return sum(not row.well for row in found) + WELL


def more_says(found: Sequence[SliceRow]) -> str:
    """288 more parts wait for their first reading, 3 more parts are fresh; 12 more parts, where none is read."""
    if any(row.state not in (source_state.WORDS[one] for one in CALM) for row in found):
        return words.plural(len(found), "more part")
    waiting = sum(row.waits for row in found)
    told = [(waiting, "waits for its first reading", "wait for their first reading")]
    told.append((len(found) - waiting, "is fresh", "are fresh"))
    return ", ".join(
        f"{words.plural(count, 'more part')} {one if count == 1 else many}" for count, one, many in told if count
    )


def progress_says(source: SourceState) -> str:
    """3 of 8 parts read, about 240 a second, about 4 minutes left."""
    done = source_state.progress(source)
    if done is None:
        read = sum(part.last_success is not None for part in source.slices)
        return f"{words.number(read)} of {words.plural(len(source.slices), 'part')} read"
    told = [f"{words.number(int(done.done))} of {words.plural(done.of, 'part')} read"]
    if source.read:
        told.append(f"{words.number(source.read)} things in those under way")
    if source.rate:
        told.append(f"about {rate(source.rate)}")
    if done.left:
        told.append(f"{done.left} left")
    return ", ".join(told)


def rate(a_second: float) -> str:
    """240 a second; below one, a minute."""
    if a_second >= 1:
        return f"{words.number(round(a_second))} a second"
    return f"{words.number(max(round(a_second * 60), 1))} a minute"


def _rank(part: SliceState) -> int:
    return 0 if part.state == State.STOPPED else 1 if part.busy else RANKS.get(part.state, 4)


def _is_well(part: SliceState) -> bool:
    return part.state in CALM and not part.busy and not part.missing and not part.error


def _resting(row: SliceRow, word: str) -> SliceRow:
    """No part of a source that is not read is fresh, or late; one that stopped stays so, and what is busy ends first."""
    if row.busy or row.error:
        return row
    return replace(row, level="none", state=word, retry=False, well=not row.missing)


def _row(part: SliceState, now: datetime, zone: ZoneInfo) -> SliceRow:
    parked = part.not_before is not None and part.not_before > now
    wait = f" It goes on by itself {when(part.not_before, now, zone)}." if parked and part.not_before else ""
    return SliceRow(
        id=part.id,
        what=words.capital(f"{KINDS.get(part.kind, part.kind)} of {part.scope}"),
        level=source_state.LEVELS.get(part.state, "none"),
        state=source_state.WORDS[State.READING if part.busy else part.state],
        read=words.capital(when(part.last_success, now, zone)) if part.last_success else "Not yet",
        error=f"{part.error}{wait}" if part.error else "",
        missing=f"{words.plural(part.missing, 'thing')} could not be read" if part.missing else "",
        busy=part.busy,
        done=part.read,
        of=part.expected,
        well=_is_well(part),
        waits=part.state == State.NEVER,
        retry=not part.busy and (part.state in RETRIED or bool(part.missing)),
    )
