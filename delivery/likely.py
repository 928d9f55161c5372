"""How many promises of each team are likely to be missed: the counts beside the teams on every page.

The same as counting ``delivery.promises.promises``, without all else that a promise says: one query, and a second where a
promised day moved since its forecast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from delivery import access
from delivery.core.chance import Level, level_of
from delivery.models import Commitment, Forecast
from delivery.promise_facts import FRESH_DAYS
from delivery.promises import chance_now, known_on
from people.access import User

HAS_SPREAD: Final = ExpressionWrapper(~Q(quantiles=[]), output_field=BooleanField())
SURE: Final = 0.6  # whose chance is above this is no candidate: well above what level_of calls likely to be missed
_CANDIDATES: Final = """
SELECT standing.team__slug, fresh.chance, given.target,
    CASE WHEN fresh.target = given.target AND fresh.chance IS NOT NULL THEN NULL ELSE fresh.pk END
FROM ({standing}) standing
JOIN ({fresh}) fresh ON fresh.deliverable_id = standing.pk
JOIN ({given}) given ON given.deliverable_id = standing.pk
WHERE fresh.has_spread AND (fresh.chance IS NULL OR fresh.chance <= %s OR fresh.target IS DISTINCT FROM given.target)
"""


class Candidate(NamedTuple):
    """A promise that may be likely to be missed; ``moved``: the id of its forecast, where that knew another day."""

    team: str
    chance: float | None
    target: date
    moved: int | None


def likely_by_team(user: User, *, day: date) -> Counter[str]:
    """By the team's slug, what ``user`` may see of the open deliverables that are likely to be missed on ``day``."""
    found = list(_candidates(user, day))
    moved = [one.moved for one in found if one.moved]
    forecasts = Forecast.objects.in_bulk(moved) if moved else {}
    chances = ((one.team, chance_now(forecasts[one.moved], one.target) if one.moved else one.chance) for one in found)
    return Counter(team for team, chance in chances if level_of(chance) == Level.LIKELY)


def _candidates(user: User, day: date) -> Iterable[Candidate]:
    """In one statement of three: what is open, the forecast that stands for ``day``, and the day that is promised."""
    rows = known_on(access.visible_deliverables(user), day, None, None, False).order_by()
    fresh = Forecast.objects.filter(day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    fresh = fresh.order_by("deliverable_id", "-day").distinct("deliverable_id").annotate(has_spread=HAS_SPREAD)
    given = Commitment.objects.as_of(day).order_by("deliverable_id", "-given", "-id").distinct("deliverable_id")
    parts: dict[str, QuerySet[Any, Any]] = {
        "standing": rows.values("pk", "team__slug"),
        "fresh": fresh.values("pk", "deliverable_id", "target", "chance", "has_spread"),
        "given": given.values("deliverable_id", "target"),
    }
    try:
        statements = {name: part.query.sql_with_params() for name, part in parts.items()}
    except EmptyResultSet:  # nobody sees anything
        return []
    told = _CANDIDATES.format(**{name: statement for name, (statement, _) in statements.items()})
    with connection.cursor() as cursor:
        cursor.execute(told, [each for _, params in statements.values() for each in params] + [SURE])
        return [Candidate(*row) for row in cursor.fetchall()]
