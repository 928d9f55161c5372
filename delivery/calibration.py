"""What became of earlier forecasts, and what later ones learn from it (FORECAST.md 3.4, docs/decisions/0009).

Each deliverable is forecast again, uncorrected, at a few fixed ages from what was known then, and once it has ended its
end is held against that. A correction of a day rests only on what had happened before that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
from django.db.models import F, Min, Q

from delivery.core.calendar import Calendar
from delivery.core.calibration import SHIPPED, Correction, Scores, fit, marks_of, normal_scores, pits
from delivery.core.chance import quantiles
from delivery.core.forecast import NotEnoughHistory, deliverable_days
from delivery.evidence import Evidence, began, load_evidence
from delivery.models import Deliverable, ForecastOutcome, SourceSlice

OUTCOME_VERSION: Final = 2
"""Raised when the uncorrected forecast changes: its outcomes are then scored again."""
AGES: Final = (0, 2, 4, 8, 13, 26)
"""Weeks since a deliverable began at which it is scored: once for each, so that no long one counts more."""
MEMORY: Final = timedelta(weeks=104)
TRIALS: Final = 1000
"""A PIT needs fewer than a chance that is shown: it is off by 0.016 at most, one time in three."""
NEVER: Final = date.max.toordinal()

Due = tuple[Deliverable, int, date]
Numbers = npt.NDArray[np.int64]


def seed_of(deliverable: Deliverable, day: date) -> int:
    """The same deliverable and day draw the same numbers, however often it runs."""
    return crc32(f"{deliverable.pk}:{day}".encode())


def score_outcomes(*, day: date) -> int:
    """Write what is not written yet of the forecasts before ``day`` and their ends; returns the rows made or changed."""
    old = Q(deliverable__delivered__lte=F("day")) | ~Q(version=OUTCOME_VERSION)
    ForecastOutcome.objects.filter(old).delete()
    resolved = _resolve()
    due = _due(day)
    if not due:
        return resolved
    evidence = load_evidence({one.pk: one for one, _, _ in due}.values(), min(on for _, _, on in due))
    rows = _hindcast(due, evidence)
    ForecastOutcome.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return resolved + len(rows)


def _resolve() -> int:
    """Put the ends on the rows whose deliverable has ended, and take them off where it goes on after all."""
    end = "deliverable__delivered"
    told = Q(finished__isnull=True, **{f"{end}__isnull": False})
    untold = Q(finished__isnull=False, **{f"{end}__isnull": True})
    moved = Q(finished__lt=F(end)) | Q(finished__gt=F(end))
    changed = list(ForecastOutcome.objects.filter(told | untold | moved).select_related("deliverable"))
    for row in changed:
        _conclude(row, row.deliverable.delivered)
    ForecastOutcome.objects.bulk_update(changed, ["finished", "pit"], batch_size=500)
    return len(changed)


def _conclude(row: ForecastOutcome, finished: date | None) -> None:
    row.finished = finished
    row.pit = None
    if finished:
        took = np.array([(finished - row.day).days], dtype=np.float64)
        row.pit = float(pits(_matrix([row.quantiles]), took, np.array([False]))[0])


def _due(day: date) -> list[Due]:
    """Every deliverable and age of the last two years without a row, at which it was open.

    Where its sources are still being read for the first time, the past is not known yet: that waits.
    """
    unread = SourceSlice.objects.filter(bookmark__isnull=True, error_kind="")
    rows = Deliverable.objects.exclude(scopes__source__slices__in=unread).exclude(delivered__lt=day - MEMORY)
    there = set(ForecastOutcome.objects.order_by().values_list("deliverable_id", "age"))
    found: list[Due] = []
    for one in rows.select_related("team").annotate(given=Min("commitments__given")).order_by("id"):
        first = began(one, [one.given] if one.given else [])
        end = min(one.delivered or day, one.dropped or day, day)
        days = [(age, first + timedelta(weeks=age)) for age in AGES if (one.pk, age) not in there]
        found += [(one, age, on) for age, on in days if day - MEMORY <= on < end]
    return found


def _hindcast(due: Iterable[Due], evidence: Evidence) -> list[ForecastOutcome]:
    """The rows of those that could be forecast on their day."""
    calendars: dict[tuple[int, date], Calendar] = {}
    rows = []
    for one, age, on in due:
        key = (one.team_id, on)
        if key not in calendars:
            calendars[key] = evidence.calendar(one, on, past=True)
        team, own = evidence.team_items(one, on), evidence.own_items(one, on)
        try:
            days = deliverable_days(team, own, on, trials=TRIALS, seed=seed_of(one, on), calendar=calendars[key])
        except NotEnoughHistory:
            continue
        open_items, started = evidence.open_items(one, on)
        row = ForecastOutcome(
            deliverable=one,
            age=age,
            day=on,
            quantiles=quantiles(days),
            open_items=open_items,
            started=started,
            version=OUTCOME_VERSION,
        )
        _conclude(row, one.delivered)
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class Record:
    """Every scored forecast, and the corrections of any day; arrays of equal length, days as ordinals."""

    team: Numbers
    day: Numbers
    finished: Numbers  # NEVER while it is open
    stopped: Numbers  # when it was dropped, NEVER otherwise
    quantiles: npt.NDArray[np.float64]
    marks: npt.NDArray[np.float64]
    _known: dict[date, dict[int, Correction]] = field(default_factory=dict)

    def correction(self, team: int, day: date) -> Correction:
        """What the team's outcomes before ``day`` ask for, shrunk to the organisation's, and that to the default."""
        if day not in self._known:
            self._known[day] = self._fit(day.toordinal())
        return self._known[day].get(team, self._known[day][0])

    def _fit(self, day: int) -> dict[int, Correction]:
        """By team, with the organisation's under 0, for a team without any outcome."""
        here = self.day < day
        scores, teams = self._scores(here, day), self.team[here]
        everybody = fit(scores, SHIPPED)
        found = {int(team): fit(scores.some(teams == team), everybody) for team in np.unique(teams)}
        return {**found, 0: everybody}

    def _scores(self, here: npt.NDArray[np.bool_], day: int) -> Scores:
        """As it looked when ``day`` began: what ended later was open, with the days until then behind it."""
        end = np.minimum(np.minimum(self.finished[here], self.stopped[here]), day)
        censored = self.finished[here] >= day
        censored |= self.stopped[here] < self.finished[here]
        took = (end - self.day[here]).astype(np.float64)
        return Scores(normal_scores(pits(self.quantiles[here], took, censored)), censored, self.marks[here])


def load_record() -> Record:
    """Every scored forecast, in one query."""
    names = ("deliverable__team_id", "day", "finished", "deliverable__dropped", "quantiles", "open_items", "started")
    rows = list(ForecastOutcome.objects.order_by("id").values_list(*names))
    return Record(
        team=_ordinals(row[0] for row in rows),
        day=_ordinals(row[1].toordinal() for row in rows),
        finished=_ordinals(row[2].toordinal() if row[2] else NEVER for row in rows),
        stopped=_ordinals(row[3].toordinal() if row[3] else NEVER for row in rows),
        quantiles=_matrix([row[4] for row in rows]),
        marks=np.array([marks_of(row[5], row[6]) for row in rows], dtype=np.float64).reshape(-1, 2),
    )


def _ordinals(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, dtype=np.int64)


def _matrix(rows: Sequence[Sequence[Any]]) -> npt.NDArray[np.float64]:
    """One row of 99 quantiles each, inf for what lies beyond the horizon."""
    found = np.array([[np.inf if day is None else day for day in row] for row in rows], dtype=np.float64)
    return found.reshape(-1, 99)
