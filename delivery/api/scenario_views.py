"""Scenarios to read, and levers to try: nothing that is tried is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access
from delivery.api import scenario_serializers as serializers
from delivery.api.filters import by_id, text
from delivery.core import what_if as core
from delivery.core.levers import Lever, LeverKind, as_json, from_json
from delivery.models import Scenario
from delivery.open_levers import open_levers, problems
from delivery.what_if import Impossible, what_if
from people.reading import Filters, Reading, ReadingSchema

NO_START = "There is no forecast to start from, so what these would change is not known."


class ScenarioFilters(Filters):
    deliverable = by_id("deliverable_id")
    team = text("deliverable__team__slug", "Slug of the team that answers for the deliverable")

    class Meta:
        model = Scenario
        fields = ("state",)


class ScenarioSchema(ReadingSchema):
    """Also says that a body may be in a form that is not read."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if self.method == "POST":
            said = "The body is in a form that is not read."
            bodies["415"] = {"description": said, "content": bodies["400"]["content"]}
        return bodies


class Scenarios(Reading[Scenario]):
    """What-ifs that were kept, proposed and decided, each as it looked on its day."""

    queryset = Scenario.objects.none()
    serializer_class = serializers.ScenarioSerializer
    filterset_class = ScenarioFilters
    schema = ScenarioSchema()

    def get_queryset(self) -> QuerySet[Scenario]:
        return access.visible_scenarios(self.request.user).select_related("by", "proposed_to", "decided_by")

    @extend_schema(
        operation_id="scenarios_try",
        request=serializers.TrySerializer,
        responses={200: serializers.TriedSerializer},
        filters=False,
    )
    @action(detail=False, methods=["post"], url_path="try", filterset_class=None, pagination_class=None)
    def attempt(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What levers would do today to a deliverable that you may see, and to all that they disturb."""
        sent = serializers.TrySerializer(data=request.data, context={"request": request})
        sent.is_valid(raise_exception=True)
        row, day = sent.validated_data["deliverable"], timezone.localdate()
        levers = _levers(sent.validated_data["levers"])
        if said := problems(levers, open_levers(row, day=day), deliverable=row, day=day):
            raise ValidationError({"levers": said})
        try:
            outcome = what_if(row, levers, day=day)
        except Impossible as error:
            raise ValidationError({"levers": [str(error)]}) from None
        if outcome is None:
            raise ValidationError({"deliverable": [NO_START]})
        told = {"deliverable": row.pk, "day": day, "levers": as_json(levers), "outcome": core.as_json(outcome)}
        return Response(serializers.TriedSerializer(told).data)


def _levers(sent: Sequence[dict[str, Any]]) -> tuple[Lever, ...]:
    """The levers that were sent. Raises ValidationError for anything that is none."""
    if any(row.get("kind") not in list(LeverKind) for row in sent):
        raise ValidationError({"levers": [f"A lever has a kind: {', '.join(LeverKind)}."]})
    try:
        return from_json(sent)
    except (ValueError, TypeError) as error:
        raise ValidationError({"levers": [str(error)]}) from None
