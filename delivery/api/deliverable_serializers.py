"""Deliverables as the API takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from delivery.access import visible_deliverables, visible_goals
from delivery.api.plan_filters import THIS_AGE
from delivery.deliverables import DeliverableTold, as_told
from delivery.models import Deliverable, Goal, Scope, Source
from delivery.scope_rules import ScopeTold
from people.fields import Choice, Row, Text
from people.models import Person
from teams.access import visible_teams
from teams.models import Team


class ScopeSentSerializer(serializers.Serializer[Scope]):
    """A rule that says which work items are in it; ``source`` by its name."""

    source = serializers.SlugRelatedField(slug_field="name", queryset=Source.objects.all())  # type: ignore[assignment]
    rule = Choice(Scope.Rule.choices)
    value = Text()


class DeliverableChangeSerializer(serializers.Serializer[Deliverable]):
    """What may change of a deliverable. Lists are all there is: what is left out is taken away.

    ``delivered`` or ``dropped`` is the day on which it ended, null opens it again; both take a ``note`` that says why.
    A ``note`` stays in the history. The promised day moves by another commitment.
    """

    title = Text(required=False)
    kind = Choice(Deliverable.Kind.choices, required=False)
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.none(), required=False)
    owner = Row(queryset=Person.objects.filter(is_active=True), required=False, allow_null=True)
    start = serializers.DateField(required=False)
    helping_teams = serializers.SlugRelatedField(
        slug_field="slug", queryset=Team.objects.none(), many=True, required=False
    )
    goals = Row(queryset=Goal.objects.none(), many=True, required=False)
    depends_on = Row(queryset=Deliverable.objects.none(), many=True, required=False)
    done_when = Text(required=False)
    priority = serializers.IntegerField(required=False, allow_null=True)
    size_low = serializers.IntegerField(required=False, allow_null=True)
    size_high = serializers.IntegerField(required=False, allow_null=True)
    stage = Choice(Deliverable.Stage.choices, required=False, allow_blank=True)
    success_threshold = Text(required=False)
    attempts_done = serializers.IntegerField(required=False)
    attempts_low = serializers.IntegerField(required=False, allow_null=True)
    attempts_high = serializers.IntegerField(required=False, allow_null=True)
    scopes = ScopeSentSerializer(many=True, required=False)
    delivered = serializers.DateField(required=False, allow_null=True, validators=THIS_AGE)
    dropped = serializers.DateField(required=False, allow_null=True, validators=THIS_AGE)
    note = Text(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Only what the writer may see can be named."""
        fields: dict[str, Any] = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            fields["team"].queryset = visible_teams(request.user)
            fields["helping_teams"].child_relation.queryset = visible_teams(request.user)
            fields["goals"].child_relation.queryset = visible_goals(request.user)
            fields["depends_on"].child_relation.queryset = visible_deliverables(request.user)
        return fields


class NewDeliverableSerializer(DeliverableChangeSerializer):
    """A new deliverable with its scope and, as ``target``, the day first promised. Without a ``slug`` it gets one."""

    title = Text()
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.none())
    start = serializers.DateField()
    slug = serializers.SlugField(required=False, allow_blank=True)
    target = serializers.DateField(required=False, allow_null=True)
    delivered = None  # type: ignore[assignment]
    dropped = None  # type: ignore[assignment]
    note = None  # type: ignore[assignment]


BESIDES = ("scopes", "delivered", "dropped", "note", "target")


def deliverable_told(sent: dict[str, Any], before: Deliverable | None = None) -> DeliverableTold:
    """The deliverable as it is to be: ``before``, with what was sent."""
    fields = {name: value for name, value in sent.items() if name not in BESIDES}
    return DeliverableTold(**fields) if before is None else as_told(before, **fields)


def scopes_told(sent: dict[str, Any]) -> list[ScopeTold] | None:
    """None where none were sent."""
    return [ScopeTold(**one) for one in sent["scopes"]] if "scopes" in sent else None
