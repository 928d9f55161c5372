"""The weekly word of owners, and what they have typed of the next one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from delivery.models.goal import Goal
from delivery.models.plan import Deliverable
from people.models import Person


class CheckIn(models.Model):
    """The weekly word of an owner on a goal or a deliverable: declared status, confidence, note; never changed.

    ``chance`` to make it and ``level`` are the forecast's word when it was given (null and empty without one); ``reason``
    says why they differ.
    """

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
    reason = models.TextField(blank=True)
    chance = models.FloatField(null=True, blank=True)
    level = models.CharField(max_length=10, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-id"]
        indexes = [
            models.Index(fields=["goal", "-day", "-id"], name="check_in_last_on_goal"),
            models.Index(fields=["deliverable", "-day", "-id"], name="check_in_last_on_deliverable"),
        ]
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


class CheckInDraft(models.Model):
    """What somebody has typed of a check-in and not given yet. ``seen``: the id of the last one when they began, or 0."""

    by = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="check_in_drafts")
    deliverable = models.ForeignKey(Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts")
    values = models.JSONField(default=dict)
    seen = models.PositiveBigIntegerField(default=0)
    saved = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "deliverable", "goal"], nulls_distinct=False, name="check_in_draft_once"
            ),
            models.CheckConstraint(
                condition=Q(deliverable__isnull=False, goal__isnull=True)
                | Q(deliverable__isnull=True, goal__isnull=False),
                name="check_in_draft_on_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Draft of {self.by}"
