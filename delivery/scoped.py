"""What is in a deliverable's scope: its items on a day, how it grew, and what in it is blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import pandas as pd
from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from delivery.core.zoned import day_of, days_of, end_of
from delivery.models import Deliverable, ScopedItem, Stage, WorkItem


@dataclass(frozen=True, slots=True)
class Counts:
    """Items of one deliverable. Dropped items are in none of them."""

    items: int = 0
    done: int = 0
    blocked: int = 0
    grown: int = 0
    at_commitment: int = 0
    begun: int = 0  # started or finished
    last_finish: date | None = None


BLOCKED_SQL: Final = """
({item}.flagged OR {item}.blocked_by <> '{{}}' AND EXISTS (
    SELECT FROM delivery_workitem other
     WHERE other.source_id = {item}.source_id AND other.key = ANY ({item}.blocked_by)
       AND other.deleted IS NULL AND other.ended IS NULL))
"""

COUNT_SQL: Final = f"""
SELECT s.deliverable_id,
       count(*) FILTER (WHERE s.held AND NOT s.dropped),
       count(*) FILTER (WHERE s.held AND s.done),
       count(*) FILTER (WHERE s.held AND s.blocked),
       count(*) FILTER (WHERE s.held AND NOT s.dropped AND s.since >= s.promised),
       count(*) FILTER (WHERE s.since < s.promised AND coalesce(s.until >= s.promised, true)
                          AND NOT coalesce(s.stage = 'dropped' AND s.ended < s.promised, false)),
       count(*) FILTER (WHERE s.held AND NOT s.dropped AND (s.done OR s.begun)),
       max(s.ended) FILTER (WHERE s.held AND s.done)
  FROM (SELECT scoped.deliverable_id, scoped.since, scoped.until, item.stage, item.ended, known.promised,
               coalesce(item.started < known.until, false) AS begun,
               scoped.since < known.until AND coalesce(scoped.until >= known.until, true) AS held,
               coalesce(item.stage = 'done' AND item.ended < known.until, false) AS done,
               coalesce(item.stage = 'dropped' AND item.ended < known.until, false) AS dropped,
               item.ended IS NULL AND {BLOCKED_SQL.format(item="item")} AS blocked
          FROM delivery_scopeditem scoped
          JOIN unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS known(id, until, promised)
            ON known.id = scoped.deliverable_id
         CROSS JOIN LATERAL (  -- OFFSET 0: item by item through the index, never all items there are
              SELECT source_id, stage, started, ended, flagged, blocked_by FROM delivery_workitem
               WHERE id = scoped.item_id AND deleted IS NULL AND level = 0 OFFSET 0) item) s
 GROUP BY s.deliverable_id
"""


def count(zones: Mapping[int, str], promised: Mapping[int, date], day: date) -> dict[int, Counts]:
    """Items of each deliverable at the end of ``day`` in its team's zone; one query.

    ``zones`` are time zones by the deliverable's id, ``promised`` the day of its first commitment, at whose end the
    growth is measured from. What is blocked is known only for the present.
    """
    ends = {zone: end_of(day, zone) for zone in set(zones.values())}
    begins: list[datetime | None] = [
        end_of(promised[pk], zone) if pk in promised else None for pk, zone in zones.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, [list(zones), [ends[zone] for zone in zones.values()], begins])
        return {
            pk: replace(Counts(*counts), last_finish=day_of(last, zones[pk]) if last else None)
            for pk, *counts, last in cursor.fetchall()
        }


def is_blocked() -> RawSQL:
    """Flagged, or waiting for an item that is open: a condition on work items that are open themselves."""
    return RawSQL(BLOCKED_SQL.format(item=WorkItem._meta.db_table), [], output_field=BooleanField())


def is_blocked_item() -> RawSQL:
    """The same of the item in a scope, through the join to it; False once it has ended."""
    item = WorkItem._meta.db_table
    sql = f"({item}.ended IS NULL AND {BLOCKED_SQL.format(item=item)})"
    return RawSQL(sql, [], output_field=BooleanField())


def burn_up(deliverable: Deliverable, *, day: date) -> pd.DataFrame:
    """``day``, ``scope`` and ``done`` at the end of each day from the first item to ``day``; empty without items.

    Reconstructed from when items came into the scope, left it, were finished and dropped; days of the team's zone.
    """
    rows = ScopedItem.objects.filter(deliverable=deliverable, item__deleted__isnull=True, item__level=0)
    found = rows.values_list("since", "until", "item__ended", "item__stage")
    frame = pd.DataFrame(found, columns=["since", "until", "ended", "stage"])
    for name in ("since", "until", "ended"):
        frame[name] = days_of(frame[name], deliverable.team.timezone)
    frame = frame[frame["since"] <= pd.Timestamp(day)]
    if frame.empty:
        return pd.DataFrame({"day": [], "scope": [], "done": []})
    days = pd.date_range(frame["since"].min(), pd.Timestamp(day), name="day")
    is_dropped = frame["stage"] == Stage.DROPPED
    left = pd.concat([frame["until"], frame["ended"].where(is_dropped)], axis=1).min(axis=1)
    ended = frame["ended"].mask(is_dropped)
    done = ended.clip(lower=frame["since"]).where(left.isna() | (ended < left))
    scope = _per_day(frame["since"], days) - _per_day(left, days)
    finished = _per_day(done, days) - _per_day(left.where(done.notna()), days)
    return pd.DataFrame({"day": days.date, "scope": scope, "done": finished})


def _per_day(moments: pd.Series, days: pd.DatetimeIndex) -> pd.Series:
    """How many of ``moments`` are on or before each of ``days``."""
    ordered = moments.dropna().sort_values().to_numpy()
    return pd.Series(ordered.searchsorted(days.to_numpy(), side="right"), index=range(len(days)), dtype=int)
