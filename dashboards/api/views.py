"""Digests that were told: one's own, and for a director everybody's."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from rest_framework import serializers

from dashboards.access import visible_issues
from dashboards.models import DigestIssue
from people.reading import Filters, Reading


class DigestIssueSerializer(serializers.ModelSerializer[DigestIssue]):
    """``content`` is everything that was said, by section, with the numbers of its day."""

    reader = serializers.SerializerMethodField()
    content = serializers.JSONField(read_only=True)
    states = serializers.SerializerMethodField()

    class Meta:
        model = DigestIssue
        fields = ("id", "week", "day", "reader", "subject", "composed", "useful", "states", "content")

    def get_reader(self, issue: DigestIssue) -> str:
        """Their address."""
        return issue.subscription.address

    def get_states(self, issue: DigestIssue) -> dict[str, str]:
        """How it was handed over, by channel."""
        return {one.channel: one.state for one in issue.deliveries.all()}


class DigestIssueFilters(Filters):
    reader = filters.NumberFilter(field_name="subscription_id", help_text="Id of the subscription")
    useful = filters.BooleanFilter(help_text="Whether its reader found it useful")

    class Meta:
        model = DigestIssue
        fields = ("week",)


class DigestIssues(Reading[DigestIssue]):
    """The weekly digests, as they were told."""

    queryset = DigestIssue.objects.none()
    serializer_class = DigestIssueSerializer
    filterset_class = DigestIssueFilters

    def get_queryset(self) -> QuerySet[DigestIssue]:
        rows: Any = visible_issues(self.request.user)
        return rows.select_related("subscription__person").prefetch_related("deliveries")
