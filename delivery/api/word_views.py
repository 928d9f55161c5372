"""Promised days and check-ins: to read and to give. None is ever changed; a commitment is corrected by a further one."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, check_ins, commitments
from delivery.api import plan_filters as filters
from delivery.api import plan_serializers as serializers
from delivery.api import word_serializers as writing
from delivery.check_ins import CheckInTold
from delivery.models import CheckIn, Commitment, Deliverable, Goal
from people.writing import Writing, in_problems

Row = TypeVar("Row", bound=Model)
TOLD = ("status", "confidence", "note", "reason")


class Words(Writing[Row]):
    """What is given for good: its id is its version."""

    http_method_names = ["get", "post", "head", "options"]  # noqa: RUF012 - as its base has it
    stays = ""

    def etag(self, row: Row) -> str:
        return str(row.pk)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise MethodNotAllowed(str(request.method), detail=self.stays)


class Commitments(Words[Commitment]):
    """Dates given on a day; moving one adds another."""

    queryset = Commitment.objects.none()
    serializer_class = serializers.CommitmentSerializer
    filterset_class = filters.CommitmentFilters
    stays = "A promise stays as it was given: move it by another commitment, or correct it at …/correct/."

    def get_queryset(self) -> QuerySet[Commitment]:
        return access.visible_commitments(self.request.user).select_related("by")

    @extend_schema(request=writing.NewCommitmentSerializer, responses={201: serializers.CommitmentSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Promise a day for a deliverable that you may edit, or move its promise there."""
        asked = writing.NewCommitmentSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = dict(asked.validated_data)
        deliverable, based_on = sent.pop("deliverable"), sent.pop("based_on")
        self._demand_right(deliverable)
        with in_problems():
            day = timezone.localdate()
            made = commitments.commit(deliverable, **sent, by=request.user, day=day, seen=based_on or 0)
        return self.told(made, 201)

    @extend_schema(request=writing.CorrectionSerializer, responses={201: serializers.CommitmentSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what should have been written down: a further entry, which stands for this one from today on."""
        row = self.get_object()
        self._demand_right(row.deliverable)
        asked = writing.CorrectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with in_problems():
            made = commitments.correct(row, **asked.validated_data, by=request.user, day=timezone.localdate())
        return self.told(made, 201)

    def _demand_right(self, deliverable: Deliverable) -> None:
        if not access.can_edit_deliverable(self.request.user, deliverable):
            raise PermissionDenied


class CheckIns(Words[CheckIn]):
    """The weekly word of owners."""

    queryset = CheckIn.objects.none()
    serializer_class = serializers.CheckInSerializer
    filterset_class = filters.CheckInFilters
    stays = "A check-in stays as it was given: give another one."

    def get_queryset(self) -> QuerySet[CheckIn]:
        return access.visible_check_ins(self.request.user).select_related("by")

    @extend_schema(request=writing.NewCheckInSerializer, responses={201: serializers.CheckInSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Check in on a goal or a deliverable that you may edit, or own as a manager or lead."""
        asked = writing.NewCheckInSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        subject = sent.get("goal") or sent["deliverable"]
        if not self._may(subject):
            raise PermissionDenied
        told = CheckInTold(**{name: sent[name] for name in TOLD}, values=sent.get("values", {}))
        at, day = timezone.now(), timezone.localdate()
        chance = check_ins.computed(request.user, subject, day).chance
        with in_problems():
            made = check_ins.check_in(
                subject, told, chance=chance, by=request.user, day=day, at=at, seen=sent["based_on"] or 0
            )
        return self.told(made, 201)

    def _may(self, subject: Goal | Deliverable) -> bool:
        if isinstance(subject, Goal):
            return access.can_check_in_goal(self.request.user, subject)
        return access.can_check_in_deliverable(self.request.user, subject)
