"""What else may say that something went out: releases, tags and workflow runs."""

from __future__ import annotations

from django.db import models

from delivery.models.code import Repository
from people.models import Account


class Release(models.Model):
    """A published release, or a tag without one (``tag_only``; ``published`` is then the tagged commit's instant)."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="releases")
    native_id = models.CharField(max_length=200)
    tag = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    sha = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField()
    published = models.DateTimeField(null=True, blank=True)
    prerelease = models.BooleanField(default=False)
    tag_only = models.BooleanField(default=False)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["repository", "-created"]
        constraints = [models.UniqueConstraint(fields=["repository", "native_id"], name="release_once")]

    def __str__(self) -> str:
        return f"{self.repository} {self.tag}"


class WorkflowRun(models.Model):
    """One attempt of a workflow run (G19)."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="workflow_runs")
    native_id = models.CharField(max_length=60)
    attempt = models.PositiveSmallIntegerField()
    workflow = models.CharField(max_length=255)
    event = models.CharField(max_length=60, blank=True)
    branch = models.CharField(max_length=255, blank=True)
    sha = models.CharField(max_length=64, blank=True)
    actor = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField()
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    conclusion = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["repository", "-created"]
        constraints = [
            models.UniqueConstraint(fields=["repository", "native_id", "attempt"], name="workflow_run_attempt_once")
        ]

    def __str__(self) -> str:
        return f"{self.workflow} at {self.created:%Y-%m-%d %H:%M}"
