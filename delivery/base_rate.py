"""How often promises are missed here: what the chance of a single one is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import F, OuterRef, Q, Subquery

from delivery.models import Commitment, Deliverable

MEMORY: Final = timedelta(weeks=104)
ELSEWHERE: Final = 0.43
"""Share of promised features that were not ready by their date, on public histories (FORECAST.md 6.4: 57 % were)."""
WEIGHT: Final = 10
"""Promises elsewhere that the record here is held against while it is short."""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """``missing``: the share of first promises missed, shrunk to what it is elsewhere; ``n``: promises here."""

    missing: float
    n: int


def base_rate(day: date) -> BaseRate:
    """Of the first dates that came due in the two years before ``day``; dropped before it was due is out. One query."""
    first = (
        Commitment.objects.as_of(day).filter(deliverable=OuterRef("pk")).order_by("given", "id").values("target")[:1]
    )
    due = Deliverable.objects.annotate(first=Subquery(first)).filter(first__lt=day, first__gte=day - MEMORY)
    due = due.exclude(dropped__lte=F("first"))
    n, missed = due.count(), due.filter(Q(delivered__isnull=True) | Q(delivered__gt=F("first"))).count()
    return BaseRate((missed + WEIGHT * ELSEWHERE) / (n + WEIGHT), n)
