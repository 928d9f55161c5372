"""How what was told was handed over: the log of every e-mail and chat message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dashboards.models.issue import DigestIssue
from dashboards.models.subscription import Subscription


class Delivery(models.Model):
    """One message to one reader over one channel.

    WAITING: to be handed over, from ``next_try`` on. HANDING: the server was told all but the end; from here on nobody
    hands it over again by itself. SENT: the server has taken it. FAILED, SKIPPED: never, with the ``reason``. LOST: the
    server's answer never came; it may have arrived. ``code``: what the server answered. ``words``: what it says where
    there is no issue. ``bounced``: when a mail server sent it back later. ``again``: a person had it sent once more.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", "Digest"
        ALERT = "alert", "Alert"
        TEST = "test", "Test"
        CONFIRM = "confirm", "Confirmation"

    class Channel(models.TextChoices):
        MAIL = "mail", "E-mail"
        CHAT = "chat", "Chat"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        HANDING = "handing", "Being handed over"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"
        LOST = "lost", "Answer lost"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    issue = models.ForeignKey(DigestIssue, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=8, choices=Kind)
    channel = models.CharField(max_length=4, choices=Channel)
    address = models.CharField(max_length=254, blank=True)  # of an e-mail, when it was handed over
    words = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    code = models.PositiveSmallIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    handed = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    again = models.BooleanField(default=False)
    message_id = models.CharField(max_length=200, blank=True)
    bounced = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created", "-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "channel"], condition=Q(kind="digest"), name="delivery_of_a_digest_once_a_channel"
            ),
            models.CheckConstraint(
                name="delivery_of_a_digest_has_its_issue",
                condition=Q(kind="digest", issue__isnull=False) | ~Q(kind="digest"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try"], condition=Q(state__in=("waiting", "handing")), name="delivery_to_hand_over"
            ),
            models.Index(fields=["message_id"], name="delivery_by_message"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.subscription}: {self.get_state_display()}"


def channels_of(row: Subscription) -> list[Delivery.Channel]:
    """Where a reader wants it."""
    wanted = {Delivery.Channel.MAIL: row.mail, Delivery.Channel.CHAT: bool(row.chat)}
    return [channel for channel, on in wanted.items() if on]
