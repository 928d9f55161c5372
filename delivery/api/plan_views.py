"""What is forecast, and how goals and deliverables were changed: to read."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.goal_names import told_to
from delivery.models import Forecast, PlanChange
from people.reading import Reading


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
        return self.get_paginated_response(self.get_serializer(told_to(request.user, page), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(told_to(request.user, [self.get_object()])[0]).data)
