"""What threatens it: the register of risks, the rules that keep it, and everything that happened to each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from delivery.models.plan import Deliverable, Goal
from people.models import Person
from teams.models import Team


class RiskKind(models.TextChoices):
    """What a risk is about."""

    SCHEDULE = "schedule", "Schedule"
    SCOPE = "scope", "Scope"
    FLOW = "flow", "Flow"
    DEPENDENCY = "dependency", "Dependency"
    PEOPLE = "people", "People"
    QUALITY = "quality", "Quality"
    STALENESS = "staleness", "Staleness"
    DISAGREEMENT = "disagreement", "Disagreement"
    DATA = "data", "Data"
    OTHER = "other", "Other"  # written by hand only


class RiskRule(models.Model):
    """The thresholds of one rule, where an admin has changed them; the rules and their defaults are delivery.core.risk's.

    A risk opens once its value has been at ``enter`` or worse for ``days`` days, and closes once it has been better than
    ``leave`` for as long.
    """

    rule = models.CharField(max_length=40, unique=True)
    enabled = models.BooleanField(default=True)
    enter = models.FloatField()
    leave = models.FloatField()
    days = models.PositiveSmallIntegerField()
    changed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["rule"]

    def __str__(self) -> str:
        return self.rule


class Risk(models.Model):
    """Something that threatens a deliverable, a goal or a team: one row for one cause, from its first day to its last.

    ``rule`` is empty where a person wrote it. ``cause`` tells two risks of one rule on one thing apart (the deliverable
    that is waited for, the person's absence). A pending one has been seen, but not for long enough; it is not shown.
    ``probability`` and ``impact`` are 0-1, null where they are not known. ``evidence``: what it rests on, each
    {"says": text, "url": address or empty}; ``drivers``: the shares of the forecast that belong to it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        NEW = "new", "New"
        ACCEPTED = "accepted", "Accepted"
        MITIGATING = "mitigating", "Mitigating"
        CLOSED = "closed", "Closed"

    class Roam(models.TextChoices):
        RESOLVED = "resolved", "Resolved"
        OWNED = "owned", "Owned"
        ACCEPTED = "accepted", "Accepted"
        MITIGATED = "mitigated", "Mitigated"

    kind = models.CharField(max_length=14, choices=RiskKind)
    rule = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=200, blank=True)
    deliverable = models.ForeignKey(Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="risks")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="risks")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="risks")
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    roam = models.CharField(max_length=10, choices=Roam, blank=True)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="risks")
    review_on = models.DateField(null=True, blank=True)
    probability = models.FloatField(null=True, blank=True)
    impact = models.FloatField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)  # what the rule measured last
    evidence = models.JSONField(default=list, blank=True)
    drivers = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")  # if by hand
    seen = models.DateField()  # the first day on which its value was at the threshold
    better_since = models.DateField(null=True, blank=True)  # it has been better than ``leave`` since
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-opened", "-id"]
        constraints = [
            models.CheckConstraint(
                name="risk_about_one_thing",
                condition=Q(deliverable__isnull=False, goal__isnull=True, team__isnull=True)
                | Q(deliverable__isnull=True, goal__isnull=False, team__isnull=True)
                | Q(deliverable__isnull=True, goal__isnull=True, team__isnull=False),
            ),
            models.UniqueConstraint(
                name="risk_once_a_cause",
                fields=["rule", "cause", "deliverable", "goal", "team"],
                condition=~Q(state="closed") & ~Q(rule=""),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="risk_chances_in_0_1",
                condition=(Q(probability__isnull=True) | Q(probability__gte=0, probability__lte=1))
                & (Q(impact__isnull=True) | Q(impact__gte=0, impact__lte=1)),
            ),
            models.CheckConstraint(
                name="risk_closed_when_it_says_so",
                condition=Q(state="closed", closed__isnull=False) | ~Q(state="closed") & Q(closed__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="risk_open")]

    def __str__(self) -> str:
        return self.title


class RiskEvent(models.Model):
    """One thing that happened to a risk; never changed. ``by`` is null where Headway itself did it."""

    class What(models.TextChoices):
        OPENED = "opened", "Opened"
        MOVED = "moved", "Moved"  # its probability or value changed by a step worth telling
        STATE = "state", "State"
        OWNER = "owner", "Owner"
        REVIEW = "review", "Review date"
        NOTE = "note", "Note"
        EDITED = "edited", "Edited"
        CLOSED = "closed", "Closed"

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    day = models.DateField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=8, choices=What)
    before = models.CharField(max_length=300, blank=True)
    after = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.risk}"
