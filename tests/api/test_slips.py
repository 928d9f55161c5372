"""The slip ledger through the API: what its page says, of one quarter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from rest_framework.test import APIClient

from delivery.models import Commitment
from tests import builders
from tests.api.world import World
from tests.builders import TODAY

pytestmark = pytest.mark.django_db


def test_moves_of_a_quarter_are_counted_by_team_and_cause(world: World) -> None:
    soon = TODAY + timedelta(days=20)
    row = builders.deliverable(world.team, title="Moved", target=soon)
    Commitment.objects.create(
        deliverable=row,
        given=TODAY,
        target=soon + timedelta(days=14),
        cause="scope",
        note="More",
        by=world.people["lead"],
    )
    Commitment.objects.create(deliverable=row, given=date(2020, 2, 1), target=soon - timedelta(days=3))
    before = world.get("director", "slips", team="other")
    found = world.get("engineer", "slips", team=world.team.slug)
    assert found["quarter"] == "2026-Q4"
    assert {"team": world.team.name, "cause": "scope", "moves": 1, "days": 14} in found["ledger"]
    moved = next(one for one in found["moves"] if one["deliverable"] == row.pk and one["cause"] == "scope")
    assert (moved["before"], moved["days"], moved["note"]) == (soon.isoformat(), 14, "More")
    assert moved["by"] == world.people["lead"].name
    assert not before["moves"]
    assert world.get("director", "slips", quarter="2019-Q4")["total"] == {"moves": 0, "days": 0}


@pytest.mark.parametrize(("asked", "field"), [({"quarter": "2026-Q5"}, "quarter"), ({"team": "nobody"}, "team")])
def test_what_does_not_exist_is_said(asked: dict[str, str], field: str, world: World) -> None:
    answer = world.client("director").get("/api/v1/slips/", asked)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_nobody_reads_it_without_a_login(world: World) -> None:
    assert APIClient().get("/api/v1/slips/").status_code == 401
