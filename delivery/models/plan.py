"""What was promised: goals, key results, deliverables, their scope, commitments and check-ins."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from delivery.models.source import Source
from delivery.models.work import WorkItem
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

    title = models.CharField(max_length=200)
    level = models.CharField(max_length=10, choices=Level)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="goals")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    start = models.DateField()
    end = models.DateField()  # half-open: the first day after the period
    ambition = models.CharField(max_length=10, choices=Ambition, default=Ambition.COMMITTED)
    confidential = models.BooleanField(default=False)
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
    """A measure from a start to a target, which differ; up or down follows from them."""

    class Unit(models.TextChoices):
        NUMBER = "number", "Number"
        PERCENT = "percent", "Percentage"
        MONEY = "money", "Money"
        YES_NO = "yes_no", "Yes or no"

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="key_results")
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.NUMBER)
    start = models.FloatField()
    target = models.FloatField()
    current = models.FloatField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["goal", "position", "id"]
        constraints = [models.CheckConstraint(condition=~Q(start=F("target")), name="key_result_moves")]

    def __str__(self) -> str:
        return self.title


class Deliverable(models.Model):
    """Something promised by a date. Its date is its latest commitment; its work is its scope."""

    class Kind(models.TextChoices):
        FEATURE = "feature", "Feature"
        PLATFORM = "platform", "Platform"
        EXPERIMENT = "experiment", "Experiment"
        UPKEEP = "upkeep", "Upkeep"

    class Stage(models.TextChoices):
        FRAME = "frame", "Frame"
        DATA = "data", "Data"
        BASELINE = "baseline", "Baseline"
        ITERATE = "iterate", "Iterate"
        VALIDATE = "validate", "Validate"
        LAUNCH = "launch", "Launch"
        MONITOR = "monitor", "Monitor"

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FEATURE)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="deliverables")
    helping_teams = models.ManyToManyField(Team, blank=True, related_name="helps_with")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliverables")
    goals = models.ManyToManyField(Goal, blank=True, related_name="deliverables")
    depends_on = models.ManyToManyField("self", blank=True, symmetrical=False, related_name="waited_for_by")
    start = models.DateField()
    done_when = models.TextField(blank=True)
    priority = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 is first in its team; null: no order given
    # Items expected in all, while the scope is not known.
    size_low = models.PositiveIntegerField(null=True, blank=True)
    size_high = models.PositiveIntegerField(null=True, blank=True)
    # Of an experiment: attempts behind it, and how many it may take in all.
    stage = models.CharField(max_length=10, choices=Stage, blank=True)
    success_threshold = models.CharField(max_length=200, blank=True)
    attempts_done = models.PositiveSmallIntegerField(default=0)
    attempts_low = models.PositiveSmallIntegerField(null=True, blank=True)
    attempts_high = models.PositiveSmallIntegerField(null=True, blank=True)
    delivered = models.DateField(null=True, blank=True)  # when it was declared or found done
    dropped = models.DateField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    items = models.ManyToManyField(WorkItem, through="ScopedItem", related_name="deliverables")

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered__isnull=True) | Q(dropped__isnull=True), name="deliverable_one_end"
            ),
            models.CheckConstraint(
                name="deliverable_size_is_a_range",
                condition=Q(size_low__isnull=True, size_high__isnull=True)
                | Q(size_low__gte=1, size_high__gte=F("size_low")),
            ),
            models.CheckConstraint(
                name="deliverable_attempts_are_a_range",
                condition=Q(attempts_low__isnull=True, attempts_high__isnull=True)
                | Q(attempts_low__gte=1, attempts_high__gte=F("attempts_low")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Scope(models.Model):
    """A rule that says which work items are in a deliverable; several rules add up."""

    class Rule(models.TextChoices):
        PARENT = "parent", "Jira epic or parent"
        FIX_VERSION = "fix_version", "Jira fix version"
        LABEL = "label", "Label"
        MILESTONE = "milestone", "GitHub milestone"

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="scopes")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="scopes_of_deliverables")
    rule = models.CharField(max_length=12, choices=Rule)
    value = models.CharField(max_length=255)

    class Meta:
        ordering = ["deliverable", "rule", "value"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "source", "rule", "value"], name="scope_once"),
            models.CheckConstraint(condition=~Q(value=""), name="scope_names_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.value}"


class ScopedItem(models.Model):
    """A work item is in a deliverable's scope from ``since``; a removed one keeps its row with ``until``."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="scoped")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="scoped_in")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "item"], name="scoped_item_once"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="scoped_item_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.deliverable}"


class SlipCause(models.TextChoices):
    """Why a date moved."""

    SCOPE = "scope", "Scope"
    DEPENDENCY = "dependency", "Dependency"
    DATA = "data", "Data"
    STAFFING = "staffing", "Staffing"
    INCIDENTS = "incidents", "Incidents"
    ESTIMATE = "estimate", "Estimate"
    DECISION = "decision", "Decision"
    VENDOR = "vendor", "Vendor"
    PRIORITY = "priority", "Priority"
    QUALITY = "quality", "Quality"


class Commitment(models.Model):
    """A target date given on a day. Moving the date adds one with a cause; none is ever edited.

    ``chance`` is the chance to make it on the day it was given: stored then (or null), never recomputed.
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="commitments")
    given = models.DateField()
    target = models.DateField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cause = models.CharField(max_length=12, choices=SlipCause, blank=True)
    note = models.TextField(blank=True)
    chance = models.FloatField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["deliverable", "given", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(target__gte=F("given")), name="commitment_not_in_the_past"),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gt=0, chance__lt=1), name="commitment_chance_in_0_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} by {self.target}"


class CheckIn(models.Model):
    """The weekly word of an owner on a goal or a deliverable: declared status, confidence, note."""

    class Status(models.TextChoices):
        ON_TRACK = "on_track", "On track"
        AT_RISK = "at_risk", "At risk"
        OFF_TRACK = "off_track", "Off track"

    deliverable = models.ForeignKey(
        Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="check_ins"
    )
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="check_ins")
    day = models.DateField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="check_ins")
    status = models.CharField(max_length=10, choices=Status)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)  # per cent
    note = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deliverable__isnull=False, goal__isnull=True)
                | Q(deliverable__isnull=True, goal__isnull=False),
                name="check_in_on_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__lte=100), name="check_in_confidence_per_cent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} on {self.day}"
