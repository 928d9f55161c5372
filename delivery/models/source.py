"""Where the facts come from: sources, their slices, the runs that read them, and how their statuses are read."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from teams.models import Team


class SourceKind(models.TextChoices):
    JIRA = "jira", "Jira"
    GITHUB = "github", "GitHub"


class Auth(models.TextChoices):
    """How Headway signs in at a source."""

    TOKEN = "token", "A token"
    OAUTH = "oauth", "OAuth 2.0"
    APP = "app", "A GitHub App"


class Source(models.Model):
    """A connection to one Jira or GitHub. ``token`` is sealed (delivery.secrets); nothing ever shows it again.

    With OAuth or an App, ``token`` is the access token of this hour, good until ``renew_at``, and ``secret`` (sealed
    JSON) what gets the next one. ``share`` is the most of the source's quota that Headway takes, in per cent.
    ``disconnected``: it is read no more and its token is gone; its data stays, or goes while ``removing``.
    """

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
    auth = models.CharField(max_length=10, choices=Auth, default=Auth.TOKEN)
    secret = models.TextField(blank=True)
    renew_at = models.DateTimeField(null=True, blank=True)
    token_kind = models.CharField(max_length=20, blank=True)
    token_expires = models.DateTimeField(null=True, blank=True)
    lacks = ArrayField(models.TextField(), default=list, blank=True)  # sentences: what the token may not see
    browse = models.CharField(max_length=300, blank=True)  # the address a browser opens; "" = ``url``
    patterns = ArrayField(models.CharField(max_length=200), default=list, blank=True)  # scopes to come: acme/*, DATA*
    backfill_from = models.DateField(null=True, blank=True)  # history before it is not read; null = all of it
    share = models.PositiveSmallIntegerField(default=50)
    story_points_field = models.CharField(max_length=60, blank=True)
    worklogs = models.BooleanField(default=False)
    hook_secret = models.TextField(blank=True)  # sealed; "" = no webhook was set up
    hook_heard = models.DateTimeField(null=True, blank=True)  # the last one whose signature was right
    disconnected = models.DateTimeField(null=True, blank=True)
    removing = models.BooleanField(default=False)
    parts_item = models.BigIntegerField(default=0, db_default=0)  # newest rows that sprint_parts has looked at
    parts_change = models.BigIntegerField(default=0, db_default=0)

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
    counted = models.DateTimeField(null=True, blank=True)  # the last whole census
    count = models.PositiveIntegerField(null=True, blank=True)  # and how many there were
    alarm = models.TextField(blank=True)  # a sentence while the token sees much less than before (J17)

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
        PARTIAL = "partial", "Done in part"  # read to its end, but something could not be read or stored
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


class Missing(models.Model):
    """Something a source has and we do not: what it is, why, since when. Gone once it was read (never by time)."""

    slice = models.ForeignKey(SourceSlice, on_delete=models.CASCADE, related_name="missing")
    what = models.CharField(max_length=200)  # a key, repository#number, or a part of one
    why = models.TextField()
    since = models.DateTimeField()

    class Meta:
        ordering = ["slice", "what"]
        constraints = [models.UniqueConstraint(fields=["slice", "what"], name="missing_once")]

    def __str__(self) -> str:
        return self.what


class HookDelivery(models.Model):
    """A webhook that was sent to us, told apart by the sender's own number: a hint what to read again (J34, G25).

    ``ids`` are native ids (a pull request's number) in the slice of ``kind`` and ``scope``; none: the whole slice.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="hooks")
    delivery = models.CharField(max_length=100)
    event = models.CharField(max_length=80)
    received = models.DateTimeField()
    kind = models.CharField(max_length=20, blank=True)
    scope = models.CharField(max_length=200, blank=True)
    ids = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    done = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-received", "-id"]
        constraints = [models.UniqueConstraint(fields=["source", "delivery"], name="hook_delivery_once")]
        indexes = [models.Index(fields=["source", "done"], name="hook_delivery_open")]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery}"


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
