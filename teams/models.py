"""Who together: groups, teams, memberships with dates, and the days on which nobody works."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from people.models import Person


class Group(models.Model):
    """A set of teams under one director. Groups nest."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    director = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="groups_led")

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="group_not_own_parent")
        ]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who work together; with a manager, a lead, a time zone and a calendar."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="teams")
    manager = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="teams_managed")
    lead = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="teams_led")
    timezone = models.CharField(max_length=64, default="UTC")
    archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def on(self, day: date) -> MembershipQuerySet:
        """Memberships that hold on ``day``."""
        return self.filter(Q(end__isnull=True) | Q(end__gt=day), start__lte=day)


class Membership(models.Model):
    """A person in a team over the half-open days [start, end), with a share of their time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=60, default="engineer")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    share = models.DecimalField(max_digits=4, decimal_places=3, default=1)

    objects: ClassVar[models.Manager[Membership]] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["team", "person", "start"]
        constraints = [
            models.UniqueConstraint(fields=["person", "team", "start"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="membership_share_in_0_1"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.team} from {self.start}"


class TimeOff(models.Model):
    """Days away, half-open [start, end). Never the reason."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="time_off")
    start = models.DateField()
    end = models.DateField()

    class Meta:
        ordering = ["start", "person"]
        verbose_name_plural = "time off"
        constraints = [
            models.UniqueConstraint(fields=["person", "start"], name="time_off_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="time_off_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.person} away {self.start} to {self.end}"


class Holiday(models.Model):
    """A day on which a team (or, without one, everybody) does not work."""

    day = models.DateField()
    name = models.CharField(max_length=120, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="holidays")

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["day", "team"], name="holiday_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class OpenRole(models.Model):
    """A place in a team that nobody fills yet: from ``start`` somebody is expected, useful little by little.

    Over ``ramp_weeks`` a newcomer comes to work as much as the others; 12 is an assumption, not a measurement
    (FORECAST.md 7). A role whose day has passed while it is open counts for nothing until its day is moved.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="open_roles")
    title = models.CharField(max_length=120)
    start = models.DateField()
    share = models.DecimalField(max_digits=4, decimal_places=3, default=1)
    ramp_weeks = models.PositiveSmallIntegerField(default=12)
    filled = models.DateField(null=True, blank=True)
    dropped = models.DateField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["start", "team", "title", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="open_role_share_in_0_1"),
            models.CheckConstraint(
                condition=Q(filled__isnull=True) | Q(dropped__isnull=True), name="open_role_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} in {self.team} from {self.start}"
