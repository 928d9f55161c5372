"""The preview page: a digest of this week or a past one, as oneself, as a role, or as one of the readers."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from dashboards import words
from dashboards.access import can_preview_as, can_subscribe_others, visible_subscriptions
from dashboards.digest.composing import preview
from dashboards.digest.readers import Reader, reader_of
from dashboards.digest.records import Digest, from_json
from dashboards.digest.schedule import WEEK, monday_of, next_slot, week_of
from dashboards.models import DigestIssue, Subscription
from dashboards.pages.filters import Choice
from people.access import stand_in
from people.models import Person, Role

WEEKS: Final = 53
FIRST: Final = date(2000, 1, 1)
MOST_READERS: Final = 200
_READER: Final = re.compile(r"reader:(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Looked:
    """``issue``: what was really told, where it was; ``note`` says which of both this is."""

    digest: Digest
    issue: DigestIssue | None
    note: str
    weeks: tuple[Choice, ...]
    eyes: tuple[Choice, ...]
    ignored: tuple[str, ...]
    query: str
    mine: Subscription | None

    @property
    def filters(self) -> Looked:
        """What the component for ignored filters asks."""
        return self


def looked_at(user: Person, query: QueryDict, *, now: datetime) -> Looked:
    today = timezone.localdate(now)
    mine = visible_subscriptions(user).filter(person=user.pk).first()
    weeks = _weeks(query.get("week") or "", today)
    eyes = _eyes(user, query.get("as") or "")
    ignored: list[str] = []
    week = _known(query.get("week"), weeks, "week", ignored) or week_of(today)
    seen_as = _known(query.get("as"), eyes, "reader", ignored)
    row, reader = _reader(user, seen_as, mine)
    issue = _told(row, week)
    day = today if week == week_of(today) else _day(row, week, today)
    return Looked(
        digest=from_json(issue.content or {}) if issue else preview(reader, now=now, day=day),
        issue=issue,
        note=_note(issue, day, today, row, now),
        weeks=tuple(Choice(value, label, value == week) for value, label in weeks.items()),
        eyes=tuple(Choice(value, label, value == seen_as) for value, label in eyes.items()),
        ignored=tuple(ignored),
        query=urlencode([(name, value) for name, value in (("week", week), ("as", seen_as)) if value]),
        mine=mine,
    )


def _weeks(asked: str, today: date) -> dict[str, str]:
    """The last WEEKS by name, and the one asked for, however long ago it was."""
    days = [today - WEEK * back for back in range(WEEKS)]
    with suppress(ValueError):
        monday = monday_of(asked)
        days += [monday] if FIRST <= monday < days[-1] else []
    return {week_of(day): _week_name(day, back, today) for back, day in enumerate(days)}


def _known(asked: str | None, known: dict[str, str], what: str, ignored: list[str]) -> str:
    if asked and asked not in known:
        ignored.append(f"There is no {what} “{asked[:60]}” here")
    return asked if asked in known else ""  # type: ignore[return-value]


def _week_name(day: date, back: int, today: date) -> str:
    monday = day - timedelta(days=day.weekday())
    when = {0: "This week", 1: "Last week"}.get(back) or f"Week of {words.dated(monday, today)}"
    return f"{when} ({week_of(day)[5:]})"


def _eyes(user: Person, asked: str) -> dict[str, str]:
    """Oneself, every role one may look as, and for a director each reader, the one asked for among them in any case."""
    found = {"": "As you get it"}
    found |= {f"role:{role.value}": f"As any {role.label.lower()}" for role in Role if can_preview_as(user, role)}
    if can_subscribe_others(user):
        rows = visible_subscriptions(user).select_related("person")
        shown = [*rows.filter(stopped=None)[:MOST_READERS], *rows.filter(pk=_pk(asked))]
        found |= {f"reader:{one.pk}": f"As {one}" for one in shown if one.person_id != user.pk}
    return found


def _pk(asked: str) -> int:
    found = _READER.fullmatch(asked)
    return int(found[1]) if found else 0


def _reader(user: Person, seen_as: str, mine: Subscription | None) -> tuple[Subscription | None, Reader]:
    kind, _, value = seen_as.partition(":")
    if kind == "role":
        return None, Reader(stand_in(Role(value)))
    row = mine if kind != "reader" else visible_subscriptions(user).select_related("person", "by").get(pk=int(value))
    return row, reader_of(row) if row else Reader(user)


def _told(row: Subscription | None, week: str) -> DigestIssue | None:
    return row.issues.filter(week=week, content__isnull=False).first() if row else None


def _day(row: Subscription | None, week: str, today: date) -> date:
    """The day of a past week on which the reader would have got it."""
    return min(monday_of(week) + timedelta(days=row.weekday if row else 0), today)


def _note(issue: DigestIssue | None, day: date, today: date, row: Subscription | None, now: datetime) -> str:
    if issue and issue.composed:
        return f"As it was told on {words.full_day(timezone.localdate(issue.composed))}."
    if day != today:
        return f"Not sent. This is what it would have said on {words.full_day(day)}, from what was known then."
    if row is None or row.stopped or not row.confirmed:
        return "As it would be if it were sent now."
    slot = next_slot(now, zone=row.zone, weekday=row.weekday, hour=row.hour)
    return (
        f"As it would be if it were sent now. The next one goes out on {words.full_day(slot.day)} at {row.hour:02d}:00."
    )
