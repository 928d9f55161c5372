"""Risks: read like everything else, written by who may change what they threaten."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import access, risks
from delivery.api.risk_filters import RiskFilters
from delivery.api.risk_serializers import SUBJECTS, NewRiskSerializer, RiskChangeSerializer, RiskSerializer
from delivery.models import Risk
from people.models import Person
from people.reading import PROBLEMS, Reading, ReadingSchema
from people.versions import ANY, IF_MATCH, Changed, refusals, wanted


class WritingSchema(ReadingSchema):
    """The same problems, and that a version may be an old one."""

    problems = PROBLEMS | {
        "400": "Something that was sent cannot be used; `errors` says what.",
        "405": "This is not a way to use this address.",
        "415": "Send JSON.",
    }

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answers = super()._get_response_bodies(direction)
        content = answers["400"]["content"]
        told = {code: {"description": text, "content": content} for code, text in self.problems.items()}
        if self.method == "PATCH":
            told |= refusals(content)
        return answers | told


class Risks(Reading[Risk]):
    """What threatens a deliverable, a goal or a team; found by rules, or written by hand."""

    queryset = Risk.objects.none()
    serializer_class = RiskSerializer
    filterset_class = RiskFilters
    schema = WritingSchema()

    def get_queryset(self) -> QuerySet[Risk]:
        rows = access.visible_risks(self.request.user)
        return rows.select_related("deliverable", "goal", "team", "owner", "by")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._told(self.get_object())

    @extend_schema(request=NewRiskSerializer, responses={201: RiskSerializer})
    def create(self, request: Request) -> Response:
        """Write a risk down that no rule sees; who may change what it threatens may."""
        asked = NewRiskSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        about = {name: told[name] for name in SUBJECTS if name in told}
        if not access.can_add_risk(request.user, **about):
            raise PermissionDenied("Only who may change what it threatens may add a risk to it.")
        made = risks.add_risk(by=cast(Person, request.user), at=timezone.now(), **told)
        return self._told(self.get_queryset().get(pk=made.pk), 201)

    @extend_schema(request=RiskChangeSerializer, responses=RiskSerializer, parameters=[IF_MATCH])
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change an open risk, or close it. ``If-Match`` holds the ETag of what you have read, or ``*``."""
        found = self.get_object()
        if not access.can_edit_risk(request.user, found):
            raise PermissionDenied("Only who may change what it threatens may change a risk.")
        asked = RiskChangeSerializer(found, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        if wanted(request) not in (ANY, version(found)):
            raise Changed
        try:
            _write(found, request, dict(asked.validated_data))
        except risks.Conflict:
            raise Changed from None
        return self._told(self.get_queryset().get(pk=found.pk))

    def _told(self, risk: Risk, status: int = 200) -> Response:
        return Response(self.get_serializer(risk).data, status=status, headers={"ETag": f'"{version(risk)}"'})


def version(risk: Risk) -> str:
    """The version of a risk: when it changed last."""
    return risk.updated.isoformat()


@transaction.atomic
def _write(found: Risk, request: Request, fields: dict[str, Any]) -> None:
    told: Any = {"by": request.user, "at": timezone.now(), "seen": found.updated}
    if fields.get("state") == Risk.State.CLOSED:
        reason = fields.pop("note")
        del fields["state"]
        if fields:
            found = risks.change_risk(found, **told, **fields)
        risks.close_risk(found, **{**told, "seen": found.updated}, reason=reason)
    else:
        risks.change_risk(found, **told, **fields)
