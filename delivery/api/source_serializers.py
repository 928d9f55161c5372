"""Sources and their runs as the API says them: freshness to everybody, the rest to who manages them."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from delivery.access import can_manage_sources
from delivery.models import Source, SyncRun

RESERVED = "Null unless you manage sources."


class _PartlyReserved:
    """Fields in ``reserved`` are null for everybody who does not manage sources."""

    reserved: ClassVar[tuple[str, ...]] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(instance)  # type: ignore[misc]
        if not can_manage_sources(self.context["request"].user):  # type: ignore[attr-defined]
            said |= dict.fromkeys(self.reserved)
        return said


class SourceSerializer(_PartlyReserved, serializers.ModelSerializer[Source]):
    """``fresh_to``: all of it was read at least once since; null until every part was read. ``failing``: some part is."""

    reserved = ("url", "deployment", "email", "scopes", "account", "version", "errors")

    fresh_to = serializers.SerializerMethodField()
    failing = serializers.BooleanField(source="failing_slices", read_only=True)
    url = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    deployment = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    email = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True, help_text=RESERVED)
    account = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    version = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]

    class Meta:
        model = Source
        fields = (
            *("id", "name", "kind", "paused", "created", "fresh_to", "failing"),
            *("url", "deployment", "email", "scopes", "account", "version", "errors"),
        )

    def get_fresh_to(self, source: Source) -> str | None:
        slices = [one.last_success for one in source.slices.all()]
        if not slices or None in slices:
            return None
        return serializers.DateTimeField().to_representation(min(one for one in slices if one))

    def get_errors(self, source: Source) -> list[str] | None:
        return [f"{one}: {one.error}" for one in source.slices.all() if one.error]


class SyncRunSerializer(_PartlyReserved, serializers.ModelSerializer[SyncRun]):
    reserved = ("scope", "since", "read", "written", "deleted", "failed", "requests", "error", "error_kind", "detail")

    source = serializers.CharField(source="source.name", read_only=True)  # type: ignore[assignment]
    kind = serializers.CharField(source="slice.kind", read_only=True)
    scope = serializers.CharField(source="slice.scope", read_only=True, allow_null=True, help_text=RESERVED)
    read = serializers.IntegerField(read_only=True, allow_null=True, help_text=RESERVED)
    written = serializers.IntegerField(read_only=True, allow_null=True, help_text=RESERVED)
    deleted = serializers.IntegerField(read_only=True, allow_null=True, help_text=RESERVED)
    failed = serializers.IntegerField(read_only=True, allow_null=True, help_text=RESERVED)
    requests = serializers.IntegerField(read_only=True, allow_null=True, help_text=RESERVED)
    error = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    error_kind = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    detail = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)

    class Meta:
        model = SyncRun
        fields = (
            *("id", "source", "kind", "scope", "state", "full", "since", "started", "finished"),
            *("read", "written", "deleted", "failed", "requests", "error", "error_kind", "detail"),
        )
