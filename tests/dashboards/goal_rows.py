"""Goals for tests of their pages, and what their form sends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from delivery.models import CheckIn, Goal, GoalForecast, KeyResult
from tests.builders import TODAY
from tests.dashboards.conftest import NOW

Q4 = (date(2026, 10, 1), date(2027, 1, 1))


def goal(title: str = "Data on time", level: str = "company", chance: float | None = None, **fields: Any) -> Goal:
    start, end = fields.pop("period", Q4)
    made = Goal.objects.create(title=title, level=level, start=start, end=end, **fields)
    if chance is not None:
        GoalForecast.objects.create(goal=made, day=TODAY, made=NOW, chance=chance, deliverables=1, version=1)
    return made


def measure(of: Goal, current: float | None = None, **fields: Any) -> KeyResult:
    values = {"title": "Producers moved", "start": 0, "target": 40, "current": current}
    return KeyResult.objects.create(goal=of, **(values | fields))


def said(of: Goal, status: str = "on_track", confidence: int | None = 90, ago: int = 2, **fields: Any) -> CheckIn:
    return CheckIn.objects.create(
        goal=of, day=TODAY - timedelta(days=ago), status=status, confidence=confidence, **fields
    )


def sent(**fields: str) -> dict[str, str]:
    """A goal of the company for this quarter, as the form sends it."""
    values = {"title": "Data on time", "level": "company", "period": "2026-Q4", "ambition": "committed", "seen": "1"}
    return values | fields
