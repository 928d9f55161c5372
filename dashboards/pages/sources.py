"""Where the facts come from: what is fresh, what is being read, what stopped, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.core.cache import cache

from dashboards import words
from dashboards.pages import source_says, source_state
from dashboards.pages.source_runs import KINDS, Meanings, RunRow, meanings, recent_runs, when
from dashboards.pages.source_state import Progress
from dashboards.pages.source_table import rate
from dashboards.sentences import Sentence
from delivery.access import can_manage_sources, visible_sources
from delivery.freshness import SliceState, SourceState, State, freshness
from delivery.models import Source, SourceKind
from people.access import User

MARKS: Final = {SourceKind.JIRA: "Ji", SourceKind.GITHUB: "Gh"}
TOKEN: Final = ("credentials", "expired")  # what only a new token mends
NAMED: Final = 3  # parts that a notice names
PAUSED: Final = "{name} is paused: resume it first."
ASK: Final = "An administrator can see why and mend it."


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, what it affects, what to do; ``detail`` is what the server answered, for administrators."""

    happened: str
    affects: str
    do: str
    detail: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """``says`` tells everybody how fresh it is; ``holds`` and ``address`` are empty for who does not manage it.

    ``lacks``: sentences about what is missing of it. ``active``: it is neither disconnected nor being deleted. ``token``: a new token is what it needs.
    """

    id: int
    name: str
    mark: str
    state: str
    level: str
    says: str
    holds: str
    address: str
    progress: Progress | None
    notice: Notice | None
    lacks: tuple[str, ...] = ()
    paused: bool = False
    active: bool = True
    token: bool = False


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """``reading``: the list asks again by itself until nothing is being read."""

    headline: Sentence
    level: str
    rows: tuple[SourceRow, ...]
    runs: tuple[RunRow, ...]
    meanings: Meanings | None
    manages: bool
    reading: bool


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who looks, when and from where."""

    manages: bool
    now: datetime
    zone: ZoneInfo


def page(user: User, *, now: datetime, unread: Mapping[str, Sequence[str]] | None = None) -> SourcesPage:
    """``unread``: by the name of a source, what teams count on there and nobody reads."""
    reader = _Reader(can_manage_sources(user), now, ZoneInfo(getattr(user, "timezone", "UTC")))
    visible = {one.pk: one for one in visible_sources(user)}
    sources = [one for one in freshness(now) if one.id in visible]
    standings = [_standing(one, reader) for one in sources if visible[one.id].disconnected is None]
    return SourcesPage(
        headline=source_says.headline(standings, kept=bool(sources)),
        level=source_says.level(standings),
        rows=tuple(_row(one, visible[one.id], reader, (unread or {}).get(one.name, ())) for one in sources),
        runs=recent_runs(sources, now=now, zone=reader.zone) if reader.manages else (),
        meanings=meanings() if reader.manages else None,
        manages=reader.manages,
        reading=any(source_state.goes_on(one, now) for one in sources) or _was_asked(sources),
    )


def asked(source_id: int) -> str:
    """The key under which it is kept for a minute that somebody wished to read a source now."""
    return f"read-now-{source_id}"


def _was_asked(sources: Sequence[SourceState]) -> bool:
    return bool(cache.get_many([asked(one.id) for one in sources]))


def _row(source: SourceState, row: Source, reader: _Reader, unread: Sequence[str]) -> SourceRow:
    progress = source_state.progress(source)
    active = row.disconnected is None and not row.removing
    stopped = active and source.state == State.STOPPED
    return SourceRow(
        id=source.id,
        name=source.name,
        mark=MARKS.get(SourceKind(source.kind), source.name[:2]),
        state=source_state.WORDS[source.state] if active else "Being deleted" if row.removing else "Disconnected",
        level=source_state.LEVELS.get(source.state, "none") if active else "none",
        says=_says(source, progress, reader),
        holds=_holds(source) if reader.manages else "",
        address=" as ".join(filter(None, [row.browse or source.url, source.account])) if reader.manages else "",
        progress=progress,
        notice=_notice(source, reader) if stopped else None,
        lacks=tuple(_lacks(source, reader, unread)) if active else (),
        paused=row.paused,
        active=active,
        token=stopped and any(part.error_kind in TOKEN for part in source_state.stopped(source)),
    )


def _says(source: SourceState, progress: Progress | None, reader: _Reader) -> str:
    unread = sum(part.last_success is None for part in source.slices)
    if progress:
        told = f"Reading {'history' if unread else 'what changed'}: {int(progress.done)} of {words.plural(progress.of, 'part')}"
        pace = [rate(source.rate)] if source.rate else []
        return ", ".join([told, *([f"{progress.left} left"] if progress.left else []), *pace])
    if not source.slices or unread == len(source.slices):
        return "Not read yet"
    if source.last_success is None:
        return f"Read in part, {words.plural(unread, 'part')} missing"
    if source.state in (State.FRESH, State.PARTIAL):
        return f"Last read {words.ago(source.last_success, reader.now)}"
    return f"Last read whole {when(source.last_success, reader.now, reader.zone)}"


def _holds(source: SourceState) -> str:
    """12,480 issues in 8 projects; 37 repositories."""
    if source.kind == SourceKind.GITHUB:
        return words.plural(source.repositories or len(source.scopes), "repository", "repositories")
    projects = words.plural(len(source.scopes), "project")
    return f"{words.plural(source.items, 'issue')} in {projects}" if source.items else projects


def _notice(source: SourceState, reader: _Reader) -> Notice:
    """For who cannot mend it, no more than that it stopped and what that means."""
    parts = source_state.stopped(source)
    read = [part.last_success for part in parts if part.last_success]
    since = f"are as of {when(min(read), reader.now, reader.zone)}" if read else "are not known yet"
    affects = words.capital(f"{source_state.affects(parts)} {since}.")
    if not reader.manages:
        return Notice("Reading stopped.", affects, ASK, "")
    concerned = [f"{KINDS.get(part.kind, part.kind)} of {part.scope}" for part in parts]
    more = [f"{len(concerned) - NAMED} more parts"] if len(concerned) > NAMED else []
    return Notice(
        parts[0].error, affects, f"It concerns {words.listed(concerned[:NAMED] + more)}.", _detail(source, parts)
    )


def _lacks(source: SourceState, reader: _Reader, unread: Sequence[str]) -> Iterator[str]:
    """What is there and not here, for who does not manage it without a name."""
    if unread:
        yield f"{words.listed(list(unread))} {'is' if len(unread) == 1 else 'are'} not read, and teams count on that."
    if source.alarms:
        yield (
            source.alarms[0]
            if reader.manages
            else "Much less can be seen there than before; nothing counts as deleted."
        )
    if source.missing:
        yield f"{words.plural(source.missing, 'thing')} could not be read; everything else is used."


def _detail(source: SourceState, parts: Sequence[SliceState]) -> str:
    """What the server answered in the newest run of each stopped part, each answer once."""
    newest: dict[int, str] = {}
    for run in source.runs:
        newest.setdefault(run.slice_id, run.detail)
    return "; ".join(dict.fromkeys(filter(None, (newest.get(part.id, "") for part in parts))))


def _standing(source: SourceState, reader: _Reader) -> source_says.Standing:
    parts, progress = source_state.stopped(source), source_state.progress(source)
    kind = parts[0].error_kind if parts and reader.manages else ""
    left = progress.left if progress else ""
    alarm = bool(source.alarms)
    return source_says.Standing(source.name, source.state, kind, left, missing=source.missing, alarm=alarm)
