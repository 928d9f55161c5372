"""What happened to the work and the code, and where it was read from; to read."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from delivery import access, freshness
from delivery.api import source_serializers, work_serializers
from delivery.api import work_filters as filters
from delivery.models import (
    Deployment,
    Incident,
    PullRequest,
    Review,
    Source,
    SourceSlice,
    Sprint,
    SyncRun,
    WorkItem,
)
from people.reading import Reading


class WorkItems(Reading[WorkItem]):
    """Jira issues and GitHub issues with their status history, newest first."""

    queryset = WorkItem.objects.none()
    serializer_class = work_serializers.WorkItemSerializer
    filterset_class = filters.WorkItemFilters
    ordering = ("-created", "-id")

    def get_queryset(self) -> QuerySet[WorkItem]:
        rows = access.visible_work_items(self.request.user).select_related("source", "assignee__person")
        return rows.prefetch_related("transitions")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The serializer, knowing the names of the sprints of its items."""
        rows = args[0] if args else []
        context = {**kwargs.pop("context", self.get_serializer_context()), **_sprints(rows)}
        return super().get_serializer(*args, **kwargs, context=context)


def _sprints(rows: Any) -> dict[str, dict[tuple[int, str], str]]:
    items = rows if isinstance(rows, list) else [rows]
    ids = {sprint for item in items for sprint in item.sprints}
    found = Sprint.objects.filter(source__in={item.source_id for item in items}, native_id__in=ids)
    return {"sprints": {(source, pk): name for source, pk, name in found.values_list("source_id", "native_id", "name")}}


class PullRequests(Reading[PullRequest]):
    """Pull requests with the instants their stages derive from, newest first."""

    queryset = PullRequest.objects.none()
    serializer_class = work_serializers.PullRequestSerializer
    filterset_class = filters.PullRequestFilters
    ordering = ("-created", "-id")

    def get_queryset(self) -> QuerySet[PullRequest]:
        rows = access.visible_pull_requests(self.request.user)
        reviews = Prefetch("reviews", Review.objects.select_related("author__person").order_by("submitted"))
        return rows.select_related("repository__source", "author__person").prefetch_related(reviews)


class Reviews(Reading[Review]):
    """Reviews of pull requests."""

    queryset = Review.objects.none()
    serializer_class = work_serializers.ReviewSerializer
    filterset_class = filters.ReviewFilters

    def get_queryset(self) -> QuerySet[Review]:
        rows = access.visible_reviews(self.request.user)
        return rows.select_related("pull_request__repository", "author__person")


class Deployments(Reading[Deployment]):
    """Deployments, newest first."""

    queryset = Deployment.objects.none()
    serializer_class = work_serializers.DeploymentSerializer
    filterset_class = filters.DeploymentFilters
    ordering = ("-created", "-id")

    def get_queryset(self) -> QuerySet[Deployment]:
        return access.visible_deployments(self.request.user).select_related("repository__source")


class Incidents(Reading[Incident]):
    """Incidents and the deployments that, as far as known, caused them; newest first."""

    queryset = Incident.objects.none()
    serializer_class = work_serializers.IncidentSerializer
    filterset_class = filters.IncidentFilters
    ordering = ("-opened", "-id")

    def get_queryset(self) -> QuerySet[Incident]:
        return access.visible_incidents(self.request.user).select_related("item__source")


class Sources(Reading[Source]):
    """Connections and how fresh they are; addresses and errors for who manages them."""

    queryset = Source.objects.none()
    serializer_class = source_serializers.SourceSerializer
    filterset_class = filters.SourceFilters

    def get_queryset(self) -> QuerySet[Source]:
        failing = SourceSlice.objects.filter(source=OuterRef("pk")).exclude(error="")
        rows = access.visible_sources(self.request.user).annotate(failing_slices=Exists(failing))
        return rows.prefetch_related(Prefetch("slices", freshness.counted()))


class SyncRuns(Reading[SyncRun]):
    """Readings of sources, newest first; their detail for who manages them."""

    queryset = SyncRun.objects.none()
    serializer_class = source_serializers.SyncRunSerializer
    filterset_class = filters.SyncRunFilters
    ordering = ("-started", "-id")

    def get_queryset(self) -> QuerySet[SyncRun]:
        return access.visible_sync_runs(self.request.user).select_related("source", "slice")
