"""Goals and key results as the API takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rest_framework import serializers

from delivery.access import visible_goals
from delivery.api.plan_filters import THIS_AGE
from delivery.goals import GoalTold, as_told
from delivery.key_results import KeyResultTold
from delivery.models import Goal, KeyResult
from people.fields import Choice, Number, Row, Text, some_id
from people.models import Person
from teams.access import visible_groups, visible_teams
from teams.models import Group, Team


class KeyResultChangeSerializer(serializers.Serializer[KeyResult]):
    """What may change of a key result. ``current`` writes what it stands at today; only a typed one takes it."""

    title = Text(required=False)
    unit = Choice(KeyResult.Unit.choices, required=False)
    unit_word = Text(required=False)
    fed_by = Choice(KeyResult.FedBy.choices, required=False)
    metric = Choice(KeyResult.Metric.choices, required=False, allow_blank=True)
    start = Number(required=False, allow_null=True)
    target = Number(required=False, allow_null=True)
    current = Number(required=False, allow_null=True)
    counts_towards = some_id(required=False, allow_null=True)


class GoalKeyResultSerializer(KeyResultChangeSerializer):
    """A key result inside its goal: with ``id`` one that is there, of which only what is sent changes."""

    id = some_id(required=False, allow_null=True)


class NewKeyResultSerializer(KeyResultChangeSerializer):
    """A new key result, the last of its goal."""

    goal = Row(queryset=Goal.objects.none())
    title = Text()
    start = Number(allow_null=True)
    target = Number(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["goal"].queryset = visible_goals(request.user)  # type: ignore[attr-defined]
        return fields


class GoalChangeSerializer(serializers.Serializer[Goal]):
    """What may change of a goal. ``end`` is the first day after its period.

    ``key_results`` are all of them, in their order: one that is left out is taken away. ``dropped`` is the day on which
    it was given up, or null to take it up again; it takes a ``note`` that says why. A ``note`` stays in the history.
    """

    title = Text(required=False)
    level = Choice(Goal.Level.choices, required=False)
    group = serializers.SlugRelatedField(
        slug_field="slug", queryset=Group.objects.none(), required=False, allow_null=True
    )
    team = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.none(), required=False, allow_null=True
    )
    owner = Row(queryset=Person.objects.filter(is_active=True), required=False, allow_null=True)
    parent = Row(  # type: ignore[assignment]
        queryset=Goal.objects.none(), required=False, allow_null=True
    )
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)
    ambition = Choice(Goal.Ambition.choices, required=False)
    confidential = serializers.BooleanField(required=False)
    why = Text(required=False)
    key_results = GoalKeyResultSerializer(many=True, required=False)
    dropped = serializers.DateField(required=False, allow_null=True, validators=THIS_AGE)
    note = Text(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Only what the writer may see can be named."""
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["group"].queryset = visible_groups(request.user)  # type: ignore[attr-defined]
            fields["team"].queryset = visible_teams(request.user)  # type: ignore[attr-defined]
            fields["parent"].queryset = visible_goals(request.user)  # type: ignore[attr-defined]
        return fields


class NewGoalSerializer(GoalChangeSerializer):
    """A new goal with its key results. Without a ``slug`` it gets one made of the title."""

    title = Text()
    level = Choice(Goal.Level.choices)
    start = serializers.DateField()
    end = serializers.DateField()
    slug = serializers.SlugField(required=False, allow_blank=True)
    dropped = None  # type: ignore[assignment]
    note = None  # type: ignore[assignment]


BESIDES = ("key_results", "dropped", "note")


def goal_told(sent: dict[str, Any], before: Goal | None = None) -> GoalTold:
    """The goal as it is to be: ``before``, with what was sent."""
    fields = {name: value for name, value in sent.items() if name not in BESIDES}
    return GoalTold(**fields) if before is None else as_told(before, **fields)


def key_results_told(sent: dict[str, Any], before: dict[int, KeyResultTold]) -> list[KeyResultTold] | None:
    """The key results that were sent, over what is there; None where none were. ``before``: by id."""
    if "key_results" not in sent:
        return None
    nothing = KeyResultTold("", None, None)
    return [replace(before.get(one.get("id") or 0, nothing), **one) for one in sent["key_results"]]
