"""Filters of risks."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet

from delivery.api.filters import TEAM, before_day, by_id, from_day, is_known, text
from delivery.api.plan_filters import NamingGoals
from delivery.api.risk_serializers import SHOWN_STATES
from delivery.models import Risk


class RiskFilters(NamingGoals):
    """Those of a team are the ones on it, on its deliverables and on its goals."""

    deliverable = by_id("deliverable_id")
    goal = by_id("goal", method="of_goal")
    team = filters.CharFilter(method="of_team", help_text=TEAM)
    owner = by_id("owner_id")
    state = filters.ChoiceFilter(choices=SHOWN_STATES)
    rule = text("rule", "Slug of a rule; a risk written by hand has none")
    closed = is_known("closed", "Whether it is closed")
    opened_from, opened_before = from_day("opened"), before_day("opened")

    class Meta:
        model = Risk
        fields = ("kind", "roam")

    def of_team(self, rows: QuerySet[Risk], name: str, value: str) -> QuerySet[Risk]:
        return rows.filter(Q(team__slug=value) | Q(deliverable__team__slug=value) | Q(goal__team__slug=value))
