"""The last check-in on each of many goals or deliverables, whatever their number of earlier ones."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from delivery.models import CheckIn, Deliverable, Goal

Rows = QuerySet[Goal] | QuerySet[Deliverable]
_SAID: Final = """
SELECT asked.pk, said.status, said.confidence, said.day, COALESCE(person.name, ''), said.reason
FROM ({asked}) asked
CROSS JOIN LATERAL (
    SELECT * FROM delivery_checkin one WHERE one.{kind}_id = asked.pk AND one.day <= %s
    ORDER BY one.day DESC, one.id DESC LIMIT 1
) said
LEFT JOIN people_person person ON person.id = said.by_id
"""


class Word(NamedTuple):
    """A last word: ``confidence`` in per cent, the name of who gave it, and why it differs from the forecast."""

    status: str
    confidence: int | None
    day: date
    by: str
    reason: str


def last_words(rows: Rows, day: date) -> dict[int, Word]:
    """The latest by ``day`` on each of ``rows``, by its id; one query, and each is found by its index."""
    try:
        asked, params = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SAID.format(asked=asked, kind=_kind(rows)), [*params, day])
        return {pk: Word(*said) for pk, *said in cursor.fetchall()}


def last_check_ins(rows: Rows, day: date) -> QuerySet[CheckIn]:
    """The same, whole; for a few ``rows``: one query here, and one for them, in no order."""
    said = CheckIn.objects.filter(**{_kind(rows): OuterRef("pk")}, day__lte=day).order_by("-day", "-id")
    latest: QuerySet[Any] = rows.order_by().annotate(last_word=Subquery(said.values("pk")[:1]))
    found = latest.values_list("last_word", flat=True)
    return CheckIn.objects.filter(pk__in=[pk for pk in found if pk]).order_by()


def _kind(rows: Rows) -> str:
    return "goal" if rows.model is Goal else "deliverable"
