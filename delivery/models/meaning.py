"""What a source's own words mean here: statuses, types, environments. Rows, so that a person may say otherwise."""

from __future__ import annotations

from django.db import models

from delivery.models.source import Source
from delivery.models.work import Kind, Stage


class StageMapping(models.Model):
    """Which stage a status of a source means; ``guessed`` until a person said so.

    ``project``: in this one alone, always a person's word; empty for the whole source.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="stage_mappings")
    status_id = models.CharField(max_length=80)
    status = models.CharField(max_length=120)
    category = models.CharField(max_length=20, blank=True)
    stage = models.CharField(max_length=10, choices=Stage)
    guessed = models.BooleanField(default=True)
    project = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        ordering = ["source", "status", "project"]
        constraints = [models.UniqueConstraint(fields=["source", "project", "status_id"], name="stage_mapping_once")]

    def __str__(self) -> str:
        return f"{self.status} means {self.get_stage_display()}"


class KindRule(models.Model):
    """Which items are bugs, upkeep, experiments or incidents: a person's rule, before any guess from names.

    The first rule by ``position`` whose ``pattern`` (``*`` stands for anything, case does not matter) fits decides.
    """

    class Field(models.TextChoices):
        TYPE = "type", "Type"
        LABEL = "label", "Label"
        COMPONENT = "component", "Component"
        TITLE = "title", "Title"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="kind_rules")
    scope = models.CharField(max_length=200, blank=True)  # a project or repository; "" = all of the source
    position = models.PositiveSmallIntegerField(default=0)
    field = models.CharField(max_length=10, choices=Field)
    pattern = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        ordering = ["source", "position", "id"]

    def __str__(self) -> str:
        return f"{self.get_field_display()} {self.pattern} is {self.get_kind_display()}"


class DeploymentRule(models.Model):
    """What counts as a deployment to production, in one repository (``scope``) or in all of a source (empty).

    ``pattern`` is about the environment's, release's, tag's or workflow's name. A repository with rules of its own
    follows these alone. Without any rule, environments whose names say production count (meanings.is_production).
    """

    class What(models.TextChoices):
        DEPLOYMENT = "deployment", "A deployment to an environment"
        RELEASE = "release", "A release"
        TAG = "tag", "A tag"
        WORKFLOW = "workflow", "A successful workflow run"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="deployment_rules")
    scope = models.CharField(max_length=200, blank=True)
    what = models.CharField(max_length=12, choices=What)
    pattern = models.CharField(max_length=200)
    prereleases = models.BooleanField(default=False)

    class Meta:
        ordering = ["source", "scope", "what", "pattern"]
        constraints = [
            models.UniqueConstraint(fields=["source", "scope", "what", "pattern"], name="deployment_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.pattern}"
