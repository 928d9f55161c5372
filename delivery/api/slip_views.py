"""The slip ledger, to read: the numbers of its page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from delivery.core.questions import day_in_quarter
from delivery.models import SlipCause
from delivery.slips import Counted, Move, ledger, moves, total
from people.reading import ReadingSchema
from teams.access import visible_teams


class SlipsAskedSerializer(serializers.Serializer[Any]):
    """``quarter`` such as 2026-Q4, the present one where none is asked for; ``team`` by its slug."""

    quarter = serializers.RegexField(r"^20\d\d-Q[1-4]$", required=False)
    team = serializers.SlugField(required=False)

    def validate_team(self, value: str) -> str:
        if not visible_teams(self.context["request"].user).filter(slug=value).exists():
            raise serializers.ValidationError(f"There is no team called {value}.")
        return value


class CountedSerializer(serializers.Serializer[Counted]):
    moves = serializers.IntegerField()
    days = serializers.IntegerField(help_text="By how many days in all; negative where they came earlier.")


class LedgerSerializer(CountedSerializer):
    team = serializers.CharField()
    cause = serializers.ChoiceField(SlipCause.choices, allow_blank=True)


class MoveSerializer(serializers.Serializer[Move]):
    """A promised day that moved. ``id`` is the commitment that moved it; ``days`` is negative where it came earlier."""

    id = serializers.IntegerField()
    deliverable = serializers.IntegerField()
    team = serializers.CharField(source="team_slug")
    given = serializers.DateField()
    before = serializers.DateField()
    after = serializers.DateField()
    days = serializers.IntegerField()
    cause = serializers.ChoiceField(SlipCause.choices, allow_blank=True)
    note = serializers.CharField()
    by = serializers.CharField()


class SlipsSerializer(serializers.Serializer[Any]):
    quarter = serializers.CharField()
    total = CountedSerializer()
    ledger = LedgerSerializer(many=True)
    moves = MoveSerializer(many=True)


class Slips(APIView):
    """Every promised day that moved in a quarter, with its cause, counted by team and cause."""

    schema = ReadingSchema()

    @extend_schema(operation_id="slips", parameters=[SlipsAskedSerializer], responses={200: SlipsSerializer})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = SlipsAskedSerializer(data=request.query_params, context={"request": request})
        asked.is_valid(raise_exception=True)
        day = timezone.localdate()
        quarter = asked.validated_data.get("quarter", day_in_quarter(day))
        since = date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)
        every = moves(request.user, day=day, since=since, team=asked.validated_data.get("team", ""))
        found = [one for one in every if day_in_quarter(one.given) == quarter]
        counts = [{"team": team, "cause": cause, **asdict(n)} for (team, cause), n in sorted(ledger(found).items())]
        told = {"quarter": quarter, "total": total(found), "ledger": counts, "moves": found}
        return Response(SlipsSerializer(told).data)
