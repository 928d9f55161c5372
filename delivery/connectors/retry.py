"""When to ask again: the wait comes from the answer where it gives one, else it grows. Pure arithmetic."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SECONDARY_WAIT = 60.0  # seconds; what GitHub asks for when it names no time (G12)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient to be. Waits are seconds; a limit that asks for more than ``longest_wait`` is handed up instead."""

    tries: int = 6
    first_wait: float = 0.5
    longest_wait: float = 90.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random  # in [0, 1)

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after the failed ``attempt`` (1, 2, …): doubling, spread over ±50 %."""
        return min(self.first_wait * 2.0 ** (attempt - 1), 30.0) * (0.5 + self.jitter())


def is_limit(status: int, headers: Mapping[str, str], text: str) -> bool:
    """Whether the answer means "too fast" and not "not allowed": GitHub says 403 for both (G11, G13)."""
    if status == 429:
        return True
    if status != 403:
        return False
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or "rate limit" in text.lower()


def limit_wait(headers: Mapping[str, str], text: str, attempt: int, policy: RetryPolicy) -> float:
    """Seconds to wait after an answer that means "too fast", a little jitter included (J30, G11, G12)."""
    asked = asked_wait(headers, policy.now())
    if asked is None and "secondary" in text.lower():
        asked = SECONDARY_WAIT * 2.0 ** (attempt - 1)
    if asked is None or asked <= 0:  # D4 says 0 when tokens are left again
        return policy.backoff(attempt)
    return asked * (1 + 0.1 * policy.jitter())


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the server asks to wait; None when it does not say. Missing headers mean no limit is known (G17)."""
    after = headers.get("retry-after")
    if after is not None:
        seconds = _seconds(after, now)
        if seconds is not None:
            return max(seconds, 0.0)
    reset = headers.get("x-ratelimit-reset")
    if reset is None or headers.get("x-ratelimit-remaining", "0") != "0":
        return None
    until = _instant(reset)
    return None if until is None else max((until - now).total_seconds(), 0.0)


def _seconds(text: str, now: datetime) -> float | None:
    """Retry-After is a number of seconds or an HTTP date."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):
        return None


def _instant(text: str) -> datetime | None:
    """A reset is epoch seconds at GitHub and an ISO minute at Jira Cloud (J31)."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
