"""Digests that were told through the API: one's own, and everybody's for a director."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from dashboards.models import DigestIssue, Subscription
from tests.api.world import World
from tests.builders import TODAY
from tests.dashboards.conftest import NOW
from tests.dashboards.digest_rows import WEEK, issue, message, subscribed

pytestmark = pytest.mark.django_db
PATH = "digest-issues"
LAST = "2026-W47"


@pytest.fixture
def told(world: World) -> dict[str, DigestIssue]:
    """The engineer was told twice, the executive once, an address once; another week of the engineer waits."""
    Subscription.objects.all().delete()
    row = subscribed(world.people["engineer"])
    before = TODAY - timedelta(weeks=1)
    made = {
        "now": issue(row),
        "before": issue(row, before, NOW - timedelta(weeks=1), useful=True),
        "executive": issue(subscribed(world.people["executive"]), useful=False),
        "address": issue(subscribed(None, "board@example.test", name="The board")),
    }
    DigestIssue.objects.create(subscription=row, week="2026-W49", day=TODAY + timedelta(weeks=1))
    message(row, "sent", issue=made["now"])
    message(row, "failed", issue=made["now"], channel="chat")
    return made


def ids(world: World, role: str, **query: Any) -> set[int]:
    return set(world.names(role, PATH, "id", **query))


def test_it_is_ones_own_and_a_director_sees_all(world: World, told: dict[str, DigestIssue]) -> None:
    of_engineer = {told["now"].pk, told["before"].pk}
    everything = {one.pk for one in told.values()}
    seen = {"engineer": of_engineer, "executive": {told["executive"].pk}, "director": everything}
    for role in ("director", "manager", "lead", "engineer", "executive", "admin", "stranger"):
        assert ids(world, role) == seen.get(role, set()), role
        for one in told.values():
            status = world.client(role).get(f"/api/v1/{PATH}/{one.pk}/").status_code
            assert (status == 200) is (one.pk in seen.get(role, set()))


def test_it_says_what_was_told_and_what_became_of_it(world: World, told: dict[str, DigestIssue]) -> None:
    row = world.client("engineer").get(f"/api/v1/{PATH}/{told['now'].pk}/").json()
    told["now"].refresh_from_db()
    assert row.pop("content") == told["now"].content
    assert row == {
        "id": told["now"].pk,
        "week": WEEK,
        "day": TODAY.isoformat(),
        "reader": world.people["engineer"].email,
        "subject": told["now"].subject,
        "composed": "2026-11-23T09:00:00Z",
        "useful": None,
        "states": {"mail": "sent", "chat": "failed"},
    }


def test_it_is_narrowed(world: World, told: dict[str, DigestIssue]) -> None:
    assert ids(world, "engineer", week=LAST) == {told["before"].pk}
    assert ids(world, "director", useful="true") == {told["before"].pk}
    assert ids(world, "director", useful="false") == {told["executive"].pk}
    assert ids(world, "director", reader=told["address"].subscription_id) == {told["address"].pk}
    assert ids(world, "engineer", reader=told["address"].subscription_id) == set()
    assert ids(world, "director", week="2020-W01") == set()


@pytest.mark.parametrize("asked", [{"reader": "x"}, {"week": "\0"}])
def test_what_cannot_be_asked_is_a_problem(world: World, told: dict[str, DigestIssue], asked: dict[str, str]) -> None:
    answer = world.client("director").get(f"/api/v1/{PATH}/", asked)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert list(asked) == list(answer.json()["errors"])


@pytest.mark.parametrize("reader", ["99999999999999999999", "1.5", "-1"])
def test_a_reader_that_cannot_be_is_nobody(world: World, told: dict[str, DigestIssue], reader: str) -> None:
    answer = world.client("director").get(f"/api/v1/{PATH}/", {"reader": reader})
    assert answer.status_code in (200, 400)
    assert not answer.json().get("results")


def test_what_is_not_there_or_not_for_one_is_a_problem(world: World, told: dict[str, DigestIssue]) -> None:
    answer = world.client("lead").get(f"/api/v1/{PATH}/{told['now'].pk}/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert APIClient().get(f"/api/v1/{PATH}/").status_code == 401


def test_more_digests_make_no_more_queries(world: World, told: dict[str, DigestIssue]) -> None:
    def queries() -> int:
        client = world.client("director")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/api/v1/{PATH}/").status_code == 200
        return len(asked)

    before = queries()
    for name in ("lead", "manager", "member"):
        row = subscribed(world.people[name])
        message(row, issue=issue(row))
    assert queries() == before
