"""What an answer's headers say of a quota. Missing headers mean that no limit is known, never that it is 0 (G17)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from delivery.connectors.contract import Budget
from delivery.connectors.instants import http_date, instant

_MEMBER = re.compile(r'"?([\w .-]+)"?((?:\s*;\s*\w+=[^;,]*)+)')
STRUCTURED = (("beta-ratelimit", "beta-ratelimit-policy"), ("ratelimit", "ratelimit-policy"))


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota by the source's last word. ``resets`` and ``refills``: seconds from now.

    ``refills`` is how long it takes until there is one more, where a bucket fills up bit by bit (D4). ``whole``: it is
    one of the credential; others are counted for each lane (J30, and GitHub's resources).
    """

    limit: int | None
    remaining: int | None
    resets: float | None
    refills: float | None = None
    whole: bool = False

    def budget(self, now: datetime) -> Budget:
        resets = None if self.resets is None else now + timedelta(seconds=self.resets)
        return Budget(self.limit, self.remaining, resets)

    def tightness(self) -> float:
        """How much is left, from 0 to 1; 1 where that is not known."""
        return self.remaining / self.limit if self.limit and self.remaining is not None else 1.0


def quota(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """What ``headers`` say, or None. The hourly points of Jira Cloud come before its bursts, which are told, too.

    ``now`` counts only where the answer has no Date: a reset is an instant of the source's clock, and ours may differ.
    """
    for left, policy in STRUCTURED:
        found = _structured(headers.get(left, ""), headers.get(policy, ""))
        if found is not None:
            return found
    at = http_date(headers) or now
    return _plain(headers, "x-ratelimit-", at) or _plain(headers, "ratelimit-", at)


def graphql(json: Any, now: datetime) -> Quota | None:
    """What GraphQL's ``rateLimit`` says: {limit, remaining, resetAt}; null on an Enterprise Server (G17)."""
    if not isinstance(json, dict) or not isinstance(json.get("remaining"), int):
        return None
    return Quota(_whole(json.get("limit")), json["remaining"], _until(json.get("resetAt"), now))


def _plain(headers: Mapping[str, str], prefix: str, now: datetime) -> Quota | None:
    limit, remaining = _whole(headers.get(f"{prefix}limit")), _whole(headers.get(f"{prefix}remaining"))
    text = headers.get(f"{prefix}reset")
    if limit is None and remaining is None and text is None:
        return None
    fill, interval = _number(headers.get(f"{prefix}fillrate")), _number(headers.get(f"{prefix}interval-seconds"))
    if fill and interval:
        missing = max((limit or 0) - (remaining or 0), 0)
        return Quota(limit, remaining, missing * interval / fill, interval / fill, whole=True)
    delta = _number(text) if prefix == "ratelimit-" else None  # the draft standard's is in seconds
    return Quota(limit, remaining, delta if delta is not None else _until(text, now))


def _structured(left: str, policy: str) -> Quota | None:
    """``"app-quota";r=90;t=30`` with ``"app-quota";q=100;w=3600``; of several, the one that lasts longest."""
    policies, found = _members(policy), []
    for name, values in _members(left).items():
        if "r" in values:
            about = policies.get(name, {})
            limit, resets = about.get("q", values.get("q")), values.get("t", about.get("w"))
            found.append((about.get("w") or resets or 0.0, Quota(_whole(limit), int(values["r"]), resets, whole=True)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _members(text: str) -> dict[str, dict[str, float]]:
    found = {}
    for name, values in _MEMBER.findall(text):
        pairs = (value.strip().partition("=")[::2] for value in values.split(";") if "=" in value)
        found[name.strip()] = {key: number for key, value in pairs if (number := _number(value)) is not None}
    return found


def _until(text: Any, now: datetime) -> float | None:
    """Seconds until an epoch (GitHub) or an ISO minute (Jira Cloud, J31)."""
    at = instant(text)
    return None if at is None else max((at - now).total_seconds(), 0.0)


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < 1e15 else None
