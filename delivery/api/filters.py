"""The filters that the lists share. Times are half-open: ``_from`` ≤ value < ``_before``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django_filters.fields import IsoDateTimeField

from delivery.models import TeamScope

TEAM = "Slug of a team"
SOURCE = "Name of a source"
LARGEST_ID = 2**63 - 1


class InstantField(IsoDateTimeField):  # type: ignore[misc]
    """An instant of any offset, handed on in UTC: PostgreSQL knows fewer offsets than ISO 8601."""

    def clean(self, value: Any) -> datetime | None:
        found = super().clean(value)
        try:
            return found.astimezone(UTC) if found else None
        except OverflowError as error:
            raise ValidationError("This instant is out of range.") from error


class InstantFilter(filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantField


def since(field: str) -> filters.IsoDateTimeFilter:
    return InstantFilter(field_name=field, lookup_expr="gte", help_text="From this instant on")


def before(field: str) -> filters.IsoDateTimeFilter:
    return InstantFilter(field_name=field, lookup_expr="lt", help_text="Before this instant")


def from_day(field: str) -> filters.DateFilter:
    return filters.DateFilter(field_name=field, lookup_expr="gte", help_text="From this day on")


def before_day(field: str) -> filters.DateFilter:
    return filters.DateFilter(field_name=field, lookup_expr="lt", help_text="Before this day")


def by_id(field: str, **options: Any) -> filters.NumberFilter:
    return filters.NumberFilter(field_name=field, min_value=1, max_value=LARGEST_ID, help_text="Id", **options)


def text(field: str, help_text: str = "") -> filters.CharFilter:
    return filters.CharFilter(field_name=field, help_text=help_text)


def is_known(field: str, help_text: str) -> filters.BooleanFilter:
    """Whether an instant has come: filter on its being known."""
    return filters.BooleanFilter(field_name=field, lookup_expr="isnull", exclude=True, help_text=help_text)


def of_team(*, source: str, scope: str) -> filters.CharFilter:
    """What lies in a team's projects and repositories; ``source`` and ``scope`` say where a row names them."""

    def narrow(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        mine = TeamScope.objects.filter(team__slug=value, source=OuterRef(source), scope=OuterRef(scope))
        return rows.filter(Exists(mine))

    return filters.CharFilter(method=narrow, help_text=TEAM)
