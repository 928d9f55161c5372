"""Filters of work items, pull requests, reviews, deployments, incidents, sources and runs."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from delivery.api.filters import SOURCE, before, by_id, is_known, of_team, since, text
from delivery.models import Deployment, Incident, PullRequest, Review, Source, SyncRun, WorkItem
from people.reading import Filters


class WorkItemFilters(Filters):
    team = of_team(source="source", scope="project")
    source = text("source__name", SOURCE)
    project = text("project", "Project key or owner/name")
    key = text("key")
    type = text("type", "The source's word")
    status = text("status", "The source's word")
    parent = text("parent_key", "Key of the parent")
    label = filters.CharFilter(method="labelled")
    deliverable = by_id("scoped_in__deliverable_id")
    created_from, created_before = since("created"), before("created")
    updated_from, updated_before = since("updated"), before("updated")
    completed_from, completed_before = since("finished"), before("finished")

    class Meta:
        model = WorkItem
        fields = ("stage", "kind", "level", "flagged")

    def labelled(self, rows: QuerySet[WorkItem], name: str, value: str) -> QuerySet[WorkItem]:
        return rows.filter(labels__contains=[value])


class PullRequestFilters(Filters):
    team = of_team(source="repository__source", scope="repository__name")
    source = text("repository__source__name", SOURCE)
    repository = text("repository__name", "owner/name")
    key = filters.CharFilter(method="naming", help_text="Key of a work item that it names")
    is_merged = is_known("merged", "Whether it is merged")
    is_closed = is_known("closed", "Whether it is closed, merged or not")
    created_from, created_before = since("created"), before("created")
    updated_from, updated_before = since("updated"), before("updated")
    merged_from, merged_before = since("merged"), before("merged")

    class Meta:
        model = PullRequest
        fields = ("draft",)

    def naming(self, rows: QuerySet[PullRequest], name: str, value: str) -> QuerySet[PullRequest]:
        return rows.filter(keys__contains=[value.upper()])


class ReviewFilters(Filters):
    team = of_team(source="pull_request__repository__source", scope="pull_request__repository__name")
    repository = text("pull_request__repository__name", "owner/name")
    pull_request = by_id("pull_request_id")
    state = text("state", "approved, changes_requested, commented or dismissed")
    submitted_from, submitted_before = since("submitted"), before("submitted")

    class Meta:
        model = Review
        fields = ()


class DeploymentFilters(Filters):
    team = of_team(source="repository__source", scope="repository__name")
    source = text("repository__source__name", SOURCE)
    repository = text("repository__name", "owner/name")
    environment = text("environment")
    state = text("state", "success, failure, error, in_progress or unknown")
    created_from, created_before = since("created"), before("created")
    finished_from, finished_before = since("finished"), before("finished")

    class Meta:
        model = Deployment
        fields = ("production",)


class IncidentFilters(Filters):
    team = of_team(source="item__source", scope="item__project")
    source = text("item__source__name", SOURCE)
    deployment = by_id("deployment_id")
    is_resolved = is_known("resolved", "Whether it is resolved")
    opened_from, opened_before = since("opened"), before("opened")

    class Meta:
        model = Incident
        fields = ("guessed",)


class SourceFilters(Filters):
    class Meta:
        model = Source
        fields = ("kind", "paused")


class SyncRunFilters(Filters):
    source = text("source__name", SOURCE)
    kind = text("slice__kind", "What was read")
    started_from, started_before = since("started"), before("started")

    class Meta:
        model = SyncRun
        fields = ("state",)
