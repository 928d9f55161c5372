"""What the register has told so far: where another run of the rules goes on from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Max

from delivery.models import Risk, RiskEvent
from delivery.risk_rules import Key, key_of_row


class Past(Exception):
    """The day is before ``until``, through which the register is kept: what it told then is not told again."""

    def __init__(self, day: date, until: date) -> None:
        super().__init__(f"The register is kept through {until}; it cannot go back to {day}.")
        self.until = until


def demand_not_told(day: date, now: datetime) -> None:
    """Raises Past for a day before the last one that was kept; today never is, also after a clock that had jumped ahead."""
    until = kept_until() if day < now.date() else None
    if until and day < until:
        raise Past(day, until)


def kept_until() -> date | None:
    """The last day on which a run of the rules left a mark; None before the first."""
    marks = Risk.objects.exclude(rule="").aggregate(Max("seen"), Max("better_since"))
    told = RiskEvent.objects.filter(by=None).aggregate(Max("day"))
    return max((day for day in (*marks.values(), *told.values()) if day), default=None)


def last_told(rows: Collection[Risk]) -> dict[int, float]:
    """The probability that each risk's history told last."""
    events = RiskEvent.objects.filter(risk__in=[row.pk for row in rows], what__in=("opened", "moved"))
    latest = events.order_by("risk_id", "-at", "-id").distinct("risk_id").values_list("risk_id", "after")
    return {pk: int(after.rstrip("%")) / 100 for pk, after in latest if after.endswith("%")}


def closed_before() -> dict[tuple[str, Key], date]:
    """When each rule's risk of each cause was closed last, where it was open before; one query."""
    causes = ("rule", "deliverable_id", "goal_id", "team_id", "cause")
    rows = Risk.objects.filter(state=Risk.State.CLOSED).exclude(rule="").only(*causes, "closed")
    latest = rows.order_by(*causes, "-closed").distinct(*causes)
    return {(row.rule, key_of_row(row)): row.closed for row in latest if row.closed}
