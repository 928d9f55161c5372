"""What was told to a reader in a week."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dashboards.models.subscription import Subscription


class DigestIssue(models.Model):
    """The digest of one reader and week. The row is also the lock: nobody gets two of a week.

    ``content`` (dashboards.digest.records.Digest) is written once, when it is composed, and never again; null before.
    ``useful`` is what the reader said of it.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="issues")
    week = models.CharField(max_length=8)  # 2026-W48
    day = models.DateField()  # the reader's day on which it was due
    subject = models.CharField(max_length=200, blank=True)
    content = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    composed = models.DateTimeField(null=True, blank=True)
    useful = models.BooleanField(null=True, blank=True)
    useful_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-week", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "week"], name="digest_once_a_week"),
            models.CheckConstraint(
                name="digest_composed_when_it_says_so",
                condition=Q(content__isnull=True, composed__isnull=True)
                | Q(content__isnull=False, composed__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["week"], name="digest_of_week")]

    def __str__(self) -> str:
        return f"{self.week} for {self.subscription}"
