"""What will happen: one forecast a day for each open deliverable, all kept; and what became of earlier ones."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from delivery.models.plan import Deliverable, Goal
from teams.models import Team


class Forecast(models.Model):
    """The distribution of completion dates as it looked on ``day``; never changed afterwards.

    ``chance`` is the chance to make ``target``; null (with ``reason``) where no forecast can be given. ``quantiles``
    are days from ``day`` to completion at 1, 2 … 99 %, null beyond the horizon. ``hindcast``: made later, from what
    was known on ``day``.
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="forecasts")
    day = models.DateField()
    made = models.DateTimeField()
    hindcast = models.BooleanField(default=False)
    target = models.DateField(null=True, blank=True)
    chance = models.FloatField(null=True, blank=True)
    p50 = models.DateField(null=True, blank=True)
    p85 = models.DateField(null=True, blank=True)
    p95 = models.DateField(null=True, blank=True)
    quantiles = ArrayField(models.FloatField(null=True), default=list, blank=True)
    items = models.PositiveIntegerField(default=0)  # items of the deliverable known that day
    items_done = models.PositiveIntegerField(default=0)
    history = models.PositiveIntegerField(default=0)  # finished items of the team the forecast rests on
    trials = models.PositiveIntegerField(default=0)
    seed = models.BigIntegerField(default=0)
    version = models.PositiveSmallIntegerField()
    reason = models.TextField(blank=True)
    # How the organisation's own record moved it, in standard units; null where nothing was corrected.
    shift = models.FloatField(null=True, blank=True)
    scale = models.FloatField(null=True, blank=True)
    learnt_from = models.PositiveIntegerField(default=0)  # outcomes the correction rests on
    drivers = models.JSONField(default=dict, blank=True)  # why the chance is what it is: delivery.core.drivers

    class Meta:
        ordering = ["deliverable", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "day"], name="forecast_once_a_day"),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gt=0, chance__lt=1), name="forecast_chance_in_0_1"
            ),
            models.CheckConstraint(
                condition=Q(chance__isnull=False) | ~Q(reason="") | Q(target__isnull=True), name="forecast_or_reason"
            ),
        ]
        indexes = [models.Index(fields=["-day", "-id"], name="forecast_recent")]

    def __str__(self) -> str:
        return f"{self.deliverable} as of {self.day}"


class ForecastOutcome(models.Model):
    """What a forecast would have said at a fixed age of a deliverable, uncorrected, and what became of it.

    ``quantiles`` are those of ``Forecast``. ``finished`` and ``pit`` (where that fell in the forecast, 0-1) are null
    while the deliverable is open, and for ever when it is dropped. The accuracy of what was really shown is a matter of
    ``Forecast``; these rows are what the calibration learns from (FORECAST.md 3.4).
    """

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="outcomes")
    age = models.PositiveSmallIntegerField()  # weeks since it began
    day = models.DateField()
    quantiles = ArrayField(models.FloatField(null=True))
    open_items = models.PositiveIntegerField()
    started = models.PositiveIntegerField()  # of the open items
    finished = models.DateField(null=True, blank=True)
    pit = models.FloatField(null=True, blank=True)
    version = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["deliverable", "age"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "age"], name="outcome_once_an_age"),
            models.CheckConstraint(condition=Q(pit__isnull=True) | Q(pit__gt=0, pit__lt=1), name="outcome_pit_in_0_1"),
            models.CheckConstraint(
                condition=Q(pit__isnull=True, finished__isnull=True) | Q(pit__isnull=False, finished__gt=F("day")),
                name="outcome_pit_of_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} at {self.age} weeks"


class TeamOutlook(models.Model):
    """What the simulation was given of a team and of each of its open deliverables on a day: delivery.core.kept.

    A forecast can be made again from it, and again with something changed, without reading any history.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="outlooks")
    day = models.DateField()
    made = models.DateTimeField()
    inputs = models.JSONField()
    version = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["team", "-day"]
        constraints = [models.UniqueConstraint(fields=["team", "day"], name="outlook_once_a_day")]

    def __str__(self) -> str:
        return f"{self.team} as of {self.day}"


class GoalForecast(models.Model):
    """The joint chance, in the same simulated futures, that everything a goal rests on is done by the goal's end.

    ``deliverables`` counts what it rests on, ``unknown`` those of them without a forecast; null chance with a reason.
    """

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="forecasts")
    day = models.DateField()
    made = models.DateTimeField()
    hindcast = models.BooleanField(default=False)
    chance = models.FloatField(null=True, blank=True)
    p50 = models.DateField(null=True, blank=True)
    p85 = models.DateField(null=True, blank=True)
    deliverables = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["goal", "-day"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "day"], name="goal_forecast_once_a_day"),
            models.CheckConstraint(
                condition=Q(chance__isnull=True) | Q(chance__gt=0, chance__lt=1), name="goal_chance_in_0_1"
            ),
            models.CheckConstraint(condition=Q(chance__isnull=False) | ~Q(reason=""), name="goal_chance_or_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.goal} as of {self.day}"
