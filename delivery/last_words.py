"""The last check-in on each of many goals or deliverables, whatever their number of earlier ones."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from delivery.models import CheckIn, Deliverable, Goal


def last_words(rows: QuerySet[Goal] | QuerySet[Deliverable], day: date) -> QuerySet[CheckIn]:
    """The latest one by ``day`` on each of ``rows``, in no order; one query here, and one for them.

    Each is found by its index: in one query, PostgreSQL might read all that were ever given.
    """
    kind = "goal" if rows.model is Goal else "deliverable"
    said = CheckIn.objects.filter(**{kind: OuterRef("pk")}, day__lte=day).order_by("-day", "-id")
    latest: QuerySet[Any] = rows.order_by().annotate(last_word=Subquery(said.values("pk")[:1]))
    found = latest.values_list("last_word", flat=True)
    return CheckIn.objects.filter(pk__in=[pk for pk in found if pk]).order_by()
