"""Two facts of teams that only the register asks for: items whose status nobody can read, and who gives the reviews."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from django.db import connection

from delivery.core.zoned import end_of

REVIEW_WEEKS: Final = 8

UNREADABLE_SQL: Final = """
SELECT part.team_id, item.status, count(*)
  FROM delivery_teamscope part
  JOIN delivery_source source ON source.id = part.source_id AND source.kind = 'jira'
  JOIN delivery_workitem item ON item.source_id = part.source_id AND item.project = part.scope
       AND item.deleted IS NULL AND item.level = 0 AND item.ended IS NULL AND item.created < %(end)s
 WHERE part.team_id = ANY (%(teams)s) AND item.status_category NOT IN ('new', 'indeterminate', 'done')
   AND NOT EXISTS (
       SELECT FROM delivery_stagemapping m
        WHERE m.source_id = item.source_id AND m.project IN (item.project, '')
          AND (NOT m.guessed OR m.category <> '')
          AND ((m.status_id = item.status_id AND item.status_id <> '') OR lower(m.status) = lower(item.status)))
 GROUP BY 1, 2
"""

REVIEWS_SQL: Final = """
WITH given AS (
    SELECT part.team_id, coalesce('p' || account.person_id, 'a' || account.id) AS who, count(*) AS n
      FROM delivery_teamscope part
      JOIN delivery_repository repository ON repository.source_id = part.source_id AND repository.name = part.scope
           AND repository.deleted IS NULL
      JOIN delivery_pullrequest pull ON pull.repository_id = repository.id AND pull.deleted IS NULL
      JOIN delivery_review review ON review.pull_request_id = pull.id
           AND review.submitted >= %(first)s AND review.submitted < %(end)s
           AND review.author_id IS DISTINCT FROM pull.author_id
      JOIN people_account account ON account.id = review.author_id AND NOT account.is_bot
     WHERE part.team_id = ANY (%(teams)s)
     GROUP BY 1, 2)
SELECT team_id, sum(n)::integer, max(n)::integer FROM given GROUP BY 1
"""


def unreadable_statuses(teams: Collection[int], day: date) -> dict[int, dict[str, int]]:
    """Of each team: Jira's statuses that neither a person nor Jira's own categories explain, with their open items."""
    found: dict[int, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(UNREADABLE_SQL, {"teams": list(teams), "end": end_of(day, "UTC")})
        for team, status, count in cursor.fetchall():
            found.setdefault(team, {})[status] = count
    return found


def reviews_given(teams: Collection[int], day: date) -> dict[int, tuple[int, int]]:
    """Of each team: (reviews given in REVIEW_WEEKS, those of whoever gave most); own pull requests and bots are out."""
    first = end_of(day - timedelta(weeks=REVIEW_WEEKS), "UTC")
    with connection.cursor() as cursor:
        cursor.execute(REVIEWS_SQL, {"teams": list(teams), "first": first, "end": end_of(day, "UTC")})
        return {team: (whole, most) for team, whole, most in cursor.fetchall()}
