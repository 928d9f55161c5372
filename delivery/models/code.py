"""What happened to the code: repositories, pull requests, reviews, commits' facts, deployments, incidents."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from delivery.models.source import Source
from delivery.models.work import WorkItem
from people.models import Account


class Repository(models.Model):
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="repositories")
    native_id = models.CharField(max_length=60)
    name = models.CharField(max_length=200)  # owner/name, as of the last reading
    default_branch = models.CharField(max_length=200, blank=True)
    archived = models.BooleanField(default=False)
    url = models.CharField(max_length=500, blank=True)
    deleted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "repositories"
        constraints = [models.UniqueConstraint(fields=["source", "native_id"], name="repository_once")]

    def __str__(self) -> str:
        return self.name


class PullRequest(models.Model):
    """Six instants are stored (first commit, created, ready, first review, approved, merged); stages derive from them.

    ``first_review`` is by somebody who is neither the author nor a bot. Null is unknown, never 0.
    """

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="pull_requests")
    native_id = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    title = models.TextField()
    branch = models.CharField(max_length=255, blank=True)
    author = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="pull_requests")
    draft = models.BooleanField(default=False)
    created = models.DateTimeField()
    updated = models.DateTimeField()
    first_commit = models.DateTimeField(null=True, blank=True)
    ready = models.DateTimeField(null=True, blank=True)
    first_review = models.DateTimeField(null=True, blank=True)
    approved = models.DateTimeField(null=True, blank=True)
    merged = models.DateTimeField(null=True, blank=True)
    closed = models.DateTimeField(null=True, blank=True)
    merge_sha = models.CharField(max_length=64, blank=True)
    additions = models.PositiveIntegerField(null=True, blank=True)
    deletions = models.PositiveIntegerField(null=True, blank=True)
    changed_files = models.PositiveIntegerField(null=True, blank=True)
    labels = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    requested_reviewers = ArrayField(models.CharField(max_length=200), default=list, blank=True)  # native ids
    keys = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    commits_complete = models.BooleanField(default=True)
    url = models.CharField(max_length=500, blank=True)
    deleted = models.DateTimeField(null=True, blank=True)
    review_requested = models.DateTimeField(null=True, blank=True)
    reopened = models.DateTimeField(null=True, blank=True)
    force_pushes = models.PositiveIntegerField(null=True, blank=True)
    milestone = models.CharField(max_length=255, blank=True, db_default="")
    closes = ArrayField(models.CharField(max_length=220), default=list, db_default=[], blank=True)  # owner/name#number
    items = models.ManyToManyField(WorkItem, through="PullRequestItem", related_name="pull_requests")

    class Meta:
        ordering = ["repository", "-number"]
        constraints = [models.UniqueConstraint(fields=["repository", "number"], name="pull_request_once")]
        indexes = [
            models.Index(fields=["repository", "merged"], name="pull_request_merged"),
            models.Index(fields=["-created", "-id"], name="pull_request_recent"),
            GinIndex(fields=["keys"], name="pull_request_keys"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class PullRequestItem(models.Model):
    """A pull request belongs to a work item: by a key it names, or because a person said so."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="item_links")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="pull_request_links")
    how = models.CharField(max_length=10, default="key")  # key, person

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull_request", "item"], name="pull_request_item_once")]

    def __str__(self) -> str:
        return f"{self.pull_request} for {self.item}"


class Review(models.Model):
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    native_id = models.CharField(max_length=60)
    author = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews")
    state = models.CharField(max_length=20)  # approved, changes_requested, commented, dismissed
    submitted = models.DateTimeField()

    class Meta:
        ordering = ["pull_request", "submitted"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "native_id"], name="review_once")]

    def __str__(self) -> str:
        return f"{self.state} at {self.submitted:%Y-%m-%d}"


class Commit(models.Model):
    """Facts of a commit of a pull request, never its content."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="commits", db_index=False)
    sha = models.CharField(max_length=64)
    author = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="commits")
    authored = models.DateTimeField()
    committed = models.DateTimeField()

    class Meta:
        ordering = ["pull_request", "authored"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "sha"], name="commit_once")]

    def __str__(self) -> str:
        return self.sha[:8]


class Deployment(models.Model):
    """``finished`` is the first terminal status; ``state`` success, failure, error, in_progress or unknown.

    ``origin``: what says so. A release, tag or workflow run becomes one by a DeploymentRule (delivery.deployments).
    """

    class Origin(models.TextChoices):
        DEPLOYMENT = "deployment", "Deployment"
        RELEASE = "release", "Release"
        TAG = "tag", "Tag"
        WORKFLOW = "workflow", "Workflow run"

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="deployments")
    native_id = models.CharField(max_length=60)
    environment = models.CharField(max_length=200)
    production = models.BooleanField(default=False)
    ref = models.CharField(max_length=255, blank=True)
    sha = models.CharField(max_length=64, blank=True)
    creator = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField()
    finished = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=20)
    url = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.DEPLOYMENT, db_default=Origin.DEPLOYMENT)

    class Meta:
        ordering = ["repository", "-created"]
        constraints = [models.UniqueConstraint(fields=["repository", "origin", "native_id"], name="deployment_once")]
        indexes = [
            models.Index(fields=["repository", "production", "finished"], name="deployment_finished"),
            models.Index(fields=["-created", "-id"], name="deployment_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.repository} to {self.environment} at {self.created:%Y-%m-%d}"


class Incident(models.Model):
    """An incident, read from a work item. Its deployment is a guess with its reason, until a person said so."""

    item = models.OneToOneField(WorkItem, on_delete=models.CASCADE, related_name="incident")
    severity = models.CharField(max_length=40, blank=True)
    opened = models.DateTimeField()
    resolved = models.DateTimeField(null=True, blank=True)
    deployment = models.ForeignKey(
        Deployment, null=True, blank=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    reason = models.CharField(max_length=200, blank=True)
    guessed = models.BooleanField(default=True)

    class Meta:
        ordering = ["-opened"]

    def __str__(self) -> str:
        return f"{self.item.key} {self.severity}".strip()
