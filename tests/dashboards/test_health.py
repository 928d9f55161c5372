"""What watches Headway asks: does the process live, and can pages be used."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from redis.exceptions import ConnectionError as RedisGone

from delivery.models import Forecast
from tests import builders
from tests.builders import TODAY, at

pytestmark = pytest.mark.django_db


def ready(client: Client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    body = answer.json()
    assert body["ready"] is (answer.status_code == 200)
    return answer.status_code, body["missing"]


def test_it_lives_without_a_login_and_without_the_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_an_empty_site_is_ready(client: Client) -> None:
    assert ready(client) == (200, [])


def test_with_a_promise_it_waits_for_the_first_forecast(client: Client) -> None:
    promised = builders.deliverable(builders.team(), target=TODAY)
    assert ready(client) == (503, ["The first forecasts are not made yet."])
    Forecast.objects.create(deliverable=promised, day=TODAY, made=at(TODAY), version=1, reason="Too few items.")
    assert ready(client) == (200, [])


def test_what_is_delivered_needs_no_forecast(client: Client) -> None:
    builders.deliverable(builders.team(), delivered=TODAY)
    assert ready(client) == (200, [])


def test_a_database_that_does_not_answer_is_named(client: Client) -> None:
    with patch("dashboards.pages.readiness.MigrationExecutor", side_effect=OperationalError("password=secret")):
        status, missing = ready(client)
    assert (status, missing) == (503, ["The database does not answer."])


def test_migrations_that_wait_are_named(client: Client) -> None:
    with patch("django.db.migrations.executor.MigrationExecutor.migration_plan", return_value=[1, 2]):
        assert ready(client) == (503, ["2 migrations are not applied: run manage.py migrate."])


def test_a_redis_that_does_not_answer_is_named(client: Client) -> None:
    with patch.object(type(cache), "get", side_effect=RedisGone("refused"), create=True):
        status, missing = ready(client)
    assert (status, missing) == (503, ["Redis does not answer."])


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_they_only_answer(client: Client, address: str) -> None:
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405
