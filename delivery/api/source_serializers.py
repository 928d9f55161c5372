"""Sources and their runs as the API says them: freshness to everybody, the rest to who manages them."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from delivery.access import can_manage_sources
from delivery.models import Source, SourceSlice, SyncRun

RESERVED = "Null unless you manage sources."


class _PartlyReserved:
    """Fields in ``reserved`` are null for everybody who does not manage sources."""

    reserved: ClassVar[tuple[str, ...]] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        said: dict[str, Any] = super().to_representation(instance)  # type: ignore[misc]
        if not can_manage_sources(self.context["request"].user):  # type: ignore[attr-defined]
            said |= dict.fromkeys(self.reserved)
        return said


class SliceSerializer(serializers.ModelSerializer[SourceSlice]):
    """A part of a source. ``missing`` things of it could not be read; ``counted`` is its last census, of ``count``.
    ``alarm`` is a sentence while the token sees much less than before."""

    missing = serializers.IntegerField(source="lacking", read_only=True)

    class Meta:
        model = SourceSlice
        fields = (
            *("kind", "scope", "last_success", "error", "error_kind", "not_before"),
            *("missing", "alarm", "counted", "count"),
        )


class SourceSerializer(_PartlyReserved, serializers.ModelSerializer[Source]):
    """``fresh_to``: all of it was read at least once since; null until every part was read. ``failing``: some part is.

    ``missing`` things could not be read, so numbers that rest on them lack them; ``alarmed``: the token sees much less of
    some part than before. History before ``backfill_from`` is not read; null: all of it is.
    """

    reserved = ("url", "deployment", "email", "scopes", "account", "version", "errors", "lacks", "slices")

    fresh_to = serializers.SerializerMethodField()
    failing = serializers.BooleanField(source="failing_slices", read_only=True)
    url = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    deployment = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    email = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True, help_text=RESERVED)
    account = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    version = serializers.CharField(read_only=True, allow_null=True, help_text=RESERVED)
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]
    missing = serializers.SerializerMethodField()
    alarmed = serializers.SerializerMethodField()
    lacks = serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True, help_text=RESERVED)
    slices = SliceSerializer(many=True, read_only=True, allow_null=True, help_text=RESERVED)

    class Meta:
        model = Source
        fields = (
            *("id", "name", "kind", "paused", "disconnected", "created", "fresh_to", "failing"),
            *("missing", "alarmed", "backfill_from"),
            *("url", "deployment", "email", "scopes", "account", "version", "errors", "lacks", "slices"),
        )

    def get_fresh_to(self, source: Source) -> str | None:
        slices = [one.last_success for one in source.slices.all()]
        if not slices or None in slices:
            return None
        return serializers.DateTimeField().to_representation(min(one for one in slices if one))

    def get_missing(self, source: Source) -> int:
        return sum(part.lacking for part in source.slices.all())  # type: ignore[attr-defined]

    def get_alarmed(self, source: Source) -> bool:
        return any(part.alarm for part in source.slices.all())

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
