"""Bets as the API says and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from delivery.access import possible_owners, visible_goals
from delivery.bets import BetTold, VerdictTold, as_told
from delivery.models import Bet, Goal
from people.fields import Choice, Row, Text
from people.models import Person
from teams.access import visible_teams
from teams.api.serializers import PersonNameSerializer
from teams.models import Team

LARGEST = 2**31 - 1
FIELDS = (
    *("id", "title", "hypothesis", "team", "goal", "owner", "success_signal", "kill_criterion", "cost_cap"),
    *("cost_so_far", "started", "decide_by", "verdict", "decided_on", "decided_by", "lesson", "reuse"),
    *("version", "created"),
)


class BetSerializer(serializers.ModelSerializer[Bet]):
    """``cost_cap`` and ``cost_so_far`` are working days of people, the latter null where nobody has counted.

    ``verdict`` is empty while the bet is open; ``disproved`` is inside its cap, and a success. ``version``: the ETag of the bet.
    """

    team = serializers.SlugRelatedField("slug", read_only=True)  # type: ignore[var-annotated]
    owner = PersonNameSerializer(read_only=True, allow_null=True)
    verdict = serializers.ChoiceField(Bet.Verdict.choices, read_only=True, allow_blank=True)
    decided_by = PersonNameSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Bet
        fields = FIELDS
        read_only_fields = FIELDS


class BetChangeSerializer(serializers.Serializer[Bet]):
    """What may change of a bet. Once it is decided, what was wagered stays as it was."""

    title = Text(required=False)
    hypothesis = Text(required=False)
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.none(), required=False)
    goal = Row(queryset=Goal.objects.none(), required=False, allow_null=True)
    owner = Row(queryset=Person.objects.none(), required=False, allow_null=True)
    success_signal = Text(required=False)
    kill_criterion = Text(required=False)
    cost_cap = serializers.IntegerField(required=False, max_value=LARGEST)
    cost_so_far = serializers.IntegerField(required=False, allow_null=True, max_value=LARGEST)
    started = serializers.DateField(required=False)
    decide_by = serializers.DateField(required=False)
    lesson = Text(required=False)
    reuse = Text(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Only what the writer may see can be named."""
        fields = super().get_fields()
        request = self.context.get("request")
        fields["owner"].queryset = possible_owners()  # type: ignore[attr-defined]
        if request is not None:
            fields["team"].queryset = visible_teams(request.user)  # type: ignore[attr-defined]
            fields["goal"].queryset = visible_goals(request.user)  # type: ignore[attr-defined]
        return fields


class NewBetSerializer(BetChangeSerializer):
    """A new bet, which is open."""

    title = Text()
    hypothesis = Text()
    team = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.none())
    success_signal = Text()
    kill_criterion = Text()
    cost_cap = serializers.IntegerField(max_value=LARGEST)
    started = serializers.DateField()
    decide_by = serializers.DateField()


class VerdictSerializer(serializers.Serializer[Bet]):
    """What came of a bet. ``validated`` and ``disproved`` take a ``lesson``; ``cost`` in working days of people, null if unknown.

    What is not sent stays as it is; ``day`` is today, or the day it was decided, where it is not sent.
    """

    verdict = Choice(Bet.Verdict.choices)
    lesson = Text(required=False)
    cost = serializers.IntegerField(required=False, allow_null=True, max_value=LARGEST)
    day = serializers.DateField(required=False)
    reuse = Text(required=False)


def bet_told(sent: dict[str, Any], before: Bet | None = None) -> BetTold:
    """The bet as it is to be: ``before``, with what was sent."""
    return BetTold(**sent) if before is None else as_told(before, **sent)


def verdict_told(sent: dict[str, Any], before: Bet, **now: Any) -> VerdictTold:
    """The same of its verdict; ``now`` holds the day where none was sent."""
    return VerdictTold(**{"lesson": before.lesson, "cost": before.cost_so_far} | now | sent)
