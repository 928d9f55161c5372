"""When will it be done? The two questions of the forecast, answered as simulated days.

Everything here is plain arithmetic on dates known today; see FORECAST.md for the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.core import deliverable, scope
from delivery.core.calendar import NORMAL, Calendar
from delivery.core.draws import Stream, gamma_quantile, normals
from delivery.core.pace import MEMORY_WEEKS, Days, Pace, count_weeks, measure_pace
from delivery.core.simulation import CAP_DAYS, days_until, look_ahead

Dates = npt.NDArray[Any] | Sequence[Any]

FEWEST_FINISHED: Final = 3
SHORTEST_HISTORY_DAYS: Final = 14
"""With fewer items or days the 80 % interval held 52-67 % of real outcomes, with these 77 %."""
FEWEST_LEADS: Final = 5
LEAD_DAYS: Final = 365
"""Lead times are those of items finished in the last year ..."""
ENOUGH_LEADS: Final = 20
"""... or the latest few, where a year holds fewer."""


class NotEnoughHistory(ValueError):
    """There is too little finished work to simulate; the message says what is missing."""


def completion_days(
    done: Dates,
    today: date,
    n_items: int,
    *,
    trials: int = 10_000,
    seed: int = 0,
    calendar: Calendar | None = None,
) -> npt.NDArray[np.float64]:
    """Days from `today` until a team finishes its next `n_items` (FORECAST.md 3.1 and 3.2).

    `done` are the team's finish days in any order; missing ones and those after `today` are left
    out. Returns one whole number of days per trial, at most 3,650 ("then or later"), inf where the
    calendar has no capacity left. Raises NotEnoughHistory, and ValueError for a negative `n_items`.
    """
    if n_items < 0:
        raise ValueError("n_items cannot be negative")
    calendar = calendar or NORMAL
    pace = team_pace(done, today, calendar)
    if n_items == 0:
        return np.zeros(trials)
    work = gamma_quantile(n_items, normals(seed, Stream.WORK, 0, trials))
    return days_until(work, pace, look_ahead(calendar, today), seed)


def deliverable_days(
    team_items: tuple[Dates, Dates],
    own_items: tuple[Dates, Dates],
    today: date,
    *,
    trials: int = 10_000,
    seed: int = 0,
    calendar: Calendar | None = None,
    scope_known: bool = False,
) -> npt.NDArray[np.float64]:
    """Days until every item of a deliverable, found and still to be found, is finished (3.3).

    Items are pairs (created, done) of equal length, NaT where not done. Items created after
    `today` are unknown, finishes after it have not happened. The team's items give the lead times,
    the deliverable's own the rest; `scope_known` says that nothing will be added. Returns whole
    days per trial, 0 where nothing is left to do, at most 3,650 ("then or later"), inf where the
    calendar has no capacity left. Raises NotEnoughHistory.
    """
    calendar = calendar or NORMAL
    own = known_items(own_items, today)
    if len(own.created_ages) == 0:
        raise NotEnoughHistory("A forecast needs at least one work item in the deliverable; it has none.")
    leads = lead_times(known_items(team_items, today))
    growth = scope.WHILE_OPEN if len(own.open_ages) else scope.ALL_DONE
    mean = 0.0 if scope_known else growth.expect(own.created_ages)
    found = scope.find_scope(mean, growth.shape, seed, trials)
    slowest = np.maximum(
        deliverable.slowest_open(own.open_ages, leads, seed, trials),
        deliverable.slowest_new(found, leads, seed),
    )
    age = int(own.created_ages.max())
    behind = calendar.capacity(today - timedelta(days=age), age + 1)[::-1]
    pace = deliverable.own_pace(own.done_ages, behind, len(own.open_ages))
    weeks = deliverable.own_weeks(pace, found.items.astype(np.float32), seed)
    days = deliverable.pool(slowest, look_ahead(calendar, today).moments(weeks), seed)
    return np.where(np.isinf(days), days, np.minimum(days, CAP_DAYS))


@dataclass(frozen=True, slots=True)
class KnownItems:
    """What is known today of some items, as days before today; arrays of different length."""

    created_ages: npt.NDArray[np.float64]
    open_ages: npt.NDArray[np.float64]
    """Since creation, of items not finished."""
    done_ages: npt.NDArray[np.float64]
    """Since the finish, of finished items, oldest first."""
    leads: npt.NDArray[np.float64]
    """From creation to finish, in the order of `done_ages`."""


def known_items(items: tuple[Dates, Dates], today: date) -> KnownItems:
    """Sort out what was known on `today`; raises ValueError for arrays of different length."""
    created, done = as_days(items[0]), as_days(items[1])
    if created.shape != done.shape:
        raise ValueError("every item needs a created and a done day, NaT where not done")
    now = np.datetime64(today, "D")
    known = created <= now
    created, done = created[known], done[known]
    finished = done <= now
    ages, since = _days(now - created), _days(now - done[finished])
    order = np.argsort(-since, kind="stable")
    leads = np.maximum(_days(done[finished] - created[finished]), 0)
    return KnownItems(ages, ages[~finished], since[order], leads[order])


def lead_times(team: KnownItems) -> npt.NDArray[np.float64]:
    """The team's recent lead times in days, sorted; raises NotEnoughHistory with what is missing."""
    if len(team.leads) < FEWEST_LEADS:
        raise NotEnoughHistory(
            f"A forecast needs {FEWEST_LEADS} finished items of the team; there are {len(team.leads)}."
        )
    recent = int((team.done_ages < LEAD_DAYS).sum())
    return np.sort(team.leads[-max(recent, ENOUGH_LEADS) :])


def _days(spans: npt.NDArray[np.timedelta64]) -> npt.NDArray[np.float64]:
    return spans.astype(np.int64).astype(np.float64)


def team_pace(done: Dates, today: date, calendar: Calendar = NORMAL) -> Pace:
    """The team's pace from its finish days; raises NotEnoughHistory with what is missing."""
    known = known_days(done, today)
    ages = (np.datetime64(today, "D") - known).astype(np.int64)
    recent = int((ages < MEMORY_WEEKS * 7).sum())
    if recent < FEWEST_FINISHED:
        raise NotEnoughHistory(
            f"A forecast needs {FEWEST_FINISHED} finished items in the last two years; there are {recent}."
        )
    if ages.max() < SHORTEST_HISTORY_DAYS:
        raise NotEnoughHistory(
            f"A forecast needs {SHORTEST_HISTORY_DAYS} days since the first finished item; there are {int(ages.max())}."
        )
    return measure_pace(count_weeks(known, today, calendar))


def known_days(days: Dates, today: date) -> Days:
    """Days up to and including `today`, without the missing ones, sorted."""
    found = as_days(days)
    return np.sort(found[found <= np.datetime64(today, "D")])


def as_days(days: Dates) -> Days:
    """Any dates as datetime64[D]; None, NaT and pandas' NaT become NaT."""
    given = np.asarray(days)
    if given.size == 0:
        return np.array([], dtype="datetime64[D]")
    if given.dtype == object:
        # A missing day is the only one that differs from itself; NumPy cannot read pandas' own.
        given = np.array([None if day != day else day for day in given], dtype="datetime64[D]")
    return given.astype("datetime64[D]")
