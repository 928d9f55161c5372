"""When a deliverable is delivered: its owner says so, or its work does.

Found: everything in the scope has ended for at least a day, and something was finished; delivered is the day of the
last finish. Taken back when work comes back: an item of the scope was reopened, or found soon after. A mark set by
hand over items that were never done stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from delivery.core.zoned import day_of
from delivery.models import Deliverable, ScopedItem, Stage, StageMapping, Transition

STILL_GROWING: Final = timedelta(weeks=4)
"""Items found within this time of the end belong to it (FORECAST.md 1: a third more appears after week 4)."""


def mark_delivered(day: date) -> int:
    """Set and take back ``Deliverable.delivered`` as of ``day``; returns how many changed."""
    changed = [*_take_back(), *_find(day)]
    Deliverable.objects.bulk_update(changed, ["delivered"])
    return len(changed)


def _find(day: date) -> Iterable[Deliverable]:
    held = Q(scoped__until__isnull=True, scoped__item__deleted__isnull=True, scoped__item__level=0)
    rows = Deliverable.objects.filter(delivered__isnull=True, dropped__isnull=True).select_related("team")
    rows = rows.annotate(
        left=Count("scoped", filter=held & Q(scoped__item__ended__isnull=True)),
        last_finish=Max("scoped__item__ended", filter=held & Q(scoped__item__stage=Stage.DONE)),
        last_end=Max("scoped__item__ended", filter=held),
    )
    for row in rows.filter(left=0, last_finish__isnull=False):
        if day_of(row.last_end, row.team.timezone) < day:
            row.delivered = day_of(row.last_finish, row.team.timezone)
            yield row


@dataclass(frozen=True, slots=True)
class _OpenItem:
    """An open item in the scope of a delivered deliverable."""

    since: datetime
    reopened: bool


def _take_back() -> Iterable[Deliverable]:
    rows = _open_in_delivered()
    for row in Deliverable.objects.filter(pk__in=list(rows)).select_related("team"):
        if row.delivered and _came_back(rows[row.pk], row.delivered, row.team.timezone):
            row.delivered = None
            yield row


def _came_back(items: list[_OpenItem], delivered: date, zone: str) -> bool:
    """Whether any of the open ``items`` is work that came back, and none was open when it was called delivered."""
    late = [day_of(one.since, zone) - delivered for one in items if not one.reopened]
    if any(delay <= timedelta(0) for delay in late):
        return False
    return len(late) < len(items) or any(delay <= STILL_GROWING for delay in late)


def _open_in_delivered() -> dict[int, list[_OpenItem]]:
    told = StageMapping.objects.filter(source=OuterRef("item__source"), status_id=OuterRef("from_id"))
    here, all_over = told.filter(project=OuterRef("item__project")), told.filter(project="")
    left_done = Exists(here.filter(stage=Stage.DONE)) | ~Exists(here) & Exists(all_over.filter(stage=Stage.DONE))
    reopened = Transition.objects.filter(
        left_done, item=OuterRef("item"), at__date__gte=OuterRef("deliverable__delivered")
    )
    rows = ScopedItem.objects.filter(
        deliverable__delivered__isnull=False,
        until__isnull=True,
        item__deleted__isnull=True,
        item__level=0,
        item__ended__isnull=True,
    ).annotate(reopened=Exists(reopened))
    found: dict[int, list[_OpenItem]] = {}
    for pk, since, again in rows.values_list("deliverable_id", "since", F("reopened")):
        found.setdefault(pk, []).append(_OpenItem(since, again))
    return found
