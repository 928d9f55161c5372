"""The first page of the API: where its lists are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from people.reading import ReadingSchema

ADDRESSES = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class Root(APIView):
    """Every list by its name. The schema says what each holds."""

    lists: ClassVar[Mapping[str, str]] = {}  # names of routes by the list's name
    schema = ReadingSchema()

    @extend_schema(operation_id="root", responses={200: ADDRESSES})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response({name: reverse(route, request=request) for name, route in self.lists.items()})
