"""The items behind a deliverable's number: what is blocked, what is old, what waits for a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from dashboards import words
from delivery import queries
from delivery.models import Deliverable

SHOWN: Final = 4
VERY_LONG: Final = "very long"


@dataclass(frozen=True, slots=True)
class Line:
    """An item or pull request at its source; ``url`` may be empty."""

    title: str
    key: str
    url: str
    age: str


@dataclass(frozen=True, slots=True)
class Panel:
    """``first`` are shown, ``rest`` can be opened. ``nothing`` is said when both are empty."""

    id: str
    title: str
    note: str
    first: tuple[Line, ...]
    rest: tuple[Line, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Evidence:
    panels: tuple[Panel, ...]


def evidence(row: Deliverable, *, now: datetime, day: date) -> Evidence:
    return Evidence((_blocked(row, now), _oldest(row, now, day), _waiting(row, now)))


def _blocked(row: Deliverable, now: datetime) -> Panel:
    found = queries.blocked_items(row)
    lines = [Line(one.title, _why(one), safe(one.url), _age(one.since, now)) for one in found]
    note = "Flagged, or waiting for another open item"
    return _panel("blocked", "Blocked", note, lines, "No open item is flagged or waits for another.")


def _why(one: queries.BlockedItem) -> str:
    return f"{one.key} · waits for {words.listed(one.blocked_by)}" if one.blocked_by and not one.flagged else one.key


def _oldest(row: Deliverable, now: datetime, day: date) -> Panel:
    found = [one for one in queries.scope_items(row, at=now) if one.age is not None]
    lines = [Line(one.title, f"{one.key} · {one.status}", safe(one.url), _span(one.age)) for one in found]
    old = sum(one.mark == VERY_LONG for one in found)
    are = "is" if old == 1 else "are"
    note = f"{old} {are} older than 6 in 7 of the team’s finished items got" if old else "Since work on them began"
    return _panel("oldest", "Oldest in progress", note, lines, "Nothing in its scope is in progress.")


def _waiting(row: Deliverable, now: datetime) -> Panel:
    found = queries.waiting_reviews(at=now, deliverable=row)
    lines = [Line(one.title, _numbered(one), safe(one.url), _span(one.waited)) for one in found]
    note = "Pull requests without a first look, since they were ready"
    return _panel(
        "reviews", "Waiting for review", note, lines, "No pull request of its items waits for a first review."
    )


def _numbered(one: queries.WaitingReview) -> str:
    return " · ".join([*one.keys[:2], f"#{one.number}"])


def _panel(name: str, title: str, note: str, lines: Sequence[Line], nothing: str) -> Panel:
    return Panel(name, f"{title}, {len(lines)}", note, tuple(lines[:SHOWN]), tuple(lines[SHOWN:]), nothing)


def safe(url: str) -> str:
    """An address of a source that a page may link to: the web, and nothing else."""
    return url if url.startswith(("https://", "http://")) else ""


def _age(since: datetime | None, now: datetime) -> str:
    return _span(now - since) if since else "not known"


def _span(span: timedelta | None) -> str:
    if span is None:
        return "not known"
    return words.plural(span.days, "day") if span.days else "today"
