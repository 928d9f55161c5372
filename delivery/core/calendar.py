"""The working calendar: how much of a normal week's work each day carries.

A day's capacity is its share of one normal week, so seven ordinary days sum to 1 and the exposure
`e` of a week in the pace filter (FORECAST.md 3.1) is simply the sum of its days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

# Monday to Sunday: finished items by weekday on the dev half of the real histories (FORECAST.md 7).
WEEKDAYS: Final = (0.176, 0.199, 0.198, 0.198, 0.165, 0.036, 0.028)

# (month, day) -> finished items against an ordinary day of the same weekday: FORECAST.md 7, and the
# days around it from the dev half (bias of log days at December cut-offs 0.08 -> 0.05).
YEAR_END: Final[Mapping[tuple[int, int], float]] = MappingProxyType(
    {
        (12, 20): 0.90,
        (12, 21): 0.93,
        (12, 22): 0.85,
        (12, 23): 0.56,
        (12, 24): 0.27,
        (12, 25): 0.08,
        (12, 26): 0.20,
        (12, 27): 0.22,
        (12, 28): 0.29,
        (12, 29): 0.36,
        (12, 30): 0.36,
        (12, 31): 0.27,
        (1, 1): 0.08,
        (1, 2): 0.54,
        (1, 3): 0.62,
        (1, 4): 0.80,
        (1, 5): 0.90,
        (1, 6): 0.91,
        (1, 7): 0.90,
        (1, 8): 0.95,
    }
)

HOLIDAY_FACTOR: Final = 0.08
"""What 25 December and 1 January carry, taken for every public holiday."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When work gets done: weekday profile x holiday factor x the team's capacity.

    `weekdays` is Monday to Sunday in any unit; it is scaled so that a normal week sums to 1.
    `holidays` are days off for everybody. `capacity_from` holds steps `(first day, share)`: the
    team's share of its normal capacity from that day on (1 before the first step). Leave is a
    step down and a step up, a departure a step down.
    """

    weekdays: tuple[float, ...] = WEEKDAYS
    days_of_year: Mapping[tuple[int, int], float] = field(default_factory=lambda: YEAR_END)
    holidays: frozenset[date] = frozenset()
    capacity_from: tuple[tuple[date, float], ...] = ()

    def __post_init__(self) -> None:
        if len(self.weekdays) != 7 or min(self.weekdays) < 0 or sum(self.weekdays) <= 0:
            raise ValueError("weekdays needs seven shares, none negative, not all zero")
        if any(share < 0 for _, share in self.capacity_from):
            raise ValueError("a share of capacity cannot be negative")

    def capacity(self, first_day: date, days: int) -> npt.NDArray[np.float64]:
        """Share of a normal week on each of `days` consecutive days from `first_day`; shape (days,)."""
        week = np.array(self.weekdays) / sum(self.weekdays)
        shares = np.resize(np.roll(week, -first_day.weekday()), days)
        return shares * self._days_off(first_day, days) * self._team_share(first_day, days)

    def _days_off(self, first_day: date, days: int) -> npt.NDArray[np.float64]:
        """Factor per day from the year's own days and the public holidays; the smaller one counts."""
        factors = np.ones(days)
        years = range(first_day.year, (first_day + timedelta(days)).year + 1)
        dated = [(date(y, m, d), f) for y in years for (m, d), f in self.days_of_year.items()]
        for day, factor in dated + [(day, HOLIDAY_FACTOR) for day in self.holidays]:
            index = (day - first_day).days
            if 0 <= index < days:
                factors[index] = min(factors[index], factor)
        return factors

    def _team_share(self, first_day: date, days: int) -> npt.NDArray[np.float64]:
        shares = np.ones(days)
        for day, share in sorted(self.capacity_from):
            shares[max((day - first_day).days, 0) :] = share
        return shares


NORMAL: Final = Calendar()
"""The measured weekday profile and year end, no further holidays, full capacity."""
