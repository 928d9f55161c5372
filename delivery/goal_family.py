"""The goals above and below one, whatever their number and depth."""

from __future__ import annotations

from typing import Final

from django.db import connection

from delivery.models import Goal

_FAMILY: Final = """
WITH RECURSIVE below AS (
    SELECT id FROM delivery_goal WHERE id = %(goal)s
    UNION
    SELECT one.id FROM delivery_goal one JOIN below ON one.parent_id = below.id
), above AS (
    SELECT id, parent_id FROM delivery_goal WHERE id = %(goal)s
    UNION
    SELECT one.id, one.parent_id FROM delivery_goal one JOIN above ON one.id = above.parent_id
)
SELECT id FROM below UNION SELECT id FROM above
"""


def family(goal: Goal) -> set[int]:
    """Ids of ``goal``, of all goals above it and of all below it, dropped and hidden ones too; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"goal": goal.pk})
        return {pk for (pk,) in cursor.fetchall()}
