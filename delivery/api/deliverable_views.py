"""Deliverables: to read as they stand on a day, to write down and to change, with the checks of the forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, commitments, deliverables
from delivery.api import deliverable_serializers as writing
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.models import Deliverable, Goal, Scope
from delivery.promises import promises
from delivery.refused import Wrong
from people.access import User
from people.versions import IF_MATCH, seen_version
from people.writing import Writing, in_problems

ENDS = ("delivered", "dropped")


class Deliverables(Writing[Deliverable]):
    """Deliverables as they stand on a day: the numbers of the pages."""

    queryset = Deliverable.objects.none()
    serializer_class = serializers.StandingSerializer  # type: ignore[assignment]
    filterset_class = filters.DeliverableFilters
    http_method_names = ["get", "post", "patch", "head", "options"]  # noqa: RUF012 - as its base has it

    def get_queryset(self) -> QuerySet[Deliverable]:
        goals = Prefetch("goals", access.visible_goals(self.request.user).only("pk"))
        scopes = Prefetch("scopes", Scope.objects.select_related("source"))
        rows = access.visible_deliverables(self.request.user).select_related("team__group", "owner")
        return rows.prefetch_related("helping_teams", "depends_on", goals, scopes)

    def etag(self, row: Deliverable) -> str:
        return str(row.version)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(self._standings(page), many=True).data)

    def told(self, row: Deliverable, status: int = 200) -> Response:
        body = self.get_serializer(self._standings([row])[0]).data
        return Response(body, status, headers={"ETag": f'"{self.etag(row)}"'})

    @extend_schema(request=writing.NewDeliverableSerializer, responses={201: serializers.StandingSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a deliverable down for a team whose plans you may change, with its first promise where there is one."""
        asked = writing.NewDeliverableSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        if not access.can_add_deliverable(request.user, sent["team"].pk):
            raise PermissionDenied
        told, scope = writing.deliverable_told(sent), writing.scopes_told(sent) or ()
        with in_problems(), transaction.atomic():
            made = deliverables.add_deliverable(told, scope, by=request.user, at=timezone.now())
            if sent.get("target"):
                commitments.commit(made, sent["target"], by=request.user, day=timezone.localdate(), seen=0)
        return self.told(self.get_queryset().get(pk=made.pk), 201)

    @extend_schema(
        request=writing.DeliverableChangeSerializer,
        responses={200: serializers.StandingSerializer},
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a deliverable, or end it. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        if not access.can_edit_deliverable(request.user, row):
            raise PermissionDenied
        asked = writing.DeliverableChangeSerializer(data=request.data, partial=True, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        if "team" in sent and not access.can_add_deliverable(request.user, sent["team"].pk):
            raise PermissionDenied
        seen = seen_version(row.version, request)
        with in_problems(), transaction.atomic():
            _change(Deliverable.objects.get(pk=row.pk), sent, by=request.user, seen=seen)
        return self.told(self.get_queryset().get(pk=row.pk))

    def _standings(self, rows: Sequence[Deliverable]) -> Sequence[serializers.Standing]:
        ids = [row.pk for row in rows]
        found = promises(self.request.user, day=self._day(), ids=ids, include_delivered=True)
        by_id = {promise.id: promise for promise in found}
        return [serializers.Standing(row, by_id.get(row.pk)) for row in rows]

    def _day(self) -> date:
        """The day asked for, which the filters have checked, or today."""
        return parse_date(self.request.query_params.get("day", "")) or timezone.localdate()


def _change(row: Deliverable, sent: dict[str, Any], *, by: User, seen: int) -> None:
    """What was sent of a deliverable, all of it or nothing: the caller’s transaction. ``row`` has all its goals."""
    at, note, ends = timezone.now(), sent.get("note", ""), sent.keys() & set(ENDS)
    if "goals" in sent:
        sent["goals"] = [*sent["goals"], *_unseen_goals(row, by)]
    if sent.keys() - {*ENDS, "note"} or not ends:
        told, scope = writing.deliverable_told(sent, row), writing.scopes_told(sent)
        more = "" if ends else note
        seen = deliverables.change_deliverable(row, told, scope, by=by, at=at, seen=seen, note=more).version
    if ends:
        days = {name: sent.get(name, getattr(row, name)) for name in ENDS}
        try:
            deliverables.end_deliverable(row, **days, why=note, by=by, at=at, seen=seen)
        except Wrong as wrong:
            raise Wrong({"note" if name == "why" else name: says for name, says in wrong.errors.items()}) from None


def _unseen_goals(row: Deliverable, user: User) -> list[Goal]:
    """Goals that it serves and the writer was never told of: they stay."""
    return list(row.goals.exclude(pk__in=access.visible_goals(user)))
