"""Actions as the API says and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from delivery.access import possible_owners, visible_deliverables
from delivery.models import Action, Deliverable
from people.fields import Row
from teams.api.serializers import PersonNameSerializer

FIELDS = (
    *("id", "deliverable", "risk", "scenario", "title", "why", "kind", "owner", "due", "state", "by", "levers"),
    *("chosen", "expected", "expected_low", "expected_high", "ended", "measured", "measured_low", "measured_high"),
    *("measured_on", "compared", "unknown", "version", "created"),
)


class ActionSerializer(serializers.ModelSerializer[Action]):
    """``expected``: by how much (0-1) the chance of missing was to fall, frozen when chosen; ``measured``: by how much it did.

    ``measured_low`` to ``measured_high``: the usual spread, 80 % of ``compared`` deliverables without an action; null where
    too few can be compared. ``unknown``: why nothing is measured. ``version``: the ETag of the action.
    """

    owner = PersonNameSerializer(read_only=True, allow_null=True)
    by = PersonNameSerializer(read_only=True, allow_null=True)
    levers = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Action
        fields = FIELDS
        read_only_fields = FIELDS


class NewActionSerializer(serializers.Serializer[Action]):
    """A new action by hand."""

    deliverable = Row(queryset=Deliverable.objects.none())
    title = serializers.CharField(max_length=200)
    why = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(Action.Kind.choices, required=False, default=Action.Kind.OTHER)
    owner = Row(queryset=possible_owners(), required=False, allow_null=True)
    due = serializers.DateField()
    expected = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        """Only deliverables that the reader may see."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["deliverable"].queryset = visible_deliverables(request.user).filter(dropped__isnull=True)  # type: ignore[attr-defined]
        return fields


class ActionChangeSerializer(serializers.Serializer[Action]):
    """What may change. Whose own action it is may change ``state`` and add a ``note``, and nothing else."""

    title = serializers.CharField(max_length=200, required=False)
    owner = Row(queryset=possible_owners(), required=False, allow_null=True)
    due = serializers.DateField(required=False)
    state = serializers.ChoiceField(Action.State.choices, required=False)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
