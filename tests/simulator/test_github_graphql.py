"""GitHub's GraphQL over a real socket: validation, limits, cursors, errors beside data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType

from simulator.github.graphql_api import SCHEMA
from simulator.github.graphql_fields import FIELDS
from simulator.server import Limits
from tests.simulator.pretend import NOW, REPOSITORY, Pretend, ask, pull, running

PULLS = """
query Pulls($after: String, $first: Int = 10) {
  rateLimit { cost remaining limit resetAt nodeCount }
  repository(owner: "acme", name: "engine") {
    pullRequests(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        ...About
        author { __typename login ... on User { databaseId } ... on Bot { databaseId } }
        reviews(first: 5) { totalCount pageInfo { hasNextPage } nodes { fullDatabaseId state submittedAt author { login } } }
        commits(first: 5) { totalCount nodes { commit { oid message author { email name user { login } } } } }
        timelineItems(first: 5, itemTypes: [READY_FOR_REVIEW_EVENT]) {
          nodes { __typename ... on ReadyForReviewEvent { createdAt } }
        }
        reviewRequests(first: 5) { nodes { requestedReviewer { __typename ... on User { login } } } }
      }
    }
  }
}
fragment About on PullRequest { databaseId fullDatabaseId number title state merged mergedAt isDraft changedFiles mergeCommit { oid } labels(first: 5) { nodes { name } } }
"""


def organisation() -> Pretend:
    open_one = pull(24, merged=None, closed=None, merged_by=None, merge_sha=None, updated=NOW, draft=True, ready=None)
    bots = pull(25, author="b1", reviews=())
    return Pretend([], [*(pull(number) for number in range(1, 24)), open_one, bots])


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(organisation()) as (_, client):
        yield client


def connection(answer: Any) -> Any:
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["repository"]["pullRequests"]


def test_pages_together_are_the_repository_once(client: httpx.Client) -> None:
    numbers: list[int] = []
    page = connection(ask(client, PULLS))
    while True:
        numbers += [node["number"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = connection(ask(client, PULLS, after=page["pageInfo"]["endCursor"]))
    assert numbers == [24, 25, *range(23, 0, -1)]
    assert page["totalCount"] == 25


def test_a_change_between_pages_repeats_nothing() -> None:
    world = organisation()
    times = iter(NOW + timedelta(seconds=n) for n in range(1000))
    with running(world, clock=lambda: next(times)) as (_, client):
        first = connection(ask(client, PULLS))
        last = first["nodes"][-1]["number"]
        changed = pull(last, updated=NOW)
        world.merged = [changed if one.number == last else one for one in world.merged]
        second = connection(ask(client, PULLS, after=first["pageInfo"]["endCursor"]))
    assert not {node["number"] for node in first["nodes"]} & {node["number"] for node in second["nodes"]}


def test_a_pull_request_in_full(client: httpx.Client) -> None:
    nodes = {node["number"]: node for node in connection(ask(client, PULLS, first=100))["nodes"]}
    plain, open_one, bots = nodes[3], nodes[24], nodes[25]
    assert (plain["databaseId"], plain["fullDatabaseId"]) == (None, "2500000003")
    assert (plain["state"], plain["merged"], plain["mergeCommit"]) == ("MERGED", True, {"oid": f"{3:040x}"})
    assert plain["author"] == {"__typename": "User", "login": "lenafox", "databaseId": 101}
    assert plain["reviews"]["nodes"][0]["author"]["login"] == "renovate"
    assert plain["commits"]["nodes"][0]["commit"]["author"] == {
        "email": "ghost@example.test",
        "name": "ghost",
        "user": None,
    }
    assert plain["timelineItems"]["nodes"] == [
        {"__typename": "ReadyForReviewEvent", "createdAt": "2026-10-01T04:00:00Z"}
    ]
    assert plain["reviewRequests"]["nodes"] == []
    assert open_one["reviewRequests"]["nodes"] == [{"requestedReviewer": {"__typename": "User", "login": "lenafox"}}]
    assert (open_one["state"], open_one["isDraft"], open_one["timelineItems"]["nodes"]) == ("OPEN", True, [])
    assert bots["author"] == {"__typename": "Bot", "login": "renovate", "databaseId": None}
    assert plain["labels"]["nodes"] == [{"name": "feature"}]


def test_a_wrong_field_is_an_error_with_200(client: httpx.Client) -> None:
    answer = ask(client, '{ repository(owner: "acme", name: "engine") { stars } }')
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "Field 'stars' doesn't exist on type 'Repository'"
    assert answer["errors"][0]["extensions"]["code"] == "undefinedField"
    assert answer["errors"][0]["locations"] == [{"line": 1, "column": 47}]


def test_unreadable_and_unnamed_queries_are_errors(client: httpx.Client) -> None:
    assert "Syntax Error" in ask(client, "{ viewer { login }")["errors"][0]["message"]
    assert ask(client, "query A { viewer { login } } query B { viewer { login } }")["errors"]
    assert (
        "Variable '$n'"
        in ask(
            client,
            'query ($n: Int!) { user(login: "x") { id } repository(owner: "a", name: "b") { pullRequest(number: $n) { id } } }',
        )["errors"][0]["message"]
    )


@pytest.mark.parametrize(
    ("arguments", "type"),
    [("first: 101", "EXCESSIVE_PAGINATION"), ("states: [OPEN]", "MISSING_PAGINATION_BOUNDARIES")],
)
def test_pages_have_bounds(client: httpx.Client, arguments: str, type: str) -> None:
    query = f'{{ repository(owner: "acme", name: "engine") {{ pullRequests({arguments}) {{ totalCount }} }} }}'
    answer = ask(client, query)
    assert "data" not in answer
    assert answer["errors"][0]["type"] == type


def test_too_many_nodes_are_refused(client: httpx.Client) -> None:
    inner = "pullRequests(first: 100) { nodes { reviews(first: 100) { totalCount } } }"
    query = f'{{ organization(login: "acme") {{ repositories(first: 100) {{ nodes {{ {inner} }} }} }} }}'
    error = ask(client, query)["errors"][0]
    assert error["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    assert error["message"] == (
        "This query requests up to 1,010,100 possible nodes which exceeds the maximum limit of 500,000."
    )


def test_cost_is_a_point_for_a_hundred_connections(client: httpx.Client) -> None:
    answer = ask(client, PULLS, first=100)["data"]["rateLimit"]
    assert answer["cost"] == 5  # one list, and five connections in each of a hundred
    assert answer["nodeCount"] == 100 + 5 * 5 * 100


def test_what_is_missing_is_null_beside_the_rest(client: httpx.Client) -> None:
    query = """{
      here: repository(owner: "acme", name: "engine") { nameWithOwner p1: pullRequest(number: 1) { number } p99: pullRequest(number: 99) { number } }
      gone: repository(owner: "acme", name: "gone") { id }
    }"""
    answer = ask(client, query)
    assert answer["data"] == {"here": {"nameWithOwner": REPOSITORY, "p1": {"number": 1}, "p99": None}, "gone": None}
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [
        ("NOT_FOUND", ["here", "p99"]),
        ("NOT_FOUND", ["gone"]),
    ]
    assert answer["errors"][1]["message"] == "Could not resolve to a Repository with the name 'acme/gone'."


def test_deployments_tell_their_states(client: httpx.Client) -> None:
    query = """{ repository(owner: "acme", name: "engine") { databaseId isArchived deployments(first: 10, orderBy: {field: CREATED_AT, direction: DESC}) {
      nodes { databaseId environment state ref { name } commitOid latestStatus { state createdAt } statuses(first: 5) { nodes { state } } } } } }"""
    nodes = {node["databaseId"]: node for node in ask(client, query)["data"]["repository"]["deployments"]["nodes"]}
    assert nodes[900]["state"] == "ACTIVE"
    assert nodes[900]["latestStatus"] == {"state": "SUCCESS", "createdAt": "2026-11-09T12:05:00Z"}
    assert [status["state"] for status in nodes[900]["statuses"]["nodes"]] == ["SUCCESS", "IN_PROGRESS"]
    assert (nodes[901]["latestStatus"], nodes[901]["statuses"]["nodes"]) == (None, [])


def test_directives_and_introspection(client: httpx.Client) -> None:
    query = "query ($no: Boolean!) { viewer { login name @include(if: $no) ... on User @skip(if: $no) { email } } }"
    assert ask(client, query, no=False)["data"]["viewer"] == {"login": "headway-service", "email": ""}
    assert ask(client, '{ __type(name: "PullRequest") { name } }')["data"] == {"__type": {"name": "PullRequest"}}


def test_every_field_of_the_schema_can_be_read() -> None:
    types = {name: type for name, type in SCHEMA.type_map.items() if isinstance(type, GraphQLObjectType)}
    unread = {
        f"{name}.{field}"
        for name, type in types.items()
        for field in type.fields
        if not name.startswith("__") and field not in FIELDS.get(name, {})
    }
    assert unread == {"RateLimit.cost", "RateLimit.nodeCount"}  # which only the query's own plan knows


def test_limits_are_kept_and_may_be_absent() -> None:
    with running(organisation(), limits=Limits(github=1)) as (_, client):
        assert ask(client, "{ rateLimit { remaining } }")["data"]["rateLimit"]["remaining"] == 0
        assert ask(client, "{ rateLimit { remaining } }")["errors"][0]["type"] == "RATE_LIMITED"
    with running(organisation(), limits=Limits(github=None)) as (_, client):
        assert ask(client, "{ rateLimit { remaining } }")["data"] == {"rateLimit": None}


def test_nobody_is_refused(client: httpx.Client) -> None:
    assert client.post("/github/api/graphql", json={"query": "{ viewer { login } }"}).status_code == 401
