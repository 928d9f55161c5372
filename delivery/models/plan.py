"""Deliverables, the rules that say which work items are theirs, and the items themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from delivery.models.goal import Goal
from delivery.models.naming import any_slug
from delivery.models.source import Source
from delivery.models.work import WorkItem
from people.models import Person
from teams.models import Team


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

    slug = models.SlugField(max_length=80, unique=True, default=any_slug)
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
    version = models.PositiveIntegerField(default=1)
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
        JQL = "jql", "JQL"

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="scopes")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="scopes_of_deliverables")
    rule = models.CharField(max_length=12, choices=Rule)
    value = models.CharField(max_length=600)
    asked = models.DateTimeField(null=True, blank=True)  # when the source was last asked; of JQL only
    error = models.CharField(max_length=300, blank=True)  # what it answered instead

    class Meta:
        ordering = ["deliverable", "rule", "value"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "source", "rule", "value"], name="scope_once"),
            models.CheckConstraint(condition=~Q(value=""), name="scope_names_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} {self.value}"


class ScopeMatch(models.Model):
    """An item that the source named when it was asked for a rule in its own language, from ``since`` on."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="matches")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "item"], name="scope_match_once")]

    def __str__(self) -> str:
        return f"{self.item} by {self.scope}"


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
