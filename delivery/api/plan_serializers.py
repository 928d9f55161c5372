"""Goals, deliverables, commitments, check-ins and forecasts as the API says them."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from delivery.core.chance import Level
from delivery.core.promise import Promise
from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, KeyResult, PlanChange, Scope, Source
from teams.api.serializers import PersonNameSerializer
from teams.models import Group, Team

LEVELS = [(level.value, level.value) for level in Level]


class GoalSerializer(serializers.ModelSerializer[Goal]):
    """``end`` is the first day after the period. ``parent`` only where you may see it. ``chance``: the joint chance, as of
    ``chance_day``, that every deliverable it rests on is done by then; null without a forecast of the last three days.
    """

    group = serializers.SlugRelatedField[Group](slug_field="slug", read_only=True, allow_null=True)
    team = serializers.SlugRelatedField[Team](slug_field="slug", read_only=True, allow_null=True)
    owner = PersonNameSerializer(read_only=True, allow_null=True)
    parent = serializers.IntegerField(source="seen_parent", read_only=True, allow_null=True)  # type: ignore[assignment]
    chance = serializers.FloatField(source="latest_chance", read_only=True, allow_null=True)
    chance_day = serializers.DateField(source="latest_day", read_only=True, allow_null=True)

    class Meta:
        model = Goal
        fields = (
            *("id", "slug", "title", "why", "level", "group", "team", "owner", "parent", "start", "end"),
            *("ambition", "confidential", "dropped", "version", "created", "chance", "chance_day"),
        )


class KeyResultSerializer(serializers.ModelSerializer[KeyResult]):
    """``current`` is what it stood at on ``current_on``; ``unknown`` says why one that Headway measures has none.

    ``counts_towards``: a key result of the goal above, only where you may see it.
    """

    counts_towards = serializers.IntegerField(source="seen_above", read_only=True, allow_null=True)

    class Meta:
        model = KeyResult
        fields = (
            *("id", "goal", "title", "unit", "unit_word", "fed_by", "metric", "counts_towards"),
            *("start", "target", "current", "current_on", "unknown", "position"),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A deliverable and how it stands on the day asked for; no promise where it was dropped or not known by then."""

    deliverable: Deliverable
    promise: Promise | None

    @property
    def level(self) -> Level | None:
        """None once it is delivered: then there is nothing left to forecast."""
        return None if self.promise is None or self.promise.delivered else self.promise.level


class ScopeSerializer(serializers.ModelSerializer[Scope]):
    """A rule that says which work items are in a deliverable."""

    source = serializers.SlugRelatedField[Source](slug_field="name", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Scope
        fields = ("source", "rule", "value")


@extend_schema_serializer(component_name="Deliverable")
class StandingSerializer(serializers.Serializer[Standing]):
    """A deliverable: what was promised, what the forecast says (chances 0-1), what its owner says."""

    id = serializers.IntegerField(source="deliverable.pk")
    slug = serializers.SlugField(source="deliverable.slug")
    version = serializers.IntegerField(source="deliverable.version", help_text="Its ETag")
    title = serializers.CharField(source="deliverable.title")
    kind = serializers.ChoiceField(Deliverable.Kind.choices, source="deliverable.kind")
    team = serializers.SlugField(source="deliverable.team.slug")
    group = serializers.SlugField(source="deliverable.team.group.slug")
    helping_teams = serializers.SerializerMethodField()
    owner = PersonNameSerializer(source="deliverable.owner", allow_null=True)
    goals = serializers.SerializerMethodField()
    depends_on = serializers.SerializerMethodField()
    start = serializers.DateField(source="deliverable.start")
    done_when = serializers.CharField(source="deliverable.done_when")
    scopes = ScopeSerializer(source="deliverable.scopes", many=True)
    priority = serializers.IntegerField(source="deliverable.priority", allow_null=True)
    size_low = serializers.IntegerField(source="deliverable.size_low", allow_null=True)
    size_high = serializers.IntegerField(source="deliverable.size_high", allow_null=True)
    stage = serializers.ChoiceField(Deliverable.Stage.choices, source="deliverable.stage", allow_blank=True)
    success_threshold = serializers.CharField(source="deliverable.success_threshold")
    attempts_done = serializers.IntegerField(source="deliverable.attempts_done")
    attempts_low = serializers.IntegerField(source="deliverable.attempts_low", allow_null=True)
    attempts_high = serializers.IntegerField(source="deliverable.attempts_high", allow_null=True)
    delivered = serializers.DateField(source="deliverable.delivered", allow_null=True)
    dropped = serializers.DateField(source="deliverable.dropped", allow_null=True)
    created = serializers.DateTimeField(source="deliverable.created")
    day = serializers.DateField(source="promise.day", allow_null=True)
    target = serializers.DateField(source="promise.target", allow_null=True)
    first_target = serializers.DateField(source="promise.first_target", allow_null=True)
    moves = serializers.IntegerField(source="promise.moves", allow_null=True)
    chance_missing = serializers.FloatField(source="promise.missing", allow_null=True)
    chance_missing_week_before = serializers.FloatField(source="promise.missing_before", allow_null=True)
    level = serializers.ChoiceField(LEVELS, allow_null=True, help_text="Null once it is delivered")
    p50 = serializers.DateField(source="promise.p50", allow_null=True)
    p85 = serializers.DateField(source="promise.p85", allow_null=True)
    p95 = serializers.DateField(source="promise.p95", allow_null=True)
    reason = serializers.CharField(source="promise.reason", allow_null=True)
    items = serializers.IntegerField(source="promise.items", allow_null=True)
    items_done = serializers.IntegerField(source="promise.items_done", allow_null=True)
    items_blocked = serializers.IntegerField(source="promise.blocked", allow_null=True)
    items_at_commitment = serializers.IntegerField(source="promise.at_commitment", allow_null=True)
    items_added = serializers.IntegerField(source="promise.grown", allow_null=True)
    declared = serializers.CharField(source="promise.declared", allow_null=True)
    declared_on = serializers.DateField(source="promise.declared_on", allow_null=True)
    confidence = serializers.IntegerField(source="promise.confidence", allow_null=True)

    def get_helping_teams(self, standing: Standing) -> list[str]:
        return [team.slug for team in standing.deliverable.helping_teams.all()]

    def get_goals(self, standing: Standing) -> list[int]:
        return [goal.pk for goal in standing.deliverable.goals.all()]

    def get_depends_on(self, standing: Standing) -> list[int]:
        return [needed.pk for needed in standing.deliverable.depends_on.all()]


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    """A date given on a day. ``chance`` to make it, 0-1, as it was that day; never recomputed.

    One that ``corrects`` another stands for it from ``corrected_on`` on.
    """

    by = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Commitment
        fields = (
            "id",
            "deliverable",
            "given",
            "target",
            "by",
            "cause",
            "note",
            "chance",
            "corrects",
            "corrected_on",
            "created",
        )


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """The word of an owner. ``chance`` (0-1) and ``level``: what the forecast said then; ``reason``: why they differ."""

    level = serializers.ChoiceField(LEVELS, read_only=True, allow_blank=True)
    by = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = CheckIn
        fields = (
            *("id", "deliverable", "goal", "day", "by", "status", "confidence", "note"),
            *("reason", "chance", "level", "created"),
        )


class ForecastSerializer(serializers.ModelSerializer[Forecast]):
    """``quantiles``: days from ``day`` to completion at 1, 2 … 99 %, null beyond ten years.

    ``drivers``: the chance of missing as ``usual`` plus the ``share`` of each cause, exactly; empty where none were kept.
    """

    quantiles = serializers.ListField(child=serializers.FloatField(allow_null=True), read_only=True)

    class Meta:
        model = Forecast
        fields = (
            *("id", "deliverable", "day", "made", "hindcast", "target", "chance", "p50", "p85", "p95", "quantiles"),
            *(
                "items",
                "items_done",
                "history",
                "trials",
                "version",
                "reason",
                "shift",
                "scale",
                "learnt_from",
                "drivers",
            ),
        )


class PlanChangeSerializer(serializers.ModelSerializer[PlanChange]):
    """One thing that was changed, from what to what, in words. A goal that is not yours to see is “what is not shown to you”."""

    by = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = PlanChange
        fields = ("id", "goal", "deliverable", "at", "by", "what", "before", "after", "note")
