"""Goals, their key results, and every value that a key result ever had."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from delivery.models.naming import any_slug
from people.models import Person
from teams.models import Group, Team


class Goal(models.Model):
    """What we want to be true by the end of a period. Company → group → team."""

    class Level(models.TextChoices):
        COMPANY = "company", "Company"
        GROUP = "group", "Group"
        TEAM = "team", "Team"

    class Ambition(models.TextChoices):
        COMMITTED = "committed", "Committed"
        STRETCH = "stretch", "Stretch"

    slug = models.SlugField(max_length=80, unique=True, default=any_slug)
    title = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    level = models.CharField(max_length=10, choices=Level)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="goals")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    start = models.DateField()
    end = models.DateField()  # half-open: the first day after the period
    ambition = models.CharField(max_length=10, choices=Ambition, default=Ambition.COMMITTED)
    confidential = models.BooleanField(default=False)
    dropped = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["start", "level", "title", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="goal_ends_after_start"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="goal_not_own_parent"),
            models.CheckConstraint(
                name="goal_level_says_whose",
                condition=Q(level="company", group__isnull=True, team__isnull=True)
                | Q(level="group", group__isnull=False, team__isnull=True)
                | Q(level="team", team__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class KeyResult(models.Model):
    """A measure from a start to a target, which differ; up or down follows from them.

    ``current`` is the latest of its values, as of ``current_on``; ``unknown`` says why a fed one has none.
    """

    class Unit(models.TextChoices):
        NUMBER = "number", "Number"
        PERCENT = "percent", "Percentage"
        MONEY = "money", "Money"
        YES_NO = "yes_no", "Yes or no"

    class FedBy(models.TextChoices):
        TYPED = "typed", "Typed in at check-ins"
        METRIC = "metric", "One of Headway’s metrics"
        DELIVERABLES = "deliverables", "The progress of its deliverables"
        PARTS = "parts", "The key results that count towards it"

    class Metric(models.TextChoices):
        THROUGHPUT = "throughput", "Items finished a week"
        CYCLE_TIME = "cycle_time", "Cycle time of 85 in 100 items, days"
        WIP = "wip", "Items in progress"
        REVIEW_WAIT = "review_wait", "Median wait for a first review, hours"
        DEPLOYMENTS = "deployments", "Production deployments a week"
        LEAD_TIME = "lead_time", "Median change lead time, days"
        FAIL_RATE = "fail_rate", "Change fail rate, %"

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="key_results")
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.NUMBER)
    unit_word = models.CharField(max_length=20, blank=True)  # what it is counted in: min, EUR
    fed_by = models.CharField(max_length=12, choices=FedBy, default=FedBy.TYPED)
    metric = models.CharField(max_length=12, choices=Metric, blank=True)
    counts_towards = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    start = models.FloatField()
    target = models.FloatField()
    current = models.FloatField(null=True, blank=True)
    current_on = models.DateField(null=True, blank=True)
    unknown = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["goal", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(start=F("target")), name="key_result_moves"),
            models.CheckConstraint(
                name="key_result_metric_where_fed_by_one",
                condition=Q(fed_by="metric") & ~Q(metric="") | ~Q(fed_by="metric") & Q(metric=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class KeyResultValue(models.Model):
    """What a key result stood at on a day; never changed. ``by`` is null where Headway measured it, with n of METRICS.md."""

    key_result = models.ForeignKey(KeyResult, on_delete=models.CASCADE, related_name="values")
    day = models.DateField()
    at = models.DateTimeField()
    value = models.FloatField(null=True, blank=True)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    measured = models.BooleanField(default=False)
    n = models.PositiveIntegerField(null=True, blank=True)
    left_out = models.PositiveIntegerField(default=0)
    unknown = models.CharField(max_length=200, blank=True)
    formula = models.PositiveSmallIntegerField(null=True, blank=True)  # its version, of a measured value

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key_result", "day"], condition=Q(measured=True), name="key_result_measured_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key_result}: {self.value} on {self.day}"
