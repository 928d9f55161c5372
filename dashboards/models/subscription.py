"""Who gets the digest: what it is about, when and where it comes, and what is told at once."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from people.models import Person
from teams.models import Group, Team

LAST_HOUR: Final = 23
BY_READER: Final = "Stopped by its reader."
BY_LETTER: Final = "Stopped by its reader, from an e-mail."


class Subscription(models.Model):
    """A reader: a person, or an address without a login (``person`` is null) that sees what an executive sees.

    ``groups`` and ``teams``: what it is about; none of both is everything. ``weekday``: 0 is Monday; with ``hour`` in the
    reader's own time zone (``zone``). Counts from ``since``: what was due before then is nobody's. An address gets nothing
    before ``confirmed``. ``webhook`` is sealed as tokens are. ``alert_from``: the chance of missing in per cent from
    which a deliverable is told at once, null for never; ``quiet_from`` to ``quiet_until`` are hours without alerts.
    """

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    class Chat(models.TextChoices):
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"

    person = models.OneToOneField(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="digest_subscription"
    )
    email = models.EmailField(blank=True)  # of a reader without a login
    name = models.CharField(max_length=200, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    groups = models.ManyToManyField(Group, blank=True, related_name="+")
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY)
    hour = models.PositiveSmallIntegerField(default=7)
    mail = models.BooleanField(default=True)
    chat = models.CharField(max_length=5, choices=Chat, blank=True)
    webhook = models.TextField(blank=True)
    since = models.DateTimeField()
    confirmed = models.DateTimeField(null=True, blank=True)
    asked = models.DateTimeField(null=True, blank=True)  # when the address was last asked to confirm
    paused_until = models.DateField(null=True, blank=True)
    stopped = models.DateTimeField(null=True, blank=True)
    stopped_why = models.CharField(max_length=200, blank=True)
    alert_from = models.PositiveSmallIntegerField(null=True, blank=True)
    alert_stale = models.BooleanField(default=False)
    quiet_from = models.PositiveSmallIntegerField(default=19)
    quiet_until = models.PositiveSmallIntegerField(default=7)
    watched = models.DateTimeField(null=True, blank=True)  # null: what is so at the first look is not news
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="subscription_of_a_person_or_an_address",
                condition=Q(person__isnull=False, email="") | Q(person__isnull=True) & ~Q(email=""),
            ),
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="subscription_of_an_address_once"),
            models.CheckConstraint(
                name="subscription_at_an_hour_of_a_week",
                condition=Q(weekday__lte=6, hour__lte=LAST_HOUR, quiet_from__lte=LAST_HOUR, quiet_until__lte=LAST_HOUR),
            ),
            models.CheckConstraint(
                name="subscription_alerts_from_a_per_cent",
                condition=Q(alert_from__isnull=True) | Q(alert_from__gte=1, alert_from__lte=99),
            ),
            models.CheckConstraint(name="subscription_chat_has_a_webhook", condition=Q(chat="") | ~Q(webhook="")),
        ]
        indexes = [models.Index(fields=["weekday", "hour"], name="subscription_when")]

    def __str__(self) -> str:
        return self.reader_name or self.address

    @property
    def stopped_by_reader(self) -> bool:
        """Then only the reader starts it again."""
        return self.stopped is not None and self.stopped_why in (BY_READER, BY_LETTER)

    @property
    def address(self) -> str:
        """Where its e-mails go."""
        return self.person.email if self.person else self.email

    @property
    def reader_name(self) -> str:
        return self.person.name if self.person else self.name

    @property
    def zone(self) -> str:
        """Name of the reader's time zone."""
        return (self.person.timezone if self.person else self.timezone) or "UTC"
