"""Where the facts come from: what is fresh, what is being read, what stopped, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet

from dashboards import words
from dashboards.pages import source_says, source_state
from dashboards.pages.source_runs import Meanings, RunRow, meanings, recent_runs, started
from dashboards.pages.source_state import LEVELS, Progress, State
from dashboards.sentences import Sentence
from delivery.access import can_manage_sources, visible_sources
from delivery.models import Source, SourceKind, SourceSlice, SyncRun
from people.access import User

MARKS: Final = {SourceKind.JIRA: "Ji", SourceKind.GITHUB: "Gh"}
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
    """``says`` tells everybody how fresh it is; ``holds`` and ``address`` are empty for who does not manage it."""

    id: int
    name: str
    mark: str
    state: State
    level: str
    says: str
    holds: str
    address: str
    progress: Progress | None
    notice: Notice | None


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


def page(user: User, *, now: datetime) -> SourcesPage:
    reader = _Reader(can_manage_sources(user), now, ZoneInfo(getattr(user, "timezone", "UTC")))
    sources = list(_counted(visible_sources(user)) if reader.manages else visible_sources(user))
    parts = _parts(sources)
    details, began = _details(sources) if reader.manages else {}, _began(sources)
    rows = tuple(_row(one, parts[one.pk], began.get(one.pk), details, reader) for one in sources)
    standings = [_standing(row, parts[row.id], reader) for row in rows]
    return SourcesPage(
        headline=source_says.headline(standings),
        level=source_says.level(standings),
        rows=rows,
        runs=recent_runs(now=now, zone=reader.zone) if reader.manages else (),
        meanings=meanings() if reader.manages else None,
        manages=reader.manages,
        reading=any(row.state == State.READING for row in rows),
    )


def _counted(sources: QuerySet[Source]) -> QuerySet[Source]:
    items = Count("items", filter=Q(items__deleted__isnull=True), distinct=True)
    return sources.annotate(item_count=items)


def _parts(sources: Sequence[Source]) -> dict[int, list[SourceSlice]]:
    parts: dict[int, list[SourceSlice]] = {source.pk: [] for source in sources}
    for part in SourceSlice.objects.filter(source__in=sources).order_by("source", "kind", "scope"):
        parts[part.source_id].append(part)
    return parts


def _began(sources: Sequence[Source]) -> dict[int, datetime]:
    """When each source was first read."""
    rows = SyncRun.objects.filter(source__in=sources).order_by().values("source").annotate(began=Min("started"))
    return dict(rows.values_list("source", "began"))


def _details(sources: Sequence[Source]) -> dict[int, str]:
    """What the server answered in the last failed run of each slice."""
    failed = SyncRun.objects.filter(source__in=sources).exclude(detail="")
    latest = failed.order_by().values("slice").annotate(last=Max("pk")).values("last")
    return dict(SyncRun.objects.filter(pk__in=latest).values_list("slice_id", "detail"))


def _row(
    source: Source, parts: Sequence[SourceSlice], began: datetime | None, details: dict[int, str], reader: _Reader
) -> SourceRow:
    state = source_state.state_of(parts, reader.now, paused=source.paused)
    reading = state == State.READING
    progress = source_state.progress(parts, began, reader.now) if reading else None
    return SourceRow(
        id=source.pk,
        name=source.name,
        mark=MARKS.get(SourceKind(source.kind), source.name[:2]),
        state=state,
        level=LEVELS.get(state, "none"),
        says=_says(state, parts, progress, reader),
        holds=_holds(source) if reader.manages else "",
        address=_address(source) if reader.manages else "",
        progress=progress,
        notice=_notice(source_state.stopped(parts), details, reader) if state == State.STOPPED else None,
    )


def _says(state: State, parts: Sequence[SourceSlice], progress: Progress | None, reader: _Reader) -> str:
    if progress:
        history = any(part.last_success is None for part in parts)
        told = f"Reading {'history' if history else 'what changed'}: {int(progress.done)} of {words.plural(progress.of, 'part')}"
        return f"{told}, {progress.left} left" if progress.left else told
    read = [part.last_success for part in parts if part.last_success]
    if not read:
        return "Not read yet"
    if len(read) < len(parts):
        return f"Read in part, {words.plural(len(parts) - len(read), 'part')} missing"
    oldest = min(read)
    if state == State.FRESH:
        return f"Last read {words.ago(oldest, reader.now)}"
    return f"Last read whole {started(oldest, reader.now, reader.zone)}"


def _holds(source: Source) -> str:
    scopes = words.plural(
        len(source.scopes),
        "project" if source.kind == SourceKind.JIRA else "repository",
        "repositories" if source.kind == SourceKind.GITHUB else "",
    )
    count: int = getattr(source, "item_count", 0)
    return f"{words.plural(count, 'issue')} in {scopes}" if source.kind == SourceKind.JIRA else scopes


def _address(source: Source) -> str:
    return " as ".join(filter(None, [source.url, source.account]))


def _notice(stopped: Sequence[SourceSlice], details: dict[int, str], reader: _Reader) -> Notice:
    """For who cannot mend it, no more than that it stopped and what that means."""
    read = [part.last_success for part in stopped if part.last_success]
    since = f"are as of {started(min(read), reader.now, reader.zone)}" if read else "are not known yet"
    affects = words.capital(f"{source_state.affects(stopped) or 'some facts'} {since}.")
    if not reader.manages:
        return Notice("Reading stopped.", affects, ASK, "")
    told = list(dict.fromkeys(part.error for part in stopped))
    where = words.listed([f"{part.kind} of {part.scope}" for part in stopped][:4])
    detail = "; ".join(dict.fromkeys(details[part.pk] for part in stopped if part.pk in details))
    return Notice(told[0], affects, f"It concerns {where}.", detail)


def _standing(row: SourceRow, parts: Sequence[SourceSlice], reader: _Reader) -> source_says.Standing:
    stopped = source_state.stopped(parts)
    kind = stopped[0].error_kind if stopped and reader.manages else ""
    return source_says.Standing(row.name, row.state, kind, row.progress.left if row.progress else "")
