"""What was promised and what is forecast, to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone
from django.utils.dateparse import parse_date
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.goal_chances import latest_of_goal
from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, KeyResult
from delivery.promises import promises
from people.reading import Reading


class Goals(Reading[Goal]):
    """What we want to be true by the end of a period; confidential ones only where they are for you."""

    queryset = Goal.objects.none()
    serializer_class = serializers.GoalSerializer
    filterset_class = filters.GoalFilters

    def get_queryset(self) -> QuerySet[Goal]:
        seen = access.visible_goals(self.request.user)
        parent = Subquery(seen.filter(pk=OuterRef("parent")).values("pk"))
        latest = latest_of_goal(timezone.localdate())
        return seen.select_related("group", "team", "owner").annotate(
            seen_parent=parent,
            latest_chance=Subquery(latest.values("chance")),
            latest_day=Subquery(latest.values("day")),
        )


class KeyResults(Reading[KeyResult]):
    """Measures of goals, from a start to a target."""

    queryset = KeyResult.objects.none()
    serializer_class = serializers.KeyResultSerializer
    filterset_class = filters.KeyResultFilters

    def get_queryset(self) -> QuerySet[KeyResult]:
        return access.visible_key_results(self.request.user)


class Deliverables(Reading[Deliverable]):
    """Deliverables as they stand on a day: the numbers of the pages."""

    queryset = Deliverable.objects.none()
    serializer_class = serializers.StandingSerializer  # type: ignore[assignment]
    filterset_class = filters.DeliverableFilters

    def get_queryset(self) -> QuerySet[Deliverable]:
        goals = Prefetch("goals", access.visible_goals(self.request.user).only("pk"))
        rows = access.visible_deliverables(self.request.user).select_related("team__group", "owner")
        return rows.prefetch_related("helping_teams", "depends_on", goals)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(self._standings(page), many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self._standings([self.get_object()])[0]).data)

    def _standings(self, rows: Sequence[Deliverable]) -> Sequence[serializers.Standing]:
        ids = [row.pk for row in rows]
        found = promises(self.request.user, day=self._day(), ids=ids, include_delivered=True)
        by_id = {promise.id: promise for promise in found}
        return [serializers.Standing(row, by_id.get(row.pk)) for row in rows]

    def _day(self) -> date:
        """The day asked for, which the filters have checked, or today."""
        return parse_date(self.request.query_params.get("day", "")) or timezone.localdate()


class Commitments(Reading[Commitment]):
    """Dates given on a day; moving one adds another."""

    queryset = Commitment.objects.none()
    serializer_class = serializers.CommitmentSerializer
    filterset_class = filters.CommitmentFilters

    def get_queryset(self) -> QuerySet[Commitment]:
        return access.visible_commitments(self.request.user).select_related("by")


class CheckIns(Reading[CheckIn]):
    """The weekly word of owners."""

    queryset = CheckIn.objects.none()
    serializer_class = serializers.CheckInSerializer
    filterset_class = filters.CheckInFilters

    def get_queryset(self) -> QuerySet[CheckIn]:
        return access.visible_check_ins(self.request.user).select_related("by")


class Forecasts(Reading[Forecast]):
    """One forecast a day for each deliverable, all kept."""

    queryset = Forecast.objects.none()
    serializer_class = serializers.ForecastSerializer
    filterset_class = filters.ForecastFilters
    ordering = ("-day", "-id")

    def get_queryset(self) -> QuerySet[Forecast]:
        return access.visible_forecasts(self.request.user)
