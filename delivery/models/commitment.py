"""Promised days: every one that was ever given, and why it moved."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from delivery.models.plan import Deliverable
from people.models import Person


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


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def as_of(self, day: date) -> CommitmentQuerySet:
        """What counted on ``day``: given by then, and not corrected by then; a correction from the day it was made."""
        later = Commitment.objects.filter(corrects=OuterRef("pk"), corrected_on__lte=day)
        known = Q(corrected_on__isnull=True) | Q(corrected_on__lte=day)
        return self.filter(known, ~Exists(later), given__lte=day)


class Commitment(models.Model):
    """A target date given on a day. Moving the date adds one with a cause; none is ever edited.

    A correction is a further entry: it takes the place (and the ``given``) of the one it ``corrects`` from
    ``corrected_on``, the day it was made. ``chance`` is the chance to make it on the day it was given: stored then (or
    null), never recomputed.
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="commitments")
    given = models.DateField()
    target = models.DateField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    cause = models.CharField(max_length=12, choices=SlipCause, blank=True)
    note = models.TextField(blank=True)
    chance = models.FloatField(null=True, blank=True)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrected_by"
    )
    corrected_on = models.DateField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Commitment]] = CommitmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["deliverable", "given", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(target__gte=F("given")), name="commitment_not_in_the_past"),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gt=0, chance__lt=1), name="commitment_chance_in_0_1"
            ),
            models.CheckConstraint(
                name="commitment_corrected_on_a_day",
                condition=Q(corrects__isnull=True, corrected_on__isnull=True)
                | Q(corrects__isnull=False, corrected_on__gte=F("given")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} by {self.target}"
