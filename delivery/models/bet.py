"""Hypotheses worth testing, what they may cost, and what came of them."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from delivery.models.goal import Goal
from people.models import Person
from teams.models import Team


class Bet(models.Model):
    """A hypothesis that a team tests, for no more than a cap, until a day on which it is decided.

    ``cost_cap`` and ``cost_so_far`` are working days of people; ``cost_so_far`` is null where nobody has counted. ``verdict`` is
    empty while it is open. One that is disproved inside its cap settled its question, and counts as a success; beyond
    the cap it overran. ``reuse``: who can build on the lesson.
    """

    class Verdict(models.TextChoices):
        VALIDATED = "validated", "Validated"
        DISPROVED = "disproved", "Disproved inside its cap"
        OVERRAN = "overran", "Overran"
        DROPPED = "dropped", "Dropped without a verdict"

    title = models.CharField(max_length=200)
    hypothesis = models.TextField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="bets")
    goal = models.ForeignKey(Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="bets")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="bets")
    success_signal = models.TextField()
    kill_criterion = models.TextField()
    cost_cap = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    cost_so_far = models.PositiveIntegerField(null=True, blank=True)
    started = models.DateField()
    decide_by = models.DateField()
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lesson = models.TextField(blank=True)
    reuse = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["decide_by", "id"]
        constraints = [
            models.CheckConstraint(
                name="bet_decided_with_a_verdict",
                condition=Q(verdict="", decided_on__isnull=True) | ~Q(verdict="") & Q(decided_on__isnull=False),
            ),
            models.CheckConstraint(
                name="bet_settled_with_a_lesson",
                condition=~Q(verdict__in=("validated", "disproved")) | ~Q(lesson=""),
            ),
            models.CheckConstraint(
                name="bet_ends_after_it_starts",
                condition=Q(decide_by__gte=F("started"))
                & (Q(decided_on__isnull=True) | Q(decided_on__gte=F("started"))),
            ),
            models.CheckConstraint(name="bet_has_a_cap", condition=Q(cost_cap__gt=0)),
            models.CheckConstraint(
                name="bet_disproved_inside_its_cap",
                condition=~Q(verdict="disproved") | Q(cost_so_far__isnull=True) | Q(cost_so_far__lte=F("cost_cap")),
            ),
        ]
        indexes = [models.Index(fields=["-decided_on", "-id"], name="bet_last_decided")]

    def __str__(self) -> str:
        return self.title
