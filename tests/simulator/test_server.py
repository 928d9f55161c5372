"""The sites over the real pretend organisation: what is served is what there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest

from simulator.server import Running, serve
from simulator.world import World
from tests.simulator.pretend import ask, cloud, datacenter, github

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
PULLS = """query ($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) {
  pullRequests(first: 100, after: $after, orderBy: {field: UPDATED_AT, direction: ASC}) {
    pageInfo { hasNextPage endCursor } nodes { number } } } }"""


@pytest.fixture(scope="module")
def world() -> World:
    return World(people=20, teams=3, start=date(2026, 6, 1))


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Running]:
    with serve(world, clock=lambda: NOW) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=10, trust_env=False) as client:
        yield client


def test_both_jiras_serve_every_issue_with_every_field(world: World, client: httpx.Client) -> None:
    expected = sorted(issue.key for team in world.teams for issue in world.issues(team.project, NOW))
    projects = ", ".join(team.project for team in world.teams)
    body = {
        "jql": f"project in ({projects}) ORDER BY created",
        "fields": ["*all"],
        "expand": "changelog",
        "maxResults": 100,
    }
    found: list[str] = []
    while True:
        page = cloud(client, "api/3/search/jql", body).json()
        found += [row["key"] for row in page["issues"]]
        if page["isLast"]:
            break
        body["nextPageToken"] = page["nextPageToken"]
    assert sorted(found) == expected
    answer = datacenter(
        client, "api/2/search", jql=f"project in ({projects})", maxResults="1000", expand="changelog"
    ).json()
    assert answer["total"] == len(expected)


def test_an_old_key_leads_to_the_issue_of_today(world: World, client: httpx.Client) -> None:
    moved = next(
        (issue.id, change.from_text, issue.key)
        for team in world.teams
        for issue in world.issues(team.project, NOW)
        for change in issue.changes
        if change.field == "Key"
    )
    answer = cloud(client, f"api/3/issue/{moved[1]}", fields="summary").json()
    assert (answer["id"], answer["key"]) == (str(moved[0]), moved[2])


def test_both_githubs_serve_every_pull_request(world: World, client: httpx.Client) -> None:
    for one in world.repositories(NOW)[:3]:
        owner, name = one.full_name.split("/")
        found: list[int] = []
        after: str | None = None
        while True:
            page = ask(client, PULLS, owner=owner, name=name, after=after)["data"]["repository"]["pullRequests"]
            found += [node["number"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert sorted(found) == [pull.number for pull in world.pulls(one.full_name, NOW)]
        deployments = github(client, f"/repos/{one.full_name}/deployments?per_page=100").json()
        assert len(deployments) == min(100, len(world.deployments(one.full_name, NOW)))


def test_requests_are_remembered_until_forgotten(server: Running, client: httpx.Client) -> None:
    server.forget()
    cloud(client, "api/3/myself")
    github(client, "/user?x=1")
    assert [(seen.method, seen.path, seen.status) for seen in server.requests] == [
        ("GET", "/cloud/rest/api/3/myself", 200),
        ("GET", "/github/api/v3/user?x=1", 200),
    ]
    assert client.get("/elsewhere").status_code == 404
