"""The forecast of every deliverable, one row a day, all kept: what is shown later is what was said then.

Today's row is replaced by a later run of the same day. The row of a past day is never rewritten; a day without one can
be filled in afterwards from what was known then, and is marked as such (a hindcast).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Q

from delivery.calibration import Record, load_record, score_outcomes, seed_of
from delivery.core.calendar import Calendar
from delivery.core.calibration import marks_of, recalibrate
from delivery.core.chance import chance_by, percentile_dates, quantiles
from delivery.core.forecast import NotEnoughHistory, deliverable_days
from delivery.delivered import mark_delivered
from delivery.evidence import Evidence, load_evidence
from delivery.models import Commitment, Deliverable, Forecast

FORECAST_VERSION: Final = 2
"""2: corrected by the organisation's own record."""
TRIALS: Final = 10_000
BATCH: Final = 100
"""Rows written at once: a stopped run keeps what it has."""
REPLACED: Final = [
    field.name for field in Forecast._meta.concrete_fields if field.name not in ("id", "deliverable", "day")
]

Progress = Callable[[int, int], None]


def forecast_all(*, day: date, made: datetime, hindcast: bool = False, progress: Progress | None = None) -> int:
    """Forecast every open deliverable as of ``day``; returns the number of rows written.

    One run for all teams, so ``day`` is UTC's; what happened on it is cut at the end of the team's own day.
    ``progress`` is called with how many are done of how many. Raises ValueError for a past day unless ``hindcast``.
    """
    if _is_past(day, made) and not hindcast:
        raise ValueError(f"{day} is over: its forecasts can only be filled in as hindcasts.")
    return forecast_days([day], made=made, progress=progress)


def forecast_days(days: Sequence[date], *, made: datetime, progress: Progress | None = None) -> int:
    """Forecast every deliverable that was open on each of ``days``; what they rest on is loaded once.

    Past days are hindcasts: only the rows they lack are computed. Returns the number of rows written.
    """
    if not days:
        return 0
    mark_delivered(made.astimezone(UTC).date())
    score_outcomes(day=max(days))
    record = load_record()
    evidence = load_evidence(_candidates(min(days)), min(days))
    kept = _existing([day for day in days if _is_past(day, made)])
    work = [(day, one) for day in days for one in evidence.open_on(day) if (one.pk, day) not in kept]
    written = 0
    for start in range(0, len(work), BATCH):
        written += _write(_simulate_some(work[start : start + BATCH], evidence, record, made), evidence)
        if progress:
            progress(written, len(work))
    return written


def forecast_one(deliverable: Deliverable, *, day: date, made: datetime) -> Forecast | None:
    """Forecast one deliverable as of ``day`` and keep it; None when it had ended or was not known by then."""
    evidence = load_evidence([deliverable], day)
    work = [(day, one) for one in evidence.open_on(day)]
    if not _write(_simulate_some(work, evidence, load_record(), made), evidence):
        return None
    return Forecast.objects.get(deliverable=deliverable, day=day)


def _is_past(day: date, made: datetime) -> bool:
    return day < made.astimezone(UTC).date()


def _candidates(first_day: date) -> Iterable[Deliverable]:
    """Deliverables that may have been open on ``first_day`` or later."""
    rows = Deliverable.objects.filter(Q(delivered__isnull=True) | Q(delivered__gt=first_day))
    return rows.filter(Q(dropped__isnull=True) | Q(dropped__gt=first_day)).select_related("team")


def _existing(days: Sequence[date]) -> set[tuple[int, date]]:
    rows = Forecast.objects.filter(day__in=list(days)).order_by()
    return set(rows.values_list("deliverable_id", "day"))


def _simulate_some(
    work: Sequence[tuple[date, Deliverable]], evidence: Evidence, record: Record, made: datetime
) -> list[Forecast]:
    calendars: dict[tuple[date, int], Calendar] = {}
    found = []
    for day, one in work:
        key = (day, one.team_id)
        if key not in calendars:
            calendars[key] = evidence.calendar(one, day, past=_is_past(day, made))
        found.append(_simulate(one, day, evidence, record, calendars[key], made))
    return found


def _simulate(
    deliverable: Deliverable, day: date, evidence: Evidence, record: Record, calendar: Calendar, made: datetime
) -> Forecast:
    """The row of one deliverable, not saved; with the reason instead of numbers where there is too little history."""
    own, team = evidence.own_items(deliverable, day), evidence.team_items(deliverable, day)
    row = Forecast(
        deliverable=deliverable,
        day=day,
        made=made,
        hindcast=_is_past(day, made),
        target=evidence.target(deliverable, day),
        items=len(own[0]),
        items_done=int((~np.isnat(own[1])).sum()),
        history=int((~np.isnat(team[1])).sum()),
        seed=seed_of(deliverable, day),
        version=FORECAST_VERSION,
    )
    try:
        days = deliverable_days(team, own, day, trials=TRIALS, seed=row.seed, calendar=calendar)
    except NotEnoughHistory as missing:
        row.reason = str(missing)
        return row
    _say(row, _corrected(row, days, evidence, record))
    return row


def _corrected(
    row: Forecast, days: npt.NDArray[np.float64], evidence: Evidence, record: Record
) -> npt.NDArray[np.float64]:
    """The simulated ``days`` as the record known on the row's day corrects them; what was done to them is kept."""
    correction = record.correction(row.deliverable.team_id, row.day)
    if not correction.n:
        return days
    marks = marks_of(*evidence.open_items(row.deliverable, row.day))
    row.shift, row.scale, row.learnt_from = correction.centre(marks), correction.scale, correction.n
    return recalibrate(days, correction, marks)


def _say(row: Forecast, days: npt.NDArray[np.float64]) -> None:
    """Put the simulated ``days`` on the row."""
    row.trials = len(days)
    row.quantiles = quantiles(days)
    row.p50, row.p85, row.p95 = percentile_dates(days, row.day)
    if row.target:
        row.chance = chance_by(days, (row.target - row.day).days)


@transaction.atomic
def _write(rows: Sequence[Forecast], evidence: Evidence) -> int:
    """Keep ``rows``: a hindcast beside what is there, today's instead of it."""
    past = [row for row in rows if row.hindcast]
    Forecast.objects.bulk_create(past, batch_size=500, ignore_conflicts=True)
    Forecast.objects.bulk_create(
        [row for row in rows if not row.hindcast],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["deliverable", "day"],
        update_fields=REPLACED,
    )
    _keep_ambition(rows, evidence)
    return len(rows)


def _keep_ambition(rows: Iterable[Forecast], evidence: Evidence) -> None:
    """Store the chance of every date that was given on the day of its forecast, once and never again."""
    said = []
    for row in rows:
        given = [one for one in evidence.commitments.get(row.deliverable_id, ()) if one.given == row.day]
        for commitment in given:
            if commitment.chance is None and row.quantiles:
                commitment.chance = _chance_of(row, commitment.target)
                said.append(commitment)
    Commitment.objects.bulk_update(said, ["chance"])


def _chance_of(row: Forecast, target: date) -> float:
    if row.target == target and row.chance is not None:
        return row.chance
    days = np.array([np.inf if value is None else value for value in row.quantiles])
    return chance_by(days, (target - row.day).days)
