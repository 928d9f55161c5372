"""Measured durations as charts say them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from dashboards.words import days, decimal, plural

DAY: Final = timedelta(days=1)
WORKING_DAY: Final = timedelta(hours=8)
ROUNDED_FROM: Final = 3  # days; below, a tenth of a day matters


def length(span: timedelta, day: timedelta = DAY) -> str:
    """5 hours, 2.5 days, 13 days, 5 weeks; ``day`` is how long a day of this clock lasts."""
    if span < day:
        return plural(max(round(span / timedelta(hours=1)), 1), "hour")
    count = span / day
    if count >= ROUNDED_FROM or round(count, 1) == 1:
        return days(round(count))
    return f"{decimal(count).removesuffix('.0')} days"
