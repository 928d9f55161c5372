"""One half-open span of days, used wherever a number is about a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """The days from ``start`` up to but not including ``end``. Raises ValueError when it would be negative."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @property
    def days(self) -> int:
        """Length in calendar days."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


def weeks_back(today: date, weeks: int) -> Period:
    """The last ``weeks`` whole weeks (Monday to Sunday) that are over by ``today``."""
    end = today - timedelta(days=today.weekday())
    return Period(end - timedelta(weeks=weeks), end)
