"""What is in a deliverable's scope: its items on a day, how it grew, and what in it is blocked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import pandas as pd
from django.db import connection
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q

from delivery.core.zoned import days_of, end_of
from delivery.models import Deliverable, ScopedItem, Stage, WorkItem


@dataclass(frozen=True, slots=True)
class Counts:
    """Items of one deliverable. Dropped items are in none of them."""

    items: int = 0
    done: int = 0
    blocked: int = 0
    grown: int = 0
    at_commitment: int = 0


COUNT_SQL: Final = """
SELECT s.deliverable_id,
       count(*) FILTER (WHERE s.held AND NOT s.dropped),
       count(*) FILTER (WHERE s.held AND s.done),
       count(*) FILTER (WHERE s.held AND NOT s.dropped AND s.since >= s.promised),
       count(*) FILTER (WHERE s.since < s.promised AND coalesce(s.until >= s.promised, true)
                          AND NOT coalesce(s.stage = 'dropped' AND s.ended < s.promised, false))
  FROM (SELECT scoped.deliverable_id, scoped.since, scoped.until, item.stage, item.ended, known.promised,
               scoped.since < known.until AND coalesce(scoped.until >= known.until, true) AS held,
               coalesce(item.stage = 'done' AND item.ended < known.until, false) AS done,
               coalesce(item.stage = 'dropped' AND item.ended < known.until, false) AS dropped
          FROM delivery_scopeditem scoped
          JOIN unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS known(id, until, promised)
            ON known.id = scoped.deliverable_id
          JOIN delivery_workitem item ON item.id = scoped.item_id AND item.deleted IS NULL AND item.level = 0) s
 GROUP BY s.deliverable_id
"""


def count(zones: Mapping[int, str], promised: Mapping[int, date], day: date) -> dict[int, Counts]:
    """Items of each deliverable at the end of ``day`` in its team's zone; two queries.

    ``zones`` are time zones by the deliverable's id, ``promised`` the day of its first commitment, at whose end the
    growth is measured from. What is blocked is known only for the present.
    """
    ends = {zone: end_of(day, zone) for zone in set(zones.values())}
    begins: list[datetime | None] = [
        end_of(promised[pk], zone) if pk in promised else None for pk, zone in zones.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(COUNT_SQL, [list(zones), [ends[zone] for zone in zones.values()], begins])
        rows = cursor.fetchall()
    blocked = _count_blocked(zones)
    return {pk: Counts(items, done, blocked.get(pk, 0), grown, at) for pk, items, done, grown, at in rows}


def is_blocked(prefix: str = "") -> Q:
    """Flagged, or waiting for an item that is open; for items that are open themselves."""
    named = Func(
        F("key"),
        OuterRef(f"{prefix}blocked_by"),
        template="%(expressions)s)",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )
    blockers = WorkItem.objects.filter(
        named, source=OuterRef(f"{prefix}source"), deleted__isnull=True, ended__isnull=True
    )
    return Q(**{f"{prefix}flagged": True}) | (~Q(**{f"{prefix}blocked_by": []}) & Q(Exists(blockers)))


def _count_blocked(ids: Mapping[int, str]) -> dict[int, int]:
    here = ScopedItem.objects.filter(deliverable__in=list(ids), until__isnull=True)
    live = here.filter(item__deleted__isnull=True, item__level=0, item__ended__isnull=True)
    rows = live.filter(is_blocked("item__")).values("deliverable").annotate(n=Count("pk")).order_by()
    return dict(rows.values_list("deliverable", "n"))


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
