"""Risks as the API says them, and what may be written of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from delivery.access import possible_risk_owners, visible_deliverables, visible_goals
from delivery.models import Deliverable, Goal, Risk
from people.fields import Row
from people.models import Person
from teams.access import visible_teams
from teams.api.serializers import PersonNameSerializer
from teams.models import Team

LATEST = date(2199, 12, 31)
SUBJECTS = ("deliverable", "goal", "team")
BY_HAND = ("title", "detail", "probability", "impact")
"""What only a risk written by hand lets people change: the rules write it of the others."""
OPEN_STATES = [(state.value, state.label) for state in (Risk.State.NEW, Risk.State.ACCEPTED, Risk.State.MITIGATING)]
SHOWN_STATES = [*OPEN_STATES, (Risk.State.CLOSED.value, Risk.State.CLOSED.label)]


class EvidenceSerializer(serializers.Serializer[Any]):
    says = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True)


class RiskDriverSerializer(serializers.Serializer[Any]):
    cause = serializers.CharField(read_only=True)
    share = serializers.FloatField(read_only=True)


class RiskSerializer(serializers.ModelSerializer[Risk]):
    """A risk. ``probability`` and ``impact`` are 0-1, null where not known; ``rule`` is empty where a person wrote it.

    ``updated`` is its version, which ``ETag`` says, too.
    """

    team = serializers.SlugRelatedField[Team](slug_field="slug", read_only=True, allow_null=True)
    owner = PersonNameSerializer(read_only=True, allow_null=True)
    by = PersonNameSerializer(read_only=True, allow_null=True)
    state = serializers.ChoiceField(SHOWN_STATES, read_only=True)
    roam = serializers.ChoiceField(Risk.Roam.choices, read_only=True, allow_blank=True)
    evidence = EvidenceSerializer(many=True, read_only=True)
    drivers = RiskDriverSerializer(many=True, read_only=True)

    class Meta:
        model = Risk
        fields = (
            *(
                "id",
                "kind",
                "rule",
                "cause",
                "deliverable",
                "goal",
                "team",
                "title",
                "detail",
                "state",
                "roam",
                "owner",
            ),
            *(
                "review_on",
                "probability",
                "impact",
                "value",
                "evidence",
                "drivers",
                "by",
                "opened",
                "closed",
                "updated",
            ),
        )
        read_only_fields = fields


class _Writing(serializers.Serializer[Risk]):
    """The fields that both ways of writing share."""

    detail = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    probability = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    impact = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    owner = Row(
        queryset=Person.objects.filter(is_active=True), required=False, allow_null=True, help_text="Id of a person"
    )
    review_on = serializers.DateField(required=False, allow_null=True)

    def validate_review_on(self, value: date | None) -> date | None:
        before = self.instance.review_on if self.instance else None
        if value is not None and value != before and not timezone.localdate() <= value <= LATEST:
            raise serializers.ValidationError("A review is today or later: send such a day, or null.")
        return value

    def demand_owner(self, owner: Person | None, about: Deliverable | Goal | Team) -> None:
        """Refuse an owner who has nothing to do with what is threatened."""
        team = about.pk if isinstance(about, Team) else about.team_id
        current = self.instance.owner_id if self.instance else None
        rows = possible_risk_owners([team] if team else [], day=timezone.localdate(), current=current)
        if owner is not None and not rows.filter(pk=owner.pk).exists():
            raise serializers.ValidationError({"owner": "Name somebody who leads people, or who is in the team."})


class NewRiskSerializer(_Writing):
    """A risk that a person sees and no rule does, about exactly one deliverable, goal or team."""

    kind = serializers.ChoiceField(Risk._meta.get_field("kind").choices or ())
    title = serializers.CharField(max_length=300)
    deliverable = Row(queryset=Deliverable.objects.none(), required=False)
    goal = Row(queryset=Goal.objects.none(), required=False)
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.none(), required=False)

    def get_fields(self) -> Any:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            rows = visible_deliverables(request.user).filter(dropped__isnull=True)
            fields["deliverable"].queryset = rows  # type: ignore[attr-defined]
            fields["goal"].queryset = visible_goals(request.user)  # type: ignore[attr-defined]
            fields["team"].queryset = visible_teams(request.user).filter(archived=False)  # type: ignore[attr-defined]
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in SUBJECTS) != 1:
            raise serializers.ValidationError("Name exactly one: a deliverable, a goal or a team.")
        self.demand_owner(attrs.get("owner"), next(attrs[name] for name in SUBJECTS if name in attrs))
        return attrs


class RiskChangeSerializer(_Writing):
    """What may be changed of an open risk. ``title``, ``detail``, ``probability`` and ``impact`` only of one by hand.

    ``note`` stays in its history; closing it (``state`` closed) takes one, as the reason.
    """

    state = serializers.ChoiceField(SHOWN_STATES, required=False)
    roam = serializers.ChoiceField(Risk.Roam.choices, required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    title = serializers.CharField(required=False, max_length=300)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        risk: Risk | None = self.instance
        if risk is not None and risk.closed is not None:
            raise serializers.ValidationError("This risk is closed: its history stays as it is.")
        wrong = [name for name in BY_HAND if name in attrs] if risk is not None and risk.rule else []
        if wrong:
            raise serializers.ValidationError(dict.fromkeys(wrong, "A rule writes this; only a risk by hand lets you."))
        about = risk and (risk.deliverable or risk.goal or risk.team)
        if about:
            self.demand_owner(attrs.get("owner"), about)
        if attrs.get("state") == Risk.State.CLOSED and not attrs.get("note"):
            raise serializers.ValidationError({"note": "Say why it is closed: who reads its history will ask."})
        return attrs
