"""Actions to read, to add and to change: the same permissions and checks as on the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, actions
from delivery.api import action_serializers as serializers
from delivery.api.filters import before_day, by_id, text
from delivery.api.filters import from_day as since_day
from delivery.models import Action
from people.reading import Filters, Reading, ReadingSchema
from people.versions import IF_MATCH, Changed, refusals, seen_version


class ActionFilters(Filters):
    deliverable = by_id("deliverable_id")
    risk = by_id("risk_id")
    owner = by_id("owner_id")
    team = text("deliverable__team__slug", "Slug of the team that answers for the deliverable")
    due_from = since_day("due")
    due_before = before_day("due")
    overdue = filters.BooleanFilter(method="is_overdue", help_text="Whether it is open and its due date is past")

    class Meta:
        model = Action
        fields = ("state", "kind")

    def is_overdue(self, rows: QuerySet[Action], name: str, value: bool) -> QuerySet[Action]:
        late = {"state__in": actions.OPEN, "due__lt": timezone.localdate()}
        return rows.filter(**late) if value else rows.exclude(**late)


class ActionSchema(ReadingSchema):
    """Also says what a change may be answered with."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if self.method == "PATCH":
            bodies |= refusals(bodies["400"]["content"])
        if self.method in ("POST", "PATCH"):
            bodies["415"] = {
                "description": "The body is in a form that is not read.",
                "content": bodies["400"]["content"],
            }
        return bodies


class Actions(Reading[Action]):
    """What is done about deliverables and risks, what it was to bring and what it brought."""

    queryset = Action.objects.none()
    serializer_class = serializers.ActionSerializer
    filterset_class = ActionFilters
    schema = ActionSchema()
    http_method_names = ["get", "post", "patch", "head", "options"]  # noqa: RUF012 - as its base has it

    def get_queryset(self) -> QuerySet[Action]:
        rows = access.visible_actions(self.request.user)
        return rows.select_related("owner", "by", "deliverable", "risk__goal")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    @extend_schema(request=serializers.NewActionSerializer, responses={201: serializers.ActionSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add an action to a deliverable of a team whose plans you may change."""
        sent = serializers.NewActionSerializer(data=request.data, context={"request": request})
        sent.is_valid(raise_exception=True)
        told = sent.validated_data
        if not access.can_add_action(request.user, told["deliverable"]):
            raise PermissionDenied
        try:
            made = actions.add_action(
                actions.Told(told["title"], told.get("owner"), told["due"]),
                by=request.user,
                deliverable=told["deliverable"],
                kind=told["kind"],
                why=told["why"],
                expected=actions.Expected(told["expected"]),
            )
        except actions.Wrong as wrong:
            raise ValidationError({name: [says] for name, says in wrong.errors.items()}) from None
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(
        request=serializers.ActionChangeSerializer,
        responses={200: serializers.ActionSerializer},
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change an action; ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        sent = serializers.ActionChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        self._demand_right(row, set(given) - {"state", "note"})
        note = given.pop("note", "")
        now: dict[str, Any] = {"title": row.title, "owner": row.owner, "due": row.due, "state": row.state}
        try:
            made = actions.change(
                row, actions.Told(**now | given), by=request.user, seen=seen_version(row.version, request), note=note
            )
        except actions.Conflict:
            raise Changed from None
        except actions.Wrong as wrong:
            raise ValidationError({name: [says] for name, says in wrong.errors.items()}) from None
        return self._answer(self.get_queryset().get(pk=made.pk))

    def _demand_right(self, row: Action, more: set[str]) -> None:
        """403 for whoever may not change it, or not ``more`` than its state."""
        may = access.can_edit_action if more else access.can_move_action
        if not may(self.request.user, row):
            raise PermissionDenied

    def _answer(self, row: Action, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(row).data, code, headers={"ETag": f'"{row.version}"'})
