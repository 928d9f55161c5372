"""The schema is whole, and the API keeps to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import close_old_connections
from hypothesis import HealthCheck
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.world import LISTS, World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_schema_is_valid_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


WRITES = {
    "/api/v1/actions/": {"post"},
    "/api/v1/actions/{id}/": {"patch"},
    "/api/v1/bets/": {"post"},
    "/api/v1/bets/{id}/": {"patch"},
    "/api/v1/bets/{id}/decide/": {"post"},
    "/api/v1/risks/": {"post"},
    "/api/v1/risks/{id}/": {"patch"},
    "/api/v1/scenarios/try/": {"post"},
    "/api/v1/commitments/": {"post"},
    "/api/v1/commitments/{id}/correct/": {"post"},
    "/api/v1/check-ins/": {"post"},
    "/api/v1/key-results/": {"post"},
    "/api/v1/key-results/{id}/": {"patch", "delete"},
} | {
    f"/api/v1/{path}/{more}": {method}
    for path in ("goals", "deliverables", "teams", "memberships", "people")
    for more, method in (("", "post"), ("{id}/", "patch"))
}


def test_the_schema_names_every_list_and_what_can_be_written(world: World) -> None:
    answer = world.client("engineer").get("/api/schema/", {"format": "json"})
    paths = answer.json()["paths"]
    assert {f"/api/v1/{path}/" for path in LISTS} <= set(paths)
    for path, methods in paths.items():
        assert set(methods) - {"get", "parameters"} == WRITES.get(path, set()), path


def test_the_documentation_has_no_inline_script(world: World) -> None:
    client = APIClient()
    client.force_login(world.people["engineer"])
    page = client.get("/api/docs/").content.decode()
    assert "swagger-ui" in page
    assert "<script>" not in page
    assert client.get("/api/docs/", {"script": ""}).status_code == 200


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests keep the test's own connection, as Django's test client does."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def api_schema(world: World, one_connection: None) -> Any:
    headers = {"Authorization": f"Token {Token.objects.create(user=world.people['director']).key}"}
    found = schemathesis.openapi.from_wsgi("/api/schema/?format=json", WSGIHandler(), headers=headers)
    found.config.update(headers=headers)
    return found


def test_the_root_is_as_the_schema_says(api_schema: Any) -> None:
    api_schema["/api/v1/"]["GET"].Case().call_and_validate(checks=CHECKS)


@pytest.mark.parametrize("path", LISTS)
def test_rows_are_as_the_schema_says(path: str, world: World, api_schema: Any) -> None:
    api_schema[f"/api/v1/{path}/"]["GET"].Case().call_and_validate(checks=CHECKS)
    row = world.get("director", path)["results"][0]
    detail = api_schema[f"/api/v1/{path}/{{id}}/"]["GET"]
    detail.Case(path_parameters={"id": row["id"]}).call_and_validate(checks=CHECKS)


def test_whatever_is_asked_the_answer_is_as_the_schema_says(api_schema: Any) -> None:
    checked = [_ask(found.ok()) for found in api_schema.get_all_operations()]
    assert len(checked) == 2 * len(LISTS) + 3 + sum(map(len, WRITES.values()))  # and the root, accuracy and slips


def _ask(operation: Any) -> str:
    @hypothesis.settings(
        max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy())
    def answers_as_said(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    answers_as_said()
    return str(operation.label)
