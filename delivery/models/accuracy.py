"""The record of how often forecasts come true: the organisation's own backtest, and what recalibration changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from teams.models import Team


class BacktestAnswer(models.Model):
    """A question about a past day ("when will the next ``size`` items be done?"), put to every method, and its scores.

    Written once, when its horizon is over, and made again only where ``version`` is older than the formula. Days; the
    scores are by method in the order of ``delivery.core.backtest.METHODS``. ``outcome`` is clipped at ``horizon``.
    ``reason`` instead of scores where the forecast had too little history.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="backtest_answers")
    day = models.DateField()
    size = models.PositiveSmallIntegerField()
    expected = models.FloatField()
    horizon = models.FloatField()
    outcome = models.FloatField()
    events = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    said = ArrayField(ArrayField(models.FloatField()), default=list, blank=True)  # by method: the chance of each event
    pits = ArrayField(models.FloatField(), default=list, blank=True)
    crps = ArrayField(models.FloatField(), default=list, blank=True)
    log_crps = ArrayField(models.FloatField(), default=list, blank=True)
    widths = ArrayField(models.FloatField(), default=list, blank=True)
    reason = models.TextField(blank=True)
    version = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["team", "day", "size"]
        constraints = [
            models.UniqueConstraint(fields=["team", "day", "size"], name="backtest_asked_once"),
            models.CheckConstraint(condition=Q(outcome__lte=F("horizon")), name="backtest_within_horizon"),
        ]

    def __str__(self) -> str:
        return f"{self.team}: next {self.size} as of {self.day}"


class CalibrationEffect(models.Model):
    """What recalibration changed for a team (null: the organisation), out of sample, as of the last night.

    ``held`` and ``held_raw`` are the shares of ``n`` past forecasts that 50, 80 and 95 % ranges held, corrected by what
    was known on each day, and as they were before correction. ``learnt_from``: outcomes today's correction rests on.
    """

    team = models.OneToOneField(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="calibration_effect"
    )
    day = models.DateField()
    n = models.PositiveIntegerField()
    still_open = models.PositiveIntegerField()
    learnt_from = models.PositiveIntegerField()
    shift = models.FloatField()
    scale = models.FloatField()
    held = ArrayField(models.FloatField(), default=list, blank=True)
    held_raw = ArrayField(models.FloatField(), default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], nulls_distinct=False, name="calibration_effect_once"),
        ]

    def __str__(self) -> str:
        return f"{self.team or 'Organisation'} as of {self.day}"
