"""What is told at once: a deliverable that crossed a reader's chance, a source that is old for a day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dashboards.models.delivery import Delivery as Message
from dashboards.models.subscription import Subscription
from delivery.models import Deliverable, Source


class Alert(models.Model):
    """That a reader's line was crossed, from ``seen`` until ``cleared``; told once, in ``message``.

    ``quiet``: it was so when they opted in, or was over before it could be told: nothing is said of it. ``missing``: the
    chance of missing in whole per cent when it was seen.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="alerts")
    deliverable = models.ForeignKey(Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    missing = models.PositiveSmallIntegerField(null=True, blank=True)
    seen = models.DateTimeField()
    cleared = models.DateTimeField(null=True, blank=True)
    quiet = models.BooleanField(default=False)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts")

    class Meta:
        ordering = ["-seen", "-id"]
        constraints = [
            models.CheckConstraint(
                name="alert_about_one_thing",
                condition=Q(deliverable__isnull=False, source__isnull=True)
                | Q(deliverable__isnull=True, source__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["subscription", "deliverable", "source"],
                condition=Q(cleared__isnull=True),
                nulls_distinct=False,
                name="alert_once_while_it_lasts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable or self.source} for {self.subscription}"
