"""Filters of goals, deliverables, commitments, check-ins and forecasts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import django_filters as filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.utils import timezone

from delivery.access import visible_goals
from delivery.api.filters import TEAM, before, before_day, by_id, from_day, is_known, since, text
from delivery.api.plan_serializers import LEVELS
from delivery.models import CheckIn, Commitment, Deliverable, Forecast, Goal, KeyResult, PlanChange
from delivery.promises import of_team, promises
from people.reading import Filters

Row = TypeVar("Row", bound=Model)
THIS_AGE = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2199, 12, 31)))


class NamingGoals(Filters):
    """Filters that name a goal: one that the reader may not see holds nothing, as if it were not there."""

    class Meta:
        fields: tuple[Any, ...] = ()

    def of_goal(self, rows: QuerySet[Row], name: str, value: Decimal) -> QuerySet[Row]:
        return rows.filter(**{f"{name}__in": visible_goals(self.request.user).filter(pk=int(value))})


class GoalFilters(NamingGoals):
    team = text("team__slug", TEAM)
    group = text("group__slug", "Slug of a group")
    parent = by_id("parent", method="of_goal")
    day = filters.DateFilter(method="running_on", help_text="Goals whose period holds this day")

    class Meta:
        model = Goal
        fields = ("level", "ambition")

    def running_on(self, rows: QuerySet[Goal], name: str, value: date) -> QuerySet[Goal]:
        return rows.filter(start__lte=value, end__gt=value)


class KeyResultFilters(NamingGoals):
    goal = by_id("goal", method="of_goal")
    team = text("goal__team__slug", TEAM)

    class Meta:
        model = KeyResult
        fields = ("unit",)


class DeliverableFilters(NamingGoals):
    team = filters.CharFilter(method="of_team", help_text="Slug of a team that answers for it or helps")
    group = text("team__group__slug", "Slug of a group")
    goal = by_id("goals", method="of_goal")
    delivered = is_known("delivered", "Whether it is delivered")
    dropped = is_known("dropped", "Whether it was dropped")
    level = filters.ChoiceFilter(method="at_level", choices=LEVELS, help_text="How the promise stands on the day")
    day = filters.DateFilter(method="as_of", validators=THIS_AGE, help_text="The day of what is said; else today")

    class Meta:
        model = Deliverable
        fields = ("kind",)

    def of_team(self, rows: QuerySet[Deliverable], name: str, value: str) -> QuerySet[Deliverable]:
        return rows.filter(of_team(value))

    def at_level(self, rows: QuerySet[Deliverable], name: str, value: str) -> QuerySet[Deliverable]:
        day = self.form.cleaned_data.get("day") or timezone.localdate()
        found = promises(self.request.user, day=day)
        return rows.filter(pk__in=[one.id for one in found if one.level == value])

    def as_of(self, rows: QuerySet[Deliverable], name: str, value: date) -> QuerySet[Deliverable]:
        """Every row stays; the view says it as of this day."""
        return rows


class OfDeliverable(Filters):
    """What belongs to a deliverable."""

    deliverable = by_id("deliverable_id")
    team = filters.CharFilter(method="of_team", help_text="Slug of a team that answers for it or helps")

    class Meta:
        fields: tuple[Any, ...] = ()

    def of_team(self, rows: QuerySet[Row], name: str, value: str) -> QuerySet[Row]:
        return rows.filter(of_team(value, "deliverable__"))


class CommitmentFilters(OfDeliverable):
    given_from, given_before = from_day("given"), before_day("given")
    target_from, target_before = from_day("target"), before_day("target")

    class Meta:
        model = Commitment
        fields = ("cause",)


class CheckInFilters(NamingGoals, OfDeliverable):
    goal = by_id("goal", method="of_goal")
    day_from, day_before = from_day("day"), before_day("day")

    class Meta:
        model = CheckIn
        fields = ("status", "day")


class ForecastFilters(OfDeliverable):
    day_from, day_before = from_day("day"), before_day("day")

    class Meta:
        model = Forecast
        fields = ("day", "hindcast")


class PlanChangeFilters(NamingGoals, OfDeliverable):
    goal = by_id("goal", method="of_goal")
    at_from, at_before = since("at"), before("at")

    class Meta:
        model = PlanChange
        fields: tuple[Any, ...] = ()
