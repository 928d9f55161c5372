"""What every view of the REST API shares: it only reads, and says so in the schema."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django_filters.rest_framework import FilterSet
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.viewsets import ReadOnlyModelViewSet

Row = TypeVar("Row", bound=Model)

PROBLEMS = {
    "400": "A filter has a value that cannot be used; `errors` says which.",
    "401": "No token or session, or not a valid one.",
    "403": "This is not for you.",
    "404": "There is no such thing, or it is not for you to see.",
    "405": "This cannot be written, or not in this way; `Allow` says what can be done.",
    "429": "Too many requests; `Retry-After` says when to go on.",
}
PROBLEM_FIELDS = {
    "type": {"type": "string"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": {"type": "string"},
    "errors": {"type": "object", "additionalProperties": True, "description": "What is wrong, by parameter."},
}


class Filters(FilterSet):  # type: ignore[misc]
    """The filters of one list, each a query parameter."""


class ReadingSchema(AutoSchema):
    """The view's own answers, and the problem details (RFC 9457) that it may give instead."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        problem = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Problem",
            type=ResolvedComponent.SCHEMA,
            object="Problem",
            schema={"type": "object", "properties": PROBLEM_FIELDS, "required": ["type", "title", "status", "detail"]},
        )
        self.registry.register_on_missing(problem)
        content = {"application/problem+json": {"schema": problem.ref}}
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        return answers | {code: {"description": text, "content": content} for code, text in PROBLEMS.items()}


class Reading(ReadOnlyModelViewSet[Row]):
    """A list and its rows, read only. ``get_queryset`` asks ``access`` what the reader may see."""

    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    lookup_value_regex = "[0-9]{1,18}"
    schema = ReadingSchema()
