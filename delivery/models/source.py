"""Where the facts come from: sources, their slices, the runs that read them, and how their statuses are read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from teams.models import Team


class SourceKind(models.TextChoices):
    JIRA = "jira", "Jira"
    GITHUB = "github", "GitHub"


class Source(models.Model):
    """A connection to one Jira or GitHub. ``token`` is sealed (delivery.secrets); nothing ever shows it again."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=SourceKind)
    url = models.CharField(max_length=300)
    identity = models.CharField(max_length=300, blank=True)  # which server answers there; "" = from before we asked
    deployment = models.CharField(max_length=20, blank=True)  # jira: cloud, datacenter
    email = models.EmailField(blank=True)
    token = models.TextField()
    scopes = ArrayField(models.CharField(max_length=200), default=list)  # project keys or owner/name
    allow_private = models.BooleanField(default=False)  # the operator's word that a private address is meant
    account = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=60, blank=True)
    paused = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SourceSlice(models.Model):
    """A part of a source that is read, retried and bookmarked on its own.

    ``bookmark``: everything up to here is stored; moved last. While a read is unfinished, ``cursor`` says after
    which page it goes on, ``reading_from`` what it reads from (null: everything), ``reading_began`` when it began,
    which becomes the bookmark once the read is whole.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="slices")
    kind = models.CharField(max_length=20)
    scope = models.CharField(max_length=200)
    bookmark = models.DateTimeField(null=True, blank=True)
    cursor = models.TextField(blank=True)
    reading_from = models.DateTimeField(null=True, blank=True)
    reading_began = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)  # items read so far in the unfinished read
    expected = models.PositiveIntegerField(null=True, blank=True)
    last_success = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    error_kind = models.CharField(max_length=20, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)  # parked by a quota until then
    unsettled = models.BooleanField(default=False)  # links and scopes do not hold yet what it brought

    class Meta:
        ordering = ["source", "kind", "scope"]
        constraints = [models.UniqueConstraint(fields=["source", "kind", "scope"], name="source_slice_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.scope}"


class SyncRun(models.Model):
    """One reading of one slice: what was read, written, deleted, failed, and an error a person can act on."""

    class State(models.TextChoices):
        RUNNING = "running", "Reading"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"  # the process was killed; the next run went on from its last page

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    slice = models.ForeignKey(SourceSlice, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    full = models.BooleanField(default=False)
    since = models.DateTimeField(null=True, blank=True)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)  # new or changed rows of the main kind
    deleted = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # records that could not be stored, each told in ``error``
    requests = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    error_kind = models.CharField(max_length=20, blank=True)
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["-started", "-id"]
        indexes = [
            models.Index(fields=["source", "-started"], name="sync_run_latest"),
            models.Index(fields=["-started", "-id"], name="sync_run_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.slice} at {self.started:%Y-%m-%d %H:%M}"


class Stage(models.TextChoices):
    """What a status means for flow. *Doing* is active or waiting; done and dropped are ends."""

    TODO = "todo", "To do"
    ACTIVE = "active", "In progress"
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class StageMapping(models.Model):
    """Which stage a status of a source means; ``guessed`` until a person said so."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="stage_mappings")
    status_id = models.CharField(max_length=80)
    status = models.CharField(max_length=120)
    category = models.CharField(max_length=20, blank=True)
    stage = models.CharField(max_length=10, choices=Stage)
    guessed = models.BooleanField(default=True)

    class Meta:
        ordering = ["source", "status"]
        constraints = [models.UniqueConstraint(fields=["source", "status_id"], name="stage_mapping_once")]

    def __str__(self) -> str:
        return f"{self.status} means {self.get_stage_display()}"


class TeamScope(models.Model):
    """Which projects and repositories are a team's work. ``scope`` is a project key or owner/name."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="scopes")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="team_scopes")
    scope = models.CharField(max_length=200)

    class Meta:
        ordering = ["team", "source", "scope"]
        constraints = [models.UniqueConstraint(fields=["team", "source", "scope"], name="team_scope_once")]

    def __str__(self) -> str:
        return f"{self.scope} is {self.team}'s"
