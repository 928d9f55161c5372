"""What the API says of what a source lacks."""

from __future__ import annotations

import pytest
from django.utils import timezone

from delivery.models import Missing, SourceSlice
from tests.api.world import World

pytestmark = pytest.mark.django_db


def test_everybody_sees_how_much_is_missing_and_who_manages_sources_sees_where(world: World) -> None:
    part = SourceSlice.objects.filter(source__kind="jira").order_by("pk")[0]
    SourceSlice.objects.filter(pk=part.pk).update(alarm="The token sees 4 of 100 items.", count=100)
    Missing.objects.create(slice=part, what="ABC-1", why="It has no status.", since=timezone.now())
    for role in ("admin", "engineer"):
        row = next(one for one in world.get(role, "sources")["results"] if one["id"] == part.source_id)
        assert (row["missing"], row["alarmed"], row["backfill_from"], row["disconnected"]) == (1, True, None, None)
    assert row["slices"] is None
    shown = next(one for one in world.get("admin", "sources")["results"] if one["id"] == part.source_id)
    told = next(one for one in shown["slices"] if one["missing"])
    assert (told["kind"], told["scope"], told["count"]) == (part.kind, part.scope, 100)
    assert told["alarm"] == "The token sees 4 of 100 items."
