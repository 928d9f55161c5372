"""Deriving a whole source does not walk through all for each, also when the planner knows nothing of it yet."""

from __future__ import annotations

import pytest
from django.db import connection

from delivery import mappings, stages
from delivery.models import Source, Transition, WorkItem
from delivery.store import statuses
from tests import builders
from tests.delivery import facts
from tests.delivery.facts import day

pytestmark = pytest.mark.django_db
ITEMS = 2_500
PATIENCE = "20s"  # of the database for one statement: walking through all for each takes longer, and many times that at full size


def unknown_to_the_planner() -> Source:
    """A source that came after the tables were last looked at, when they were empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE delivery_workitem, delivery_transition, delivery_stagemapping")
    source = builders.source()
    statuses.store(source, facts.STATUSES.values())
    words = {
        "type": "Story",
        "kind": "feature",
        "status_id": "5",
        "status": "Done",
        "created": day(0),
        "updated": day(0),
    }
    items = WorkItem.objects.bulk_create(
        WorkItem(source=source, native_id=str(number), key=f"ABC-{number}", project="ABC", title="x", **words)
        for number in range(ITEMS)
    )
    Transition.objects.bulk_create(
        Transition(item=item, native_id=move.native_id, at=move.at, from_id=move.from_id, to_id=move.to_id)
        for item in items
        for move in facts.path("To Do", 1, "In Progress", 2, "In Review", 3, "In Progress", 4, "Done")
    )
    return source


def test_a_source_of_which_the_planner_knows_nothing_is_derived_before_the_database_gives_up() -> None:
    source = unknown_to_the_planner()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{PATIENCE}'")
    assert stages.restage(source) == ITEMS
    told = mappings.preview(source, [mappings.Change("4", "active")], at=day(10))
    assert told.items == ITEMS
