"""When to ask again: the wait comes from the answer where it gives one, else it grows. Pure arithmetic."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from delivery.connectors import budgets
from delivery.connectors.instants import http_date

SECONDARY_WAIT = 60.0  # seconds; what GitHub asks for when it names no time (G12)
HOUR = 3600.0
LONGEST = 7 * 24 * HOUR  # nothing that is asked for is believed beyond it
PARKED = ("jira-quota", "jira-cost")  # reasons that no wait of seconds helps against (J30)
WHOLE = (*PARKED, "secondary", "abuse")  # limits of the credential and not of one endpoint
_TOO_FAST = ("rate limit", "abuse detection")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be. Waits are seconds; a limit that asks for more than ``longest_wait`` is handed up instead.

    ``longest_request``: seconds one request may take from its first byte to its last.
    """

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 90.0
    longest_request: float = 180.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random  # in [0, 1)

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after the failed ``attempt`` (1, 2, …): doubling, spread over ±50 %."""
        return min(self.first_wait * 2.0 ** (attempt - 1), 30.0) * (0.5 + self.jitter())


@dataclass(frozen=True, slots=True)
class Limit:
    """What an answer that means "too fast" asks for: ``wait`` (seconds, jitter included) before the next try.

    ``asked`` is what the source itself named, if it did, for all who share the credential: in the whole of it
    (``whole``) or in the lane. ``parked``: no wait of a worker helps, the quota of an hour is used up.
    """

    wait: float
    asked: float | None
    whole: bool
    parked: bool
    reason: str


def is_limit(status: int, headers: Mapping[str, str], text: str) -> bool:
    """Whether the answer means "too fast" and not "not allowed": GitHub says 403 for both (G11, G13)."""
    if status == 429:
        return True
    if status != 403:
        return False
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or any(word in text.lower() for word in _TOO_FAST)


def limit(headers: Mapping[str, str], text: str, attempt: int, policy: RetryPolicy) -> Limit:
    """What to do after an answer that means "too fast" (J30, G11, G12)."""
    reason = headers.get("ratelimit-reason", "") or text
    parked = reason.startswith(PARKED)
    asked = asked_wait(headers, policy.now())
    if parked and not asked:
        asked = _next_hour(headers, policy.now())
    elif asked is None and _by_github(headers, text):
        asked = SECONDARY_WAIT * 2.0 ** (attempt - 1)
    whole = any(word in reason.lower() for word in WHOLE)
    if asked is None or asked <= 0:  # D4 says 0 when tokens are left again
        return Limit(policy.backoff(attempt), None, whole, parked, reason)
    return Limit(asked * (1 + 0.1 * policy.jitter()), asked, whole, parked, reason)


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the server asks to wait; None when it does not say. Missing headers mean no limit is known (G17).

    What it names as an instant is one of its own clock, which the same answer tells: ours may be minutes off.
    """
    after = headers.get("retry-after")
    if after is not None:
        seconds = _seconds(after, http_date(headers) or now)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST)
    quota = budgets.quota(headers, now)
    if quota is None or quota.remaining not in (None, 0):
        return None
    asked = quota.refills or quota.resets
    return None if asked is None else min(asked, LONGEST)


def _by_github(headers: Mapping[str, str], text: str) -> bool:
    """Whether it is GitHub's "wait at least a minute": it names no time for a secondary limit (G12)."""
    return "secondary" in text.lower() or "abuse" in text.lower() or "x-github-request-id" in headers


def _next_hour(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until the hourly points are counted anew, by the source's clock."""
    return HOUR - (http_date(headers) or now).timestamp() % HOUR


def _seconds(text: str, now: datetime) -> float | None:
    """Retry-After is a number of seconds or an HTTP date."""
    try:
        return min(float(text), LONGEST) if float(text) == float(text) else None  # nan is no number
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
