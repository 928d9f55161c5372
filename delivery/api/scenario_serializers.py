"""Scenarios as the API says them, and what may be tried."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from delivery.access import visible_deliverables
from delivery.models import Deliverable, Scenario
from people.fields import Row
from teams.api.serializers import PersonNameSerializer

FIELDS = (
    *("id", "deliverable", "name", "levers", "day", "outcome", "state", "by", "note", "proposed_to", "proposed_at"),
    *("decided_by", "decided_at", "decision_note", "forecast", "created"),
)


class ScenarioSerializer(serializers.ModelSerializer[Scenario]):
    """``outcome``: what ``levers`` would do as it looked on ``day``; ``forecast``: the one attached to the proposal."""

    by = PersonNameSerializer(read_only=True, allow_null=True)
    proposed_to = PersonNameSerializer(read_only=True, allow_null=True)
    decided_by = PersonNameSerializer(read_only=True, allow_null=True)
    levers = serializers.ListField(child=serializers.DictField(), read_only=True)
    outcome = serializers.DictField(read_only=True)

    class Meta:
        model = Scenario
        fields = FIELDS
        read_only_fields = FIELDS


class TrySerializer(serializers.Serializer[Any]):
    """Levers to pull on an open deliverable; each has a ``kind`` and what that kind needs, such as ``items`` or ``day``."""

    deliverable = Row(queryset=Deliverable.objects.none())
    levers = serializers.ListField(child=serializers.DictField(), allow_empty=False, max_length=20)

    def get_fields(self) -> dict[str, Any]:
        """Only deliverables that are open and that the reader may see."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            rows = visible_deliverables(request.user).filter(dropped=None, delivered=None)
            fields["deliverable"].queryset = rows.select_related("team")  # type: ignore[attr-defined]
        return fields


class TriedSerializer(serializers.Serializer[Any]):
    """What the levers would do; nothing is kept."""

    deliverable = serializers.IntegerField()
    day = serializers.DateField()
    levers = serializers.ListField(child=serializers.DictField())
    outcome = serializers.DictField()
