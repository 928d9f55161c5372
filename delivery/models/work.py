"""What happened to the work: items, their transitions and changes, sprints."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from delivery.models.source import Source
from people.models import Account
from teams.models import Team


class Stage(models.TextChoices):
    """What a status means for flow. *Doing* is active or waiting; done and dropped are ends."""

    TODO = "todo", "To do"
    ACTIVE = "active", "In progress"
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class Kind(models.TextChoices):
    """What sort of work an item is, read from the source's type."""

    FEATURE = "feature", "Feature"
    BUG = "bug", "Bug"
    CHORE = "chore", "Chore"
    EXPERIMENT = "experiment", "Experiment"
    INCIDENT = "incident", "Incident"
    EPIC = "epic", "Epic"


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    def countable(self) -> WorkItemQuerySet:
        """Items that numbers are about: not deleted, no epics or sub-tasks (they would count twice)."""
        return self.filter(deleted__isnull=True, level=0)

    def of_team(self, team: Team) -> WorkItemQuerySet:
        """Items in the projects that are ``team``'s."""
        scope = Q(pk__in=[])
        for source_id, project in team.scopes.values_list("source_id", "scope"):  # type: ignore[attr-defined]
            scope |= Q(source_id=source_id, project=project)
        return self.filter(scope)

    def open_at(self, at: datetime) -> WorkItemQuerySet:
        """Items that existed at ``at`` and had not ended, by today's history."""
        return self.filter(created__lte=at).filter(Q(ended__isnull=True) | Q(ended__gt=at))


class WorkItem(models.Model):
    """A Jira issue or GitHub issue. ``status`` and ``type`` are the source's words, ``stage`` and ``kind`` ours.

    ``started`` and ``finished`` are derived from the transitions by ``delivery.stages`` under the version named in
    ``stage_version``; ``ended`` is ``finished``, or when it was dropped. Identified by (source, native_id): keys move.
    """

    # db_index=False on a foreign key: another index or the constraint begins with it, or nothing looks from that side.
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="items", db_index=False)
    native_id = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    project = models.CharField(max_length=200)
    title = models.TextField()
    type = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind)
    guessed_kind = models.CharField(max_length=12, blank=True, db_default="")  # what it is where no KindRule fits
    level = models.SmallIntegerField(default=0)
    status_id = models.CharField(max_length=80)
    status = models.CharField(max_length=120)
    status_category = models.CharField(max_length=20, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.TODO)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    resolved = models.DateTimeField(null=True, blank=True)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    ended = models.DateTimeField(null=True, blank=True)
    stage_version = models.SmallIntegerField(default=0)
    reporter = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="reported", db_index=False
    )
    assignee = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned")
    story_points = models.FloatField(null=True, blank=True)
    parent_key = models.CharField(max_length=80, blank=True)
    labels = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    components = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    fix_versions = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    sprints = ArrayField(models.CharField(max_length=60), default=list, blank=True)  # native ids, oldest first
    flagged = models.BooleanField(default=False)
    blocked_by = ArrayField(models.CharField(max_length=80), default=list, blank=True)  # keys
    url = models.CharField(max_length=500, blank=True)
    deleted = models.DateTimeField(null=True, blank=True)
    absent = models.DateTimeField(null=True, blank=True)  # a census missed it first; a second one decides (J16)

    objects: ClassVar[models.Manager[WorkItem]] = WorkItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["source", "key"]
        constraints = [models.UniqueConstraint(fields=["source", "native_id"], name="work_item_once")]
        indexes = [
            models.Index(fields=["source", "project", "finished"], name="work_item_finished"),
            models.Index(fields=["source", "project", "created"], name="work_item_arrived"),
            models.Index(fields=["source", "key"], name="work_item_key"),
            models.Index(fields=["source", "parent_key"], name="work_item_parent"),
            models.Index(fields=["-created", "-id"], name="work_item_recent"),
            GinIndex(fields=["labels"], name="work_item_labels"),
            GinIndex(fields=["fix_versions"], name="work_item_fix_versions"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"


class Transition(models.Model):
    """A change of an item's status, in the source's own words."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="transitions", db_index=False)
    native_id = models.CharField(max_length=60)
    at = models.DateTimeField()
    from_id = models.CharField(max_length=80, blank=True)
    from_name = models.CharField(max_length=120, blank=True)
    to_id = models.CharField(max_length=80, blank=True)
    to_name = models.CharField(max_length=120, blank=True)
    author = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["item", "at", "id"]
        constraints = [models.UniqueConstraint(fields=["item", "native_id"], name="transition_once")]

    def __str__(self) -> str:
        return f"{self.from_name} → {self.to_name}"


class FieldChange(models.Model):
    """A change of sprint, parent, flag, key or points: what scope growth, say/do and blocked time rest on."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="changes", db_index=False)
    native_id = models.CharField(max_length=60)
    at = models.DateTimeField()
    field = models.CharField(max_length=20)
    from_value = models.TextField(blank=True)
    to_value = models.TextField(blank=True)

    class Meta:
        ordering = ["item", "at", "id"]
        constraints = [models.UniqueConstraint(fields=["item", "native_id"], name="field_change_once")]

    def __str__(self) -> str:
        return f"{self.field}: {self.from_value} → {self.to_value}"


class Sprint(models.Model):
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="sprints")
    native_id = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    state = models.CharField(max_length=20)  # future, active, closed
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    completed = models.DateTimeField(null=True, blank=True)
    goal = models.TextField(blank=True)
    boards = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True)  # native ids
    parts_of = models.CharField(max_length=80, blank=True, default="", db_default="")  # dates its parts were made for

    class Meta:
        ordering = ["source", "-start", "native_id"]
        constraints = [models.UniqueConstraint(fields=["source", "native_id"], name="sprint_once")]

    def __str__(self) -> str:
        return self.name


class SprintItem(models.Model):
    """An item's part in a sprint, from the changelog: what was in it when it began is its commitment (say/do).

    ``committed``: it was in the sprint at its start. ``added`` and ``removed`` are instants after the start.
    ``points`` are those at the start, or at the adding; once the sprint began they stay as they were first seen.
    """

    sprint = models.ForeignKey(Sprint, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="sprint_parts")
    committed = models.BooleanField()
    added = models.DateTimeField(null=True, blank=True)
    removed = models.DateTimeField(null=True, blank=True)
    points = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["sprint", "item"]
        constraints = [models.UniqueConstraint(fields=["sprint", "item"], name="sprint_item_once")]

    def __str__(self) -> str:
        return f"{self.item} in {self.sprint}"


class Board(models.Model):
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="boards")
    native_id = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    project = models.CharField(max_length=200)

    class Meta:
        ordering = ["source", "name", "native_id"]
        constraints = [models.UniqueConstraint(fields=["source", "native_id"], name="board_once")]

    def __str__(self) -> str:
        return self.name


class KeyAlias(models.Model):
    """A key an item had before it moved or its project was renamed (J15): branches and plans still name it."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="key_aliases")
    key = models.CharField(max_length=80)
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        ordering = ["source", "key"]
        verbose_name_plural = "key aliases"
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="key_alias_once")]

    def __str__(self) -> str:
        return self.key


class Worklog(models.Model):
    """Time written down on an item, read only where an administrator asked for it. Never shown by person."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="worklogs")
    native_id = models.CharField(max_length=60)
    author = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    started = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    updated = models.DateTimeField()

    class Meta:
        ordering = ["item", "started", "id"]
        constraints = [models.UniqueConstraint(fields=["item", "native_id"], name="worklog_once")]

    def __str__(self) -> str:
        return f"{self.seconds} s on {self.item}"
