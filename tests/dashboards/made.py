"""Promises for the pure tests: everything has a default, a test says only what it is about."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from delivery.core.chance import level_of
from delivery.core.promise import Promise

DAY = date(2026, 11, 10)
_numbers = count(1)


def promise(title: str = "Event schema v3", missing: float | None = 0.81, **fields: Any) -> Promise:
    """Promised for 11 December, as in the design: likely 22 December, almost surely by 11 January."""
    known = missing is not None
    values: dict[str, Any] = {
        "id": next(_numbers),
        "kind": "platform",
        "day": DAY,
        "team": "Streaming & Events",
        "team_slug": "streaming",
        "group": "Data Platform",
        "group_slug": "data-platform",
        "owner": "Elif Aydin",
        "owner_id": 1,
        "owner_initials": "EA",
        "goal": "",
        "goal_id": None,
        "start": date(2026, 9, 7),
        "target": date(2026, 12, 11),
        "first_target": date(2026, 12, 11),
        "moves": 0,
        "missing_before": 0.69 if known else None,
        "level": level_of(1 - missing if missing is not None else None),
        "level_before": level_of(0.31) if known else None,
        "p50": date(2026, 12, 22) if known else None,
        "p85": date(2027, 1, 11) if known else None,
        "p95": date(2027, 1, 22) if known else None,
        "quantiles": tuple(20 + 0.6 * share for share in range(1, 100)) if known else (),
        "reason": "" if known else "A forecast needs 5 finished items.",
        "items": 84,
        "items_done": 56,
        "blocked": 0,
        "grown": 0,
        "at_commitment": 58,
        "declared": "",
        "confidence": None,
        "declared_on": None,
        "items_begun": 60,
        "last_finish": DAY - timedelta(days=2),
    }
    return Promise(title=title, missing=missing, **(values | fields))


def in_days(count: int) -> date:
    return DAY + timedelta(days=count)
