"""How often forecasts came true: what was shown, the backtest, and what recalibration changed (FORECAST.md 5).

Pages and API ask ``accuracy`` and get the same figures. Team figures only, none about persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db.models import Min

from delivery import access
from delivery.backtests import read_answers
from delivery.calibration import AGES, Record, load_record
from delivery.core.backtest import Tables, tables
from delivery.core.calibration import SHIPPED, Correction, Marks, normal_scores, pits
from delivery.core.reliability import ENOUGH
from delivery.core.shown import Shown, Standing, standing
from delivery.core.track_record import Account, account
from delivery.evidence import began
from delivery.models import CalibrationEffect, Deliverable
from people.access import User
from teams.models import Team

LEVELS: Final = (0.5, 0.8, 0.95)
LATE_BY: Final = 6
"""A forecast stands for an age where it was made on its day or up to six days later."""
_NORMAL: Final = NormalDist()
FOLLOW: Final = timedelta(weeks=13)
"""The effect of a correction is judged on forecasts at least so old."""


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


def accuracy(user: User, *, day: date, part: Slice | None = None) -> Accuracy:
    """The record as ``user`` may see it on ``day``; a fixed number of queries."""
    asked = part or Slice()
    shown, hindcasts = load_shown(user)
    answers, unanswered = read_answers(access.visible_backtest_answers(user))
    made = tables(answers)
    keep = _fitting(made, asked)
    every = {one.team for one in (*shown, *hindcasts)} | set(made.questions["team"].astype(str))
    quarters = {one.quarter for one in (*shown, *hindcasts)} | set(made.questions["quarter"].astype(str))
    effects = access.visible_calibration_effects(user).select_related("team").order_by("team__name")
    by_team = (
        {} if asked.team else {slug: _of_team(slug, asked, (shown, hindcasts), made, day) for slug in sorted(every)}
    )
    return Accuracy(
        shown=standing([one for one in shown if _fits(one, asked)], day),
        hindcasts=standing([one for one in hindcasts if _fits(one, asked)], day),
        backtest=account(made, keep),
        unanswered=unanswered,
        effects=tuple(one for one in effects if not asked.team or one.team is None or one.team.slug == asked.team),
        quarters=tuple(sorted(quarters, reverse=True)),
        by_team=by_team,
    )


def _of_team(
    slug: str, asked: Slice, found: tuple[list[Shown], list[Shown]], made: Tables, day: date
) -> tuple[Standing, Standing, Account]:
    mine = Slice(slug, asked.span, asked.quarter)
    shown, hindcasts = ([one for one in some if _fits(one, mine)] for some in found)
    return standing(shown, day), standing(hindcasts, day), account(made, _fitting(made, mine))


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


def load_shown(user: User) -> tuple[list[Shown], list[Shown]]:
    """Forecasts that were shown, and hindcasts: of each deliverable the first at each fixed age; two queries."""
    rows = Deliverable.objects.filter(pk__in=access.visible_deliverables(user).values("pk"))
    known = {one.pk: one for one in rows.select_related("team").annotate(given=Min("commitments__given"))}
    firsts = {pk: began(one, [one.given] if one.given else []) for pk, one in known.items()}
    wanted = {
        (pk, first + timedelta(weeks=age, days=late)): (age, late)
        for pk, first in firsts.items()
        for age in AGES
        for late in range(LATE_BY + 1)
    }
    forecasts = access.visible_forecasts(user).filter(deliverable__in=known).exclude(quantiles=[])
    days = forecasts.filter(day__in={on for _, on in wanted}).order_by("day")
    names = ("deliverable_id", "day", "hindcast", "chance", "target", "quantiles")
    found: dict[tuple[int, int, bool], Shown] = {}
    for pk, day, hindcast, chance, target, quantiles in days.values_list(*names):
        if (pk, day) in wanted:
            one = known[pk]
            row = Shown(pk, one.team.slug, day, chance, target, tuple(quantiles), one.delivered, one.dropped)
            if row.delivered is None or row.delivered > day:
                found.setdefault((pk, wanted[pk, day][0], hindcast), row)
    parts: tuple[list[Shown], list[Shown]] = ([], [])
    for (_, _, hindcast), row in found.items():
        parts[hindcast].append(row)
    return parts


@dataclass(frozen=True, slots=True)
class Scored:
    """Past forecasts as normal scores before and after correction; ``passed``: still open, above its score."""

    team: npt.NDArray[np.int64]
    raw: npt.NDArray[np.float64]
    corrected: npt.NDArray[np.float64]
    passed: npt.NDArray[np.bool_]


def write_effects(*, day: date) -> int:
    """What recalibration changed until ``day``, for each team and for all; replaces last night's rows."""
    record = load_record()
    scored = _scored(record, day)
    teams = {team.pk: team for team in Team.objects.filter(pk__in=set(record.team.tolist()))}
    rows = [_effect(None, record, scored, day), *(_effect(team, record, scored, day) for team in teams.values())]
    CalibrationEffect.objects.filter(team__isnull=False).exclude(team__in=teams).delete()
    for row in rows:
        CalibrationEffect.objects.update_or_create(team=row.team, defaults=_values(row))
    return len(rows)


def _scored(record: Record, day: date) -> Scored:
    """Each corrected by what was known on the first of its month."""
    here = record.day <= (day - FOLLOW).toordinal()
    end = np.minimum(np.minimum(record.finished[here], record.stopped[here]), day.toordinal())
    passed = record.finished[here] > end
    raw = normal_scores(pits(record.quantiles[here], (end - record.day[here]).astype(np.float64), passed))
    corrected = raw.copy()
    for place, (team, on, marks) in enumerate(
        zip(record.team[here], record.day[here], record.marks[here], strict=True)
    ):
        known = record.correction(int(team), date.fromordinal(int(on)).replace(day=1))
        corrected[place] = (raw[place] - known.centre(Marks(*marks))) / known.scale
    return Scored(record.team[here], raw, corrected, passed)


def _effect(team: Team | None, record: Record, scored: Scored, day: date) -> CalibrationEffect:
    mine = scored.team == team.pk if team else np.ones(len(scored.team), dtype=bool)
    raw, corrected, passed = scored.raw[mine], scored.corrected[mine], scored.passed[mine]
    today: Correction = record.correction(team.pk if team else 0, day) if len(record.day) else SHIPPED
    enough = len(raw) >= ENOUGH
    return CalibrationEffect(
        team=team,
        day=day,
        n=len(raw),
        still_open=int(passed.sum()),
        learnt_from=int((record.team == team.pk).sum() if team else len(record.team)),
        shift=today.shift,
        scale=today.scale,
        held=[share_inside(corrected, passed, level) for level in LEVELS] if enough else [],
        held_raw=[share_inside(raw, passed, level) for level in LEVELS] if enough else [],
    )


def share_inside(z: npt.NDArray[np.float64], passed: npt.NDArray[np.bool_], level: float) -> float:
    """Share of outcomes inside the central range; one still open counts by the share of its remaining probability."""
    u = np.array([_NORMAL.cdf(one) for one in z.tolist()])
    low, high = (1 - level) / 2, (1 + level) / 2
    left = np.maximum(high - np.maximum(u, low), 0) / np.maximum(1 - u, 1e-9)
    return float(np.where(passed, left, (u >= low) & (u <= high)).mean())


def _values(row: CalibrationEffect) -> dict[str, Any]:
    names = ("day", "n", "still_open", "learnt_from", "shift", "scale", "held", "held_raw")
    return {name: getattr(row, name) for name in names}
