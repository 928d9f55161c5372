"""How often forecasts came true: what was shown, the backtest, and what recalibration changed (FORECAST.md 5).

Pages and API ask ``accuracy`` and get the same figures. Team figures only, none about persons. What a night has worked
out is kept in the cache, part by part: a request reads a team's figures, never its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.core.cache import cache
from django.db.models import Count, Max, Min, QuerySet

from delivery import access
from delivery.backtests import read_answers
from delivery.calibration import AGES
from delivery.core.backtest import BACKTEST_VERSION, SPANS, Tables, tables
from delivery.core.shown import Shown, Standing, standing
from delivery.core.track_record import Account, account
from delivery.evidence import began
from delivery.models import BacktestAnswer, CalibrationEffect, Deliverable, Forecast
from people.access import User

LATE_BY: Final = 6
"""A forecast stands for an age where it was made on its day or up to six days later."""
KEPT: Final = 2 * 86_400  # seconds
_FORM: Final = "accuracy-1"
"""Raised when a figure or the form of what is kept changes."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What is asked for; empty is all. ``team`` a slug, ``span`` and ``quarter`` as the core names them."""

    team: str = ""
    span: str = ""
    quarter: str = ""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Everything the page and the API tell. ``hindcasts`` are apart: they were made later, from what was known then."""

    shown: Standing
    hindcasts: Standing
    backtest: Account
    unanswered: int
    effects: tuple[CalibrationEffect, ...]
    quarters: tuple[str, ...]
    by_team: Mapping[str, tuple[Standing, Standing, Account]]


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one slice."""

    shown: Standing
    hindcasts: Standing
    backtest: Account


@dataclass(frozen=True, slots=True)
class Scope:
    """What there is to ask about."""

    unanswered: int
    teams: tuple[str, ...]
    quarters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """What may be looked at."""

    deliverables: QuerySet[Deliverable]
    forecasts: QuerySet[Forecast]
    answers: QuerySet[BacktestAnswer]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the figures of a day rest on."""

    shown: list[Shown]
    hindcasts: list[Shown]
    made: Tables
    scope: Scope
    day: date

    def part(self, asked: Slice) -> Part:
        shown, hindcasts = ([one for one in some if _fits(one, asked)] for some in (self.shown, self.hindcasts))
        return Part(
            standing(shown, self.day), standing(hindcasts, self.day), account(self.made, _fitting(self.made, asked))
        )


def accuracy(user: User, *, day: date, part: Slice | None = None) -> Accuracy:
    """The record as ``user`` may see it on ``day``, from what is kept; a fixed number of queries, and three more where
    nothing is kept yet for what the record now rests on."""
    asked = part or Slice()
    effects = access.visible_calibration_effects(user).select_related("team").order_by("team__name")
    rows = Rows(
        access.visible_deliverables(user), access.visible_forecasts(user), access.visible_backtest_answers(user)
    )
    scope, parts = _kept(rows, day, asked)
    return Accuracy(
        shown=parts[asked].shown,
        hindcasts=parts[asked].hindcasts,
        backtest=parts[asked].backtest,
        unanswered=scope.unanswered,
        effects=tuple(one for one in effects if not asked.team or one.team is None or one.team.slug == asked.team),
        quarters=scope.quarters,
        by_team={one.team: (each.shown, each.hindcasts, each.backtest) for one, each in parts.items() if one != asked},
    )


def keep_accuracy(*, day: date) -> int:
    """Work out and keep every slice, so that requests need not; returns how many."""
    rows = Rows(Deliverable.objects.all(), Forecast.objects.all(), BacktestAnswer.objects.all())
    key = _key(rows, day)
    known = _evidence(rows, day)
    slices = product(("", *known.scope.teams), ("", *SPANS), ("", *known.scope.quarters))
    parts = {one: known.part(one) for one in (Slice(*each) for each in slices)}
    _keep(key, known.scope, parts)
    return len(parts)


def _kept(rows: Rows, day: date, asked: Slice) -> tuple[Scope, dict[Slice, Part]]:
    """The slice and, where it is of all teams, those of each team; what is not kept is worked out and kept."""
    key = _key(rows, day)
    known: Evidence | None = None
    scope: Scope | None = cache.get(key)
    if scope is None:
        known = _evidence(rows, day)
        scope = known.scope
    wanted = [asked, *(Slice(slug, asked.span, asked.quarter) for slug in scope.teams if not asked.team)]
    found = cache.get_many([_name(key, one) for one in wanted])
    parts = {one: found[_name(key, one)] for one in wanted if _name(key, one) in found}
    missing = [one for one in wanted if one not in parts]
    if missing:
        known = known or _evidence(rows, day)
        made = {one: known.part(one) for one in missing}
        _keep(key, scope, made if _possible(scope, asked) else {})
        parts |= made
    return scope, {one: parts[one] for one in wanted}


def _possible(scope: Scope, asked: Slice) -> bool:
    """Only what exists is kept: anybody can ask for quarters that do not."""
    names = ((asked.team, scope.teams), (asked.span, SPANS), (asked.quarter, scope.quarters))
    return all(not value or value in known for value, known in names)


def _keep(key: str, scope: Scope, parts: Mapping[Slice, Part]) -> None:
    cache.set_many({key: scope, **{_name(key, one): part for one, part in parts.items()}}, KEPT)


def _name(key: str, one: Slice) -> str:
    """Whatever was asked for, a key that every cache takes: what people write in an address may hold anything."""
    asked = json.dumps([one.team, one.span, one.quarter])
    return f"{key}:{sha256(asked.encode()).hexdigest()[:32]}"


def _key(rows: Rows, day: date) -> str:
    """Changes with the day and with the rows that the figures rest on; three short queries."""
    ended = rows.deliverables.aggregate(
        Count("pk"), Count("delivered"), Count("dropped"), Max("pk"), Max("delivered"), Max("dropped")
    )
    tops = [_top(rows.forecasts.filter(day__lt=day)), _top(rows.answers)]
    return ":".join([_FORM, str(BACKTEST_VERSION), str(day), *map(str, (*ended.values(), *tops))])


def _top(rows: Any) -> int:
    """The newest row: found by the primary key."""
    return next(iter(rows.order_by("-pk").values_list("pk", flat=True)[:1]), 0)


def _evidence(rows: Rows, day: date) -> Evidence:
    shown, hindcasts = load_shown(rows, day=day)
    answers, unanswered = read_answers(rows.answers)
    made = tables(answers)

    def names(column: str, of_forecasts: Iterable[str]) -> set[str]:
        return {*of_forecasts, *made.questions[column].astype(str)}

    both = (*shown, *hindcasts)
    teams = sorted(names("team", (one.team for one in both)))
    quarters = sorted(names("quarter", (one.quarter for one in both)), reverse=True)
    return Evidence(shown, hindcasts, made, Scope(unanswered, tuple(teams), tuple(quarters)), day)


def _fits(one: Shown, asked: Slice) -> bool:
    return (
        (not asked.team or one.team == asked.team)
        and (not asked.span or one.span == asked.span)
        and (not asked.quarter or one.quarter == asked.quarter)
    )


def _fitting(made: Tables, asked: Slice) -> npt.NDArray[np.bool_]:
    keep = np.ones(len(made.questions), dtype=bool)
    for column, value in (("team", asked.team), ("span", asked.span), ("quarter", asked.quarter)):
        if value:
            keep &= made.questions[column].eq(value).to_numpy(bool)
    return keep


def load_shown(rows: Rows, *, day: date) -> tuple[list[Shown], list[Shown]]:
    """Forecasts shown before ``day``, and hindcasts: of each deliverable the first at each fixed age; two queries."""
    known = {one.pk: one for one in rows.deliverables.select_related("team").annotate(given=Min("commitments__given"))}
    firsts = {pk: began(one, [one.given] if one.given else []) for pk, one in known.items()}
    wanted = {
        (pk, first + timedelta(weeks=age, days=late)): (age, late)
        for pk, first in firsts.items()
        for age in AGES
        for late in range(LATE_BY + 1)
        if first + timedelta(weeks=age, days=late) < day
    }
    forecasts = rows.forecasts.filter(deliverable__in=known).exclude(quantiles=[])
    days = forecasts.filter(day__in={each for _, each in wanted}).order_by("day")
    names = ("deliverable_id", "day", "hindcast", "chance", "target", "quantiles")
    found: dict[tuple[int, int, bool], Shown] = {}
    for pk, on, hindcast, chance, target, quantiles in days.values_list(*names):
        if (pk, on) in wanted:
            one = known[pk]
            row = Shown(pk, one.team.slug, on, chance, target, tuple(quantiles), one.delivered, one.dropped)
            if row.delivered is None or row.delivered > on:
                found.setdefault((pk, wanted[pk, on][0], hindcast), row)
    parts: tuple[list[Shown], list[Shown]] = ([], [])
    for (_, _, hindcast), row in found.items():
        parts[hindcast].append(row)
    return parts
