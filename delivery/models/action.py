"""What we do about it: scenarios that were tried, proposed and decided; actions with the effect expected and measured."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from delivery.models.forecast import Forecast
from delivery.models.plan import Deliverable
from delivery.models.risk import Risk
from people.models import Person


class Scenario(models.Model):
    """A what-if that somebody kept: its levers, and what they would do as it looked on ``day``.

    ``outcome``: for each deliverable that it moves, chances and dates now and then (delivery.core.what_if). A proposal
    is decided once; ``forecast`` is the forecast that was attached when it was proposed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Needs a decision"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(max_length=200)
    levers = models.JSONField()
    day = models.DateField()
    outcome = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="scenarios")
    note = models.TextField(blank=True)
    proposed_to = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals")
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    forecast = models.ForeignKey(Forecast, null=True, blank=True, on_delete=models.SET_NULL, related_name="scenarios")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "-id"]
        constraints = [
            models.CheckConstraint(
                name="scenario_decided_when_it_says_so",
                condition=Q(state__in=("accepted", "declined"), decided_at__isnull=False)
                | ~Q(state__in=("accepted", "declined")) & Q(decided_at__isnull=True),
            ),
            models.CheckConstraint(
                name="scenario_proposed_when_it_says_so",
                condition=Q(proposed_at__isnull=False) | Q(state__in=("draft", "withdrawn")),
            ),
        ]
        indexes = [models.Index(fields=["state", "proposed_to"], name="scenario_waiting")]

    def __str__(self) -> str:
        return self.name


class Action(models.Model):
    """What someone does about a risk or a deliverable, by when.

    ``expected``: by how much the chance of missing was to fall when it was chosen (0.14 is 14 points), frozen then.
    ``measured``: by how much it did, with the spread of what such spans bring anyway (80 % of ``compared`` deliverables
    without an action); null until its due date is past, or for ever with the reason in ``unknown``. ``version`` grows
    with every change, so that two who change it at once notice.
    """

    class Kind(models.TextChoices):
        REMOVE_SCOPE = "remove_scope", "Leave work for later"
        MOVE_DATE = "move_date", "Move the date"
        ADD_PEOPLE = "add_people", "Add or lend people"
        PUT_FIRST = "put_first", "Change the order of work"
        UNBLOCK = "unblock", "Clear what is blocked"
        DROP_DEPENDENCY = "drop_dependency", "Do without another deliverable"
        HIRE = "hire", "Fill an open role"
        REVIEW = "review", "Shorten the wait for reviews"
        DECIDE = "decide", "Get a decision"
        OTHER = "other", "Something else"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        STARTED = "started", "Started"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    deliverable = models.ForeignKey(
        Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="actions"
    )
    risk = models.ForeignKey(Risk, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    scenario = models.ForeignKey(Scenario, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    title = models.CharField(max_length=200)
    why = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.OTHER)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions")
    due = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    levers = models.JSONField(default=list, blank=True)
    chosen = models.DateField()
    expected = models.FloatField(null=True, blank=True)
    expected_low = models.FloatField(null=True, blank=True)
    expected_high = models.FloatField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True)
    measured = models.FloatField(null=True, blank=True)
    measured_low = models.FloatField(null=True, blank=True)
    measured_high = models.FloatField(null=True, blank=True)
    measured_on = models.DateField(null=True, blank=True)
    compared = models.PositiveSmallIntegerField(default=0)
    unknown = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due", "id"]
        constraints = [
            models.CheckConstraint(
                name="action_about_something", condition=Q(deliverable__isnull=False) | Q(risk__isnull=False)
            ),
            models.CheckConstraint(name="action_due_after_chosen", condition=Q(due__gte=F("chosen"))),
            models.CheckConstraint(
                name="action_ended_when_it_says_so",
                condition=Q(state__in=("done", "dropped"), ended__isnull=False)
                | Q(state__in=("proposed", "started"), ended__isnull=True),
            ),
            models.CheckConstraint(
                name="action_measured_on_a_day",
                condition=Q(measured__isnull=True) | Q(measured_on__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["owner", "state", "due"], name="action_of_owner")]

    def __str__(self) -> str:
        return self.title


class ActionEvent(models.Model):
    """One thing that happened to an action; never changed. ``by`` is null where Headway itself did it."""

    class What(models.TextChoices):
        ADDED = "added", "Added"
        TITLE = "title", "Title"
        OWNER = "owner", "Owner"
        DUE = "due", "Due date"
        STATE = "state", "State"
        NOTE = "note", "Note"
        MEASURED = "measured", "Measured"

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=8, choices=What)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.action}"
