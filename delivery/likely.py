"""How many promises of each team are likely to be missed: the counts beside the teams on every page.

The same as counting ``delivery.promises.promises``, without all else that a promise says: three queries,
and a fourth where a promised day moved since its forecast.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

from django.db.models import BooleanField, ExpressionWrapper, Q

from delivery import access
from delivery.core.chance import Level, level_of
from delivery.models import Commitment, Forecast
from delivery.promise_facts import FRESH_DAYS
from delivery.promises import chance_now, known_on
from people.access import User

HAS_SPREAD: Final = ExpressionWrapper(~Q(quantiles=[]), output_field=BooleanField())


def likely_by_team(user: User, *, day: date) -> Counter[str]:
    """By the team's slug, what ``user`` may see of the open deliverables that are likely to be missed on ``day``."""
    given = Commitment.objects.as_of(day).order_by("deliverable_id", "-given", "-id").distinct("deliverable_id")
    chances = _chances(dict(given.values_list("deliverable_id", "target")), day)
    likely = [pk for pk, chance in chances.items() if level_of(chance) == Level.LIKELY]
    rows = known_on(access.visible_deliverables(user), day, None, likely, False)
    return Counter(rows.order_by().values_list("team__slug", flat=True))


def _chances(targets: dict[int, date], day: date) -> dict[int, float | None]:
    """As stored, or of the same distribution where the day moved since: only of those is the distribution read."""
    fresh = Forecast.objects.filter(day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    rows = fresh.order_by("deliverable_id", "-day").distinct("deliverable_id")
    found: dict[int, float | None] = {}
    moved = []
    names = ("pk", "deliverable_id", "target", "chance", "has_spread")
    for pk, deliverable, target, chance, has_spread in rows.annotate(has_spread=HAS_SPREAD).values_list(*names):
        if deliverable not in targets or not has_spread:
            continue
        if target == targets[deliverable] and chance is not None:
            found[deliverable] = chance
        else:
            moved.append(pk)
    again = Forecast.objects.filter(pk__in=moved) if moved else ()
    return found | {row.deliverable_id: chance_now(row, targets[row.deliverable_id]) for row in again}
