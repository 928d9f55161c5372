"""How often forecasts came true, to read: the numbers of the Accuracy page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from delivery.accuracy import Slice, accuracy
from delivery.core.told import account_object
from people.reading import ReadingSchema

RECORD = {"type": "object", "additionalProperties": True}


class Accuracy(APIView):
    """The standing record, hindcasts apart, the backtest against simpler methods, and what recalibration changed."""

    schema = ReadingSchema()

    @extend_schema(
        operation_id="accuracy",
        parameters=[OpenApiParameter(name, str) for name in ("team", "horizon", "quarter")],
        responses={200: RECORD},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = Slice(*(request.query_params.get(name, "") for name in ("team", "horizon", "quarter")))
        found = accuracy(request.user, day=timezone.localdate(), part=asked)
        effects = [
            {
                "team": one.team.slug if one.team else None,
                "n": one.n,
                "still_open": one.still_open,
                "learnt_from": one.learnt_from,
                "shift": one.shift,
                "scale": one.scale,
                "held": one.held,
                "held_without": one.held_raw,
            }
            for one in found.effects
        ]
        return Response(
            {
                "shown": asdict(found.shown),
                "hindcasts": asdict(found.hindcasts),
                "backtest": account_object(found.backtest) | {"unanswered": found.unanswered},
                "recalibration": effects,
            }
        )
