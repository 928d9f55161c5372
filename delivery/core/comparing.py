"""Two runs of the same futures held against each other: what levers change, for whom, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt

import numpy as np

from delivery.core.ahead import WorkAhead
from delivery.core.chance import chance_by, percentile_day
from delivery.core.counterfactual import Ahead, pull, touched
from delivery.core.draws import Floats
from delivery.core.levers import Lever
from delivery.core.portfolio import Futures, simulate_again
from delivery.core.what_if import WORTH_TELLING, Effect, Outcome, Outlook


def compare(ahead: Ahead, base: Futures, subject: int, levers: Sequence[Lever], *, seed: int) -> Outcome:
    """What ``levers`` do to the deliverable ``subject`` and to every other one. Raises Impossible (counterfactual).

    ``base`` are the futures of ``ahead`` with ``seed``. The range of an effect covers what a lever leaves open and the
    noise of the trials; not what the model itself may have wrong.
    """
    teams = touched(ahead, levers)
    then = pull(ahead, levers)
    runs = [_run(base, changed, teams, seed) for changed in (then, *_leeway(ahead, levers))]
    moved = _may_move(then, teams) - {subject}
    worth = [one for one in moved if abs(_change(ahead.works[one], then.works[one], base, runs[0])) >= WORTH_TELLING]
    others = [_effect(ahead.works[one], then.works[one], base, runs) for one in sorted(worth)]
    mine = _effect(ahead.works[subject], then.works[subject], base, runs)
    return Outcome(mine, tuple(sorted(others, key=lambda effect: -(effect.change or 0))))


def _may_move(ahead: Ahead, teams: set[int]) -> set[int]:
    """Deliverables of these teams, and all that wait for them through any number of steps."""
    found = {one.id for one in ahead.works.values() if one.team in teams}
    while more := {one.id for one in ahead.works.values() if found & set(one.needs)} - found:
        found |= more
    return found


def _change(now: WorkAhead, then: WorkAhead, base: Futures, run: Futures) -> float:
    if now.target is None or then.target is None:
        return 0.0
    late = [
        (days[now.id] > (target - base.today).days).mean()
        for days, target in ((base.days, now.target), (run.days, then.target))
    ]
    return float(late[1] - late[0])


def _leeway(ahead: Ahead, levers: Sequence[Lever]) -> list[Ahead]:
    return [pull(ahead, levers, care=care) for care in (-1, 1)] if levers else []


def _run(base: Futures, changed: Ahead, teams: set[int], seed: int) -> Futures:
    return simulate_again(base, changed.teams, list(changed.works.values()), touched=teams, seed=seed)


def _effect(now: WorkAhead, then: WorkAhead, base: Futures, runs: Sequence[Futures]) -> Effect:
    before = outlook(base.days[now.id], now.target, base.today)
    after = outlook(runs[0].days[now.id], then.target, base.today)
    if before.missing is None or after.missing is None:
        return Effect(now.id, before, after)
    changes = [after.missing - before.missing, *(_change(now, then, base, run) for run in runs[1:])]
    noise = 2 * _error(base.days[now.id], now.target, runs[0].days[now.id], then.target, base.today)
    return Effect(now.id, before, after, min(changes) - noise, max(changes) + noise)


def outlook(days: Floats, target: date | None, today: date) -> Outlook:
    """What simulated days say of a promise."""
    dates = [percentile_day(days, share) for share in (0.50, 0.85)]
    p50, p85 = (None if day is None else today + timedelta(days=day) for day in dates)
    missing = None if target is None else 1 - chance_by(days, (target - today).days)
    return Outlook(target, missing, p50, p85)


def _error(now: Floats, target: date | None, then: Floats, moved: date | None, today: date) -> float:
    """Standard error of the change of a chance, both sides being the same trials."""
    if target is None or moved is None:
        return 0.0
    differ = (then > (moved - today).days).astype(np.float32) - (now > (target - today).days)
    return float(differ.std() / sqrt(len(differ)))
