"""Simulated futures as the rows that pages read: a chance, three dates, ninety-nine quantiles, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from django.db import transaction

from delivery.base_rate import BaseRate, base_rate
from delivery.core import attribution, drivers
from delivery.core.chance import chance_by, percentile_dates, quantiles
from delivery.core.portfolio import Futures
from delivery.inputs import Inputs
from delivery.models import Commitment, Forecast
from delivery.outlooks import seed_of_day

FORECAST_VERSION: Final = 3
"""2: corrected by the organisation's own record. 3: all deliverables in the same futures, with what they wait for."""
REPLACED: Final = [
    field.name for field in Forecast._meta.concrete_fields if field.name not in ("id", "deliverable", "day")
]


@dataclass(frozen=True, slots=True)
class Made:
    """Of which day, and when. ``hindcast``: the day was over."""

    day: date
    made: datetime
    hindcast: bool


def rows(inputs: Inputs, chosen: Sequence[int], made: Made, futures: Futures) -> list[Forecast]:
    """The rows of the ``chosen`` deliverables, not saved; today's with the drivers of their chance."""
    usual = None if made.hindcast else base_rate(made.day)
    return [_row(pk, inputs, made, futures, usual) for pk in chosen]


def _row(pk: int, inputs: Inputs, made: Made, futures: Futures, usual: BaseRate | None) -> Forecast:
    """One row; with the reason instead of numbers where there is too little to go by."""
    items, done, history = inputs.counts[pk]
    row = Forecast(
        deliverable_id=pk,
        day=made.day,
        made=made.made,
        hindcast=made.hindcast,
        target=inputs.targets.get(pk),
        items=items,
        items_done=done,
        history=history,
        seed=seed_of_day(made.day),
        version=FORECAST_VERSION,
        reason=inputs.reasons.get(pk, ""),
    )
    if pk in futures.days:
        _say(row, inputs, futures)
        if usual is not None and row.chance is not None:
            row.drivers = _drivers(row, inputs, futures, usual)
    return row


def _say(row: Forecast, inputs: Inputs, futures: Futures) -> None:
    """Put the simulated days on the row, and how the record moved them."""
    days, work = futures.days[row.deliverable_id], inputs.ahead.works[row.deliverable_id]
    row.trials = futures.trials
    row.quantiles = quantiles(days)
    row.p50, row.p85, row.p95 = percentile_dates(days, row.day)
    if row.target:
        row.chance = chance_by(days, (row.target - row.day).days)
    if work.correction.n:
        row.shift, row.scale = work.correction.centre(work.marks), work.correction.scale
        row.learnt_from = work.correction.n


def _drivers(row: Forecast, inputs: Inputs, futures: Futures, usual: BaseRate) -> dict[str, object]:
    work = inputs.ahead.works[row.deliverable_id]
    team = inputs.ahead.teams[work.team]
    found = attribution.explain(work, team, futures, usual=usual.missing, usual_n=usual.n, seed=row.seed)
    return drivers.as_json(found) if found else {}


@transaction.atomic
def write(found: Sequence[Forecast]) -> int:
    """Keep the rows: a hindcast beside what is there, today's instead of it."""
    past = [row for row in found if row.hindcast]
    Forecast.objects.bulk_create(past, batch_size=500, ignore_conflicts=True)
    Forecast.objects.bulk_create(
        [row for row in found if not row.hindcast],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["deliverable", "day"],
        update_fields=REPLACED,
    )
    _keep_ambition(found)
    return len(found)


def _keep_ambition(found: Iterable[Forecast]) -> None:
    """Store the chance of every date that was given on the day of its forecast, once and never again."""
    by_id = {row.deliverable_id: row for row in found if row.quantiles}
    days = {row.day for row in by_id.values()}
    given = list(Commitment.objects.filter(deliverable__in=by_id, given__in=days, chance__isnull=True))
    for commitment in given:
        commitment.chance = chance_of(by_id[commitment.deliverable_id], commitment.target)
    Commitment.objects.bulk_update(given, ["chance"])


def chance_of(row: Forecast, target: date) -> float:
    """The chance (0-1) to make ``target`` by a forecast that has quantiles."""
    if row.target == target and row.chance is not None:
        return row.chance
    days = np.array([np.inf if value is None else value for value in row.quantiles])
    return chance_by(days, (target - row.day).days)
