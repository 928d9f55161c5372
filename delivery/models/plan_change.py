"""What was changed of goals and deliverables, by whom and when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from delivery.models.goal import Goal
from delivery.models.plan import Deliverable
from people.models import Person


class PlanChange(models.Model):
    """One thing that was changed of a goal or a deliverable; never changed itself. ``what`` is said as on the form."""

    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="changes")
    deliverable = models.ForeignKey(
        Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="changes"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=60)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deliverable__isnull=False, goal__isnull=True)
                | Q(deliverable__isnull=True, goal__isnull=False),
                name="plan_change_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.goal or self.deliverable}"
