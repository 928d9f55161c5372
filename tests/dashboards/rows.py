"""Rows for the pages' tests: deliverables with forecasts, items and check-ins."""

from __future__ import annotations

from datetime import date, timedelta
from math import ceil
from typing import Any

from delivery.models import CheckIn, Deliverable, Forecast
from teams.models import Team
from tests import builders
from tests.builders import TODAY, at


def forecast(of: Deliverable, missing: float | None, *, day: date = TODAY, target: date | None = None) -> Forecast:
    """A forecast whose chance of missing is ``missing``; None: none can be given."""
    if missing is None:
        return Forecast.objects.create(
            deliverable=of, day=day, made=at(day), version=1, target=target, reason="There are 2 finished items."
        )
    quantiles = [10 + 0.5 * share for share in range(1, 100)]
    dates = {f"p{share}": day + timedelta(days=ceil(quantiles[share - 1])) for share in (50, 85, 95)}
    return Forecast.objects.create(
        deliverable=of,
        day=day,
        made=at(day),
        version=1,
        target=target,
        chance=1 - missing,
        quantiles=quantiles,
        **dates,
    )


def promised(of: Team, title: str, missing: float | None, before: float | None = None, **fields: Any) -> Deliverable:
    """A deliverable due in 30 days, with today's forecast and last week's."""
    target = TODAY + timedelta(days=30)
    made = builders.deliverable(of, title=title, target=target, **fields)
    forecast(made, missing, target=target)
    if before is not None:
        forecast(made, before, day=TODAY - timedelta(weeks=1), target=target)
    return made


def checked_in(on: Deliverable, status: str, confidence: int | None = None, **fields: Any) -> CheckIn:
    day = fields.pop("day", TODAY - timedelta(days=2))
    return CheckIn.objects.create(deliverable=on, day=day, status=status, confidence=confidence, **fields)
