"""What recalibration changed, out of sample: for each team and for all of them (FORECAST.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.calibration import Record, load_record
from delivery.core.calibration import SHIPPED, Correction, Marks, normal_scores, pits
from delivery.core.reliability import ENOUGH
from delivery.models import CalibrationEffect
from teams.models import Team

LEVELS: Final = (0.5, 0.8, 0.95)
FOLLOW: Final = timedelta(weeks=13)
"""The effect of a correction is judged on forecasts at least so old."""
_NORMAL: Final = NormalDist()


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
