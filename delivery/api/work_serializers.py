"""Work items, pull requests, reviews, deployments and incidents as the API says them."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from delivery.models import Deployment, Incident, PullRequest, Review, Transition, WorkItem
from people.models import Account


class AccountSerializer(serializers.ModelSerializer[Account]):
    """Who the source says it was; ``person`` where Headway knows whose account it is."""

    name = serializers.SerializerMethodField()
    bot = serializers.BooleanField(source="is_bot", read_only=True)

    class Meta:
        model = Account
        fields = ("name", "person", "bot")

    def get_name(self, account: Account) -> str:
        return account.person.name if account.person else str(account)


class TransitionSerializer(serializers.ModelSerializer[Transition]):
    from_status = serializers.CharField(source="from_name", read_only=True)
    to_status = serializers.CharField(source="to_name", read_only=True)

    class Meta:
        model = Transition
        fields = ("at", "from_status", "to_status")


class WorkItemSerializer(serializers.ModelSerializer[WorkItem]):
    """``type`` and ``status`` are the source's words, ``kind`` and ``stage`` ours. ``completed`` is its last finish."""

    source = serializers.CharField(source="source.name", read_only=True)  # type: ignore[assignment]
    completed = serializers.DateTimeField(source="finished", read_only=True, allow_null=True)
    assignee = AccountSerializer(read_only=True, allow_null=True)
    parent = serializers.CharField(source="parent_key", read_only=True)  # type: ignore[assignment]
    sprints = serializers.SerializerMethodField()
    transitions = TransitionSerializer(many=True, read_only=True)

    class Meta:
        model = WorkItem
        fields = (
            *("id", "key", "source", "project", "title", "type", "kind", "level", "status", "stage"),
            *("created", "updated", "started", "completed", "ended", "assignee", "story_points", "sprints", "parent"),
            *("labels", "components", "fix_versions", "flagged", "blocked_by", "url", "transitions"),
        )

    def get_sprints(self, item: WorkItem) -> list[str]:
        names = self.context.get("sprints", {})
        return [names.get((item.source_id, sprint), sprint) for sprint in item.sprints]


class PullRequestSerializer(serializers.ModelSerializer[PullRequest]):
    """Times are null where they are not known; ``additions`` and ``deletions`` too, never 0."""

    source = serializers.CharField(source="repository.source.name", read_only=True)  # type: ignore[assignment]
    repository = serializers.CharField(source="repository.name", read_only=True)
    author = AccountSerializer(read_only=True, allow_null=True)
    reviewers = serializers.SerializerMethodField()

    class Meta:
        model = PullRequest
        fields = (
            *("id", "number", "repository", "source", "title", "author", "draft", "created", "updated"),
            *("first_commit", "ready", "first_review", "approved", "merged", "closed"),
            *("additions", "deletions", "changed_files", "labels", "keys", "reviewers", "url"),
        )

    @extend_schema_field(AccountSerializer(many=True))
    def get_reviewers(self, request: PullRequest) -> list[dict[str, object]]:
        """Everybody who reviewed it, each once, in order of name."""
        found = {one.author_id: one.author for one in request.reviews.all() if one.author_id != request.author_id}
        said = [AccountSerializer(account).data for account in found.values() if account]
        return sorted(said, key=lambda one: str(one["name"]))


class ReviewSerializer(serializers.ModelSerializer[Review]):
    repository = serializers.CharField(source="pull_request.repository.name", read_only=True)
    number = serializers.IntegerField(source="pull_request.number", read_only=True)
    author = AccountSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Review
        fields = ("id", "pull_request", "repository", "number", "author", "state", "submitted")


class DeploymentSerializer(serializers.ModelSerializer[Deployment]):
    source = serializers.CharField(source="repository.source.name", read_only=True)  # type: ignore[assignment]
    repository = serializers.CharField(source="repository.name", read_only=True)

    class Meta:
        model = Deployment
        fields = (
            *("id", "repository", "source", "environment", "production", "ref", "sha"),
            *("created", "finished", "state", "url"),
        )


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    """``deployment`` caused it, as far as known: ``guessed`` for the ``reason`` given, until a person said so."""

    key = serializers.CharField(source="item.key", read_only=True)
    title = serializers.CharField(source="item.title", read_only=True)
    source = serializers.CharField(source="item.source.name", read_only=True)  # type: ignore[assignment]
    url = serializers.CharField(source="item.url", read_only=True)

    class Meta:
        model = Incident
        fields = (
            *("id", "item", "key", "title", "source", "severity", "opened", "resolved"),
            *("deployment", "reason", "guessed", "url"),
        )
