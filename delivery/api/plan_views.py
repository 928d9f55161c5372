"""What is forecast, and how goals and deliverables were changed: to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.models import Forecast, Goal, PlanChange
from people.reading import Reading

NAMING_GOALS = ("Serves", "Goals")
"""What of the history is told by titles of goals."""


class Forecasts(Reading[Forecast]):
    """One forecast a day for each deliverable, all kept."""

    queryset = Forecast.objects.none()
    serializer_class = serializers.ForecastSerializer
    filterset_class = filters.ForecastFilters
    ordering = ("-day", "-id")

    def get_queryset(self) -> QuerySet[Forecast]:
        return access.visible_forecasts(self.request.user)


class PlanChanges(Reading[PlanChange]):
    """What was changed of goals and deliverables, by whom and when. Never rewritten."""

    queryset = PlanChange.objects.none()
    serializer_class = serializers.PlanChangeSerializer
    filterset_class = filters.PlanChangeFilters

    def get_queryset(self) -> QuerySet[PlanChange]:
        seen = Q(goal=None) | Q(goal__in=access.visible_goals(self.request.user))
        rows = PlanChange.objects.filter(seen, Q(deliverable=None) | self._deliverables())
        return rows.select_related("by")

    def _deliverables(self) -> Q:
        return Q(deliverable__in=access.visible_deliverables(self.request.user))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(self._without_hidden(page), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self._without_hidden([self.get_object()])[0]).data)

    def _without_hidden(self, rows: Sequence[PlanChange]) -> Sequence[PlanChange]:
        """The rows without titles of goals that the reader may not see, or that nobody is called any more."""
        naming = [row for row in rows if row.what in NAMING_GOALS]
        titles = {one for row in naming for text in (row.before, row.after) for one in _titles(text)}
        mine = access.visible_goals(self.request.user)
        known = set(mine.filter(title__in=titles).values_list("title", flat=True))
        known -= set(
            Goal.objects.filter(title__in=titles).exclude(pk__in=mine.values("pk")).values_list("title", flat=True)
        )
        for row in naming:
            row.before, row.after = (text if _titles(text) <= known else "" for text in (row.before, row.after))
        return rows


def _titles(text: str) -> set[str]:
    """As ``plan_changes.in_words`` joins them; the parts of a title with a comma are titles of none, and stay unsaid."""
    return set(text.split(", ")) if text else set()
