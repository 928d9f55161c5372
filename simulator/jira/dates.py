"""Instants as Jira writes them, and as JQL reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

RELATIVE = re.compile(r"([+-]?\d+)([wdhmMy])")
UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


def stamp(when: datetime, zone: tzinfo) -> str:
    """``2026-11-10T09:21:33.512+0100``: the asking user's offset, without a colon (J14)."""
    text = when.astimezone(zone).isoformat(timespec="milliseconds")
    return text[:-3] + text[-2:]


def zulu(when: datetime | None) -> str | None:
    """``2026-11-10T08:21:33.512Z``, as Cloud writes the dates of sprints."""
    if when is None:
        return None
    return when.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def milliseconds(when: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(when.timestamp() * 1000)


def read(text: str, now: datetime, zone: tzinfo) -> datetime | None:
    """An instant of JQL in UTC: epoch milliseconds, a date or a minute in the user's zone (J11), or an offset from now."""
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    if match := RELATIVE.fullmatch(text):
        return now + int(match[1]) * UNITS.get(match[2], timedelta(days=30))
    for form in FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    return None
