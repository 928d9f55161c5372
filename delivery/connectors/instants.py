"""One reading of every form in which Jira and GitHub write an instant (J10, J14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LEAST_MS = 100_000_000_000  # below it (the year 5138 in seconds, 1973 in milliseconds) an epoch number is in seconds


def instant(value: Any) -> datetime | None:
    """The UTC instant of an ISO text (``…Z``, ``…+0800``, ``…+08:00``) or an epoch number in s or ms; None for none.

    An instant without an offset is taken as UTC. What is no instant (``<null>``) gives None.
    """
    if not value:
        return None
    if isinstance(value, str) and not value.isdecimal():
        return _from_text(value)
    try:
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number >= LEAST_MS else number, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def http_date(headers: Mapping[str, str]) -> datetime | None:
    """The instant of a Date header; None where there is none, or no date in it."""
    try:
        at = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _from_text(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        zone = at.tzinfo
        if zone is UTC:  # the common case, and much cheaper than converting
            return at
        return at.replace(tzinfo=UTC) if zone is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day that Python knows have no other zone
        return None
