"""Promised days and check-ins as the API takes them. Both are given for good: what is wrong is followed by another one."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from delivery.access import visible_deliverables, visible_goals
from delivery.models import CheckIn, Commitment, Deliverable, Goal, SlipCause
from people.fields import Choice, Number, Row, Text, some_id

NUMBERS = 'Name key results by their id, such as {"12": 30}.'


class CorrectionSerializer(serializers.Serializer[Commitment]):
    """What should have been written down; ``note`` says what was wrong."""

    target = serializers.DateField()
    cause = Choice(SlipCause.choices, required=False, allow_blank=True, default="")
    note = Text(required=False, default="")


class NewCommitmentSerializer(CorrectionSerializer):
    """A day that is promised. Moving a promise takes a ``cause`` and a ``note``.

    ``based_on``: the id of the latest commitment that you have read, null where there was none.
    """

    deliverable = Row(queryset=Deliverable.objects.none())
    based_on = some_id(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["deliverable"].queryset = visible_deliverables(request.user)
        return fields


class NewCheckInSerializer(serializers.Serializer[CheckIn]):
    """The word on exactly one goal or deliverable. It takes a ``reason`` where it differs from the forecast.

    ``confidence`` in per cent; ``values``: what typed key results of the goal stand at, by their id, those that moved.
    ``based_on``: the id of the latest check-in that you have read, null where there was none.
    """

    goal = Row(queryset=Goal.objects.none(), required=False)
    deliverable = Row(queryset=Deliverable.objects.none(), required=False)
    status = Choice(CheckIn.Status.choices)
    confidence = serializers.IntegerField(required=False, allow_null=True, default=None)
    note = Text(required=False, default="")
    reason = Text(required=False, default="")
    values = serializers.DictField(child=Number(), required=False)
    based_on = some_id(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Only what is still open, and the writer may see."""
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["goal"].queryset = visible_goals(request.user).filter(dropped=None)
            fields["deliverable"].queryset = visible_deliverables(request.user).filter(dropped=None, delivered=None)
        return fields

    def validate_values(self, value: dict[str, float]) -> dict[int, float]:
        if not all(key.isascii() and key.isdecimal() and len(key) < 19 for key in value):
            raise serializers.ValidationError(NUMBERS)
        return {int(key): number for key, number in value.items()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("goal" in attrs) == ("deliverable" in attrs):
            raise serializers.ValidationError("Name exactly one: a goal or a deliverable.")
        return attrs
