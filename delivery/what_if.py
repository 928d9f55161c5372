"""What would change the answer: levers pulled on today's forecast, for a deliverable and for all that they disturb.

Nothing is kept and no history is read: a what-if starts from what the forecasts themselves were given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from delivery import outlooks
from delivery.core.comparing import compare
from delivery.core.counterfactual import Ahead, Impossible
from delivery.core.levers import Lever
from delivery.core.portfolio import Futures
from delivery.core.what_if import Effect, Outcome, Outlook
from delivery.forecasts import simulate
from delivery.models import Deliverable, Forecast
from delivery.promise_facts import latest_forecasts, promised_day

__all__ = ["Impossible", "Start", "start", "what_if"]


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where what-ifs of a day start from: what lies ahead with today's promises, and its futures."""

    ahead: Ahead
    futures: Futures
    seed: int


def what_if(deliverable: Deliverable, levers: Sequence[Lever], *, day: date) -> Outcome | None:
    """What ``levers`` would do on ``day``; None where the deliverable has no forecast to start from.

    Raises Impossible with a sentence for a lever that cannot be pulled here. Four queries, three where the futures of the day are known.
    """
    found = start(day)
    if found is None or deliverable.pk not in found.ahead.works:
        return None
    outcome = compare(found.ahead, found.futures, deliverable.pk, levers, seed=found.seed)
    return as_shown(outcome, day)


def start(day: date) -> Start | None:
    """What there is to start from; None before the first forecast. Three queries, two where it is known."""
    stamp = outlooks.stamp(day)
    if not stamp:
        return None
    ahead, futures = _futures(day, stamp)
    targets = _targets(list(ahead.works), day)
    works = {pk: replace(work, target=targets[pk]) for pk, work in ahead.works.items() if pk in targets}
    return Start(replace(ahead, works=works), futures, outlooks.seed_of_day(futures.today))


@lru_cache(maxsize=2)
def _futures(day: date, stamp: str) -> tuple[Ahead, Futures]:
    """Each process keeps the futures of the day; they are made again whenever a team's outlook is."""
    kept = outlooks.load(day)
    return kept.inputs.ahead, simulate(kept.inputs, kept.day or day)


def _targets(ids: Sequence[int], day: date) -> dict[int, date | None]:
    """The promised day of each that is still open, as it stands on ``day``: it may have moved since the forecast."""
    rows = Deliverable.objects.filter(pk__in=ids, delivered__isnull=True, dropped__isnull=True).order_by()
    return dict(rows.annotate(target=promised_day(day)).values_list("pk", "target"))


def as_shown(outcome: Outcome, day: date) -> Outcome:
    """The outcome counted from the chances that pages show, where the forecast of a team is older than another's."""
    effects = (outcome.subject, *outcome.others)
    shown = {row.deliverable_id: row for row in latest_forecasts([one.deliverable for one in effects], day)}
    return Outcome(_shown(outcome.subject, shown), tuple(_shown(one, shown) for one in outcome.others))


def _shown(effect: Effect, shown: Mapping[int, Forecast]) -> Effect:
    row, change = shown.get(effect.deliverable), effect.change
    if row is None or row.chance is None or change is None or row.target != effect.now.target:
        return effect
    missing = 1 - row.chance
    if missing == effect.now.missing:
        return effect
    then = min(max(missing + change, 0.0), 1.0)
    now = Outlook(effect.now.target, missing, row.p50, row.p85)
    return replace(effect, now=now, then=replace(effect.then, missing=then))
