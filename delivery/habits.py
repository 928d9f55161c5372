"""How teams are used to work, and how they do now: what the forecast's drivers hold against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import connection

from delivery.core.ahead import Habit
from delivery.core.measure import Spread
from delivery.core.period import Period
from delivery.core.zoned import end_of
from delivery.queries import review_waits_of
from teams.models import Team

NOW: Final = timedelta(weeks=6)
USUAL: Final = timedelta(weeks=39)
"""Before that: what is usual is what was, without what is."""
ENOUGH: Final = 10
"""Finished items in each span, to tell a share of them."""
WORKING_DAY: Final = timedelta(hours=8)

UNPLANNED_SQL: Final = """
SELECT part.team_id,
       count(*) FILTER (WHERE item.finished >= %(turn)s),
       count(*) FILTER (WHERE item.finished >= %(turn)s AND NOT known.planned),
       count(*) FILTER (WHERE item.finished < %(turn)s),
       count(*) FILTER (WHERE item.finished < %(turn)s AND NOT known.planned)
  FROM delivery_teamscope part
  JOIN delivery_workitem item ON item.source_id = part.source_id AND item.project = part.scope
       AND item.deleted IS NULL AND item.level = 0 AND item.finished >= %(first)s AND item.finished < %(end)s
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT FROM delivery_scopeditem s WHERE s.item_id = item.id
                        AND s.since <= coalesce(item.started, item.finished))
           OR EXISTS (SELECT FROM delivery_sprintitem p WHERE p.item_id = item.id AND p.committed) AS planned) known
 WHERE part.team_id = ANY (%(teams)s)
 GROUP BY part.team_id
"""


@dataclass(frozen=True, slots=True)
class Habits:
    """By the team's id; ``Habit()`` where there is not enough to say."""

    reviews: Mapping[int, Habit]  # working days until a first review, median
    unplanned: Mapping[int, Habit]  # share of finished items


def load_habits(teams: Sequence[Team], day: date) -> Habits:
    """The habits of ``teams`` as of ``day``; five queries for any number."""
    now = Period(day - NOW, day + timedelta(days=1))
    before = Period(day - NOW - USUAL, day - NOW)
    waits, usual = review_waits_of(teams, now), review_waits_of(teams, before)
    reviews = {team.pk: Habit(_days(waits[team.pk]), _days(usual[team.pk])) for team in teams}
    return Habits(reviews, _unplanned(teams, day))


def _days(wait: Spread) -> float | None:
    return None if wait.p50 is None else round(wait.p50 / WORKING_DAY, 2)


def _unplanned(teams: Sequence[Team], day: date) -> dict[int, Habit]:
    """METRICS.md, unplanned share: finished, and in no deliverable or sprint when they were started."""
    moments = {
        "first": end_of(day - NOW - USUAL, "UTC"),
        "turn": end_of(day - NOW, "UTC"),
        "end": end_of(day, "UTC"),
    }
    with connection.cursor() as cursor:
        cursor.execute(UNPLANNED_SQL, {**moments, "teams": [team.pk for team in teams]})
        return {
            pk: Habit(_share(loose, whole), _share(loose_before, whole_before))
            for pk, whole, loose, whole_before, loose_before in cursor.fetchall()
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole >= ENOUGH else None
