"""Bets to read, to lay, to change and to decide: the same permissions and checks as on the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, bets
from delivery.api import bet_serializers as serializers
from delivery.api.filters import TEAM, before_day, by_id, from_day, text
from delivery.api.plan_filters import NamingGoals
from delivery.models import Bet
from people.versions import IF_MATCH, seen_version
from people.writing import Writing, in_problems


class BetFilters(NamingGoals):
    team = text("team__slug", TEAM)
    goal = by_id("goal", method="of_goal")
    owner = by_id("owner_id")
    open = filters.BooleanFilter(method="is_open", help_text="Whether it has no verdict yet")
    decided_from, decided_before = from_day("decided_on"), before_day("decided_on")

    class Meta:
        model = Bet
        fields = ("verdict",)

    def is_open(self, rows: QuerySet[Bet], name: str, value: bool) -> QuerySet[Bet]:
        return rows.filter(verdict="") if value else rows.exclude(verdict="")


class Bets(Writing[Bet]):
    """Hypotheses that teams test, what came of them, and what was learned; on a goal only where you may see the goal."""

    queryset = Bet.objects.none()
    serializer_class = serializers.BetSerializer
    filterset_class = BetFilters
    http_method_names = ["get", "post", "patch", "head", "options"]  # noqa: RUF012 - as its base has it

    def get_queryset(self) -> QuerySet[Bet]:
        return access.visible_bets(self.request.user).select_related("team", "goal", "owner", "decided_by")

    def etag(self, row: Bet) -> str:
        return str(row.version)

    @extend_schema(request=serializers.NewBetSerializer, responses={201: serializers.BetSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Lay a bet for a team that you run."""
        asked = serializers.NewBetSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        told = serializers.bet_told(asked.validated_data)
        self._demand(access.can_add_bet(request.user, told.team.pk))
        with in_problems():
            made = bets.add_bet(told)
        return self.told(made, 201)

    @extend_schema(
        request=serializers.BetChangeSerializer, responses={200: serializers.BetSerializer}, parameters=[IF_MATCH]
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a bet; ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        self._demand(access.can_edit_bet(request.user, row))
        asked = serializers.BetChangeSerializer(data=request.data, partial=True, context={"request": request})
        asked.is_valid(raise_exception=True)
        told = serializers.bet_told(asked.validated_data, row)
        self._demand(access.can_add_bet(request.user, told.team.pk))
        with in_problems():
            made = bets.change_bet(row, told, seen=seen_version(row.version, request))
        return self.told(self.get_queryset().get(pk=made.pk))

    @extend_schema(
        request=serializers.VerdictSerializer, responses={200: serializers.BetSerializer}, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what came of a bet; saying it again corrects the verdict. ``If-Match`` holds the ETag of what you have read."""
        row = self.get_object()
        self._demand(access.can_edit_bet(request.user, row))
        asked = serializers.VerdictSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        today, seen = timezone.localdate(), seen_version(row.version, request)
        told = serializers.verdict_told(asked.validated_data, row, day=row.decided_on or today)
        with in_problems():
            made = bets.decide_bet(row, told, by=request.user, today=today, seen=seen)
        return self.told(self.get_queryset().get(pk=made.pk))

    def _demand(self, may: bool) -> None:
        if not may:
            raise PermissionDenied
