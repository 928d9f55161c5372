"""What a test does to the pretend GitHub shows over REST and GraphQL as at the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx

from simulator.hub_records import Attempt, Release, Run, Tag
from simulator.overlay_code import CodeOverlay
from simulator.server import Limits, serve
from simulator.tokens import Token, Tokens
from tests.simulator.pretend import NOW, REPOSITORY, Pretend, ask, github, pull

HERE, OPS = f"/repos/{REPOSITORY}", "acme/ops"
ISSUES = """
query Issues($first: Int = 10, $filter: IssueFilters) {
  rateLimit { cost remaining }
  repository(owner: "acme", name: "engine") {
    issues(first: $first, filterBy: $filter, orderBy: {field: CREATED_AT, direction: ASC}) {
      totalCount
      nodes {
        fullDatabaseId databaseId number state stateReason closedAt issueType { name } milestone { title }
        timelineItems(first: 5, itemTypes: [CLOSED_EVENT, REOPENED_EVENT]) {
          nodes { __typename ... on ClosedEvent { createdAt stateReason } ... on ReopenedEvent { createdAt } }
        }
      }
    }
  }
}
"""


@contextmanager
def hub(**options: Any) -> Iterator[tuple[CodeOverlay, httpx.Client]]:
    world = CodeOverlay(Pretend([], [pull(number) for number in range(1, 6)]), lambda: NOW)
    with (
        serve(world, clock=lambda: NOW, **options) as server,
        httpx.Client(base_url=server.url, timeout=5, trust_env=False) as client,
    ):
        yield world, client


def test_a_former_name_leads_on_by_the_repository_s_id() -> None:
    with hub() as (world, client):
        world.rename(REPOSITORY, "elsewhere/motor")
        answer = github(client, f"{HERE}/pulls/3?x=1")
        assert answer.status_code == 301
        assert answer.headers["location"].endswith("/api/v3/repositories/41/pulls/3?x=1")
        assert github(client, answer.headers["location"]).json()["number"] == 3
        assert github(client, "/repos/elsewhere/motor").json()["full_name"] == "elsewhere/motor"
        query = 'query { repository(owner: "acme", name: "engine") { nameWithOwner } }'
        assert ask(client, query)["data"]["repository"]["nameWithOwner"] == "elsewhere/motor"


def test_a_deleted_repository_is_not_found_and_an_archived_one_says_so() -> None:
    with hub() as (world, client):
        world.delete(REPOSITORY)
        world.archive(OPS)
        assert github(client, HERE).status_code == 404
        assert github(client, f"/repos/{OPS}").json()["archived"]


def test_issues_stand_beside_pull_requests_in_rest_and_alone_in_graphql() -> None:
    with hub() as (world, client):
        made = world.open_issue(REPOSITORY, 7, type="Bug", milestone="2026.1")
        world.close_issue(REPOSITORY, 7, "not_planned")
        rows = github(client, f"{HERE}/issues?state=all&sort=created&direction=asc").json()
        assert [(row["number"], "pull_request" in row) for row in rows][-2:] == [(5, True), (7, False)]
        assert (rows[-1]["state_reason"], rows[-1]["type"]["name"], rows[-1]["id"]) == ("not_planned", "Bug", made.id)
        (node,) = ask(client, ISSUES)["data"]["repository"]["issues"]["nodes"]
        assert (node["databaseId"], node["fullDatabaseId"]) == (None, str(made.id))
        assert (node["state"], node["stateReason"]) == ("CLOSED", "NOT_PLANNED")
        assert [event["__typename"] for event in node["timelineItems"]["nodes"]] == ["ClosedEvent"]
        since = {"since": (NOW + timedelta(seconds=1)).isoformat()}
        assert ask(client, ISSUES, filter=since)["data"]["repository"]["issues"]["nodes"] == []


def test_a_transferred_issue_leads_on_and_a_deleted_one_is_gone() -> None:
    with hub() as (world, client):
        world.open_issue(REPOSITORY, 7)
        world.open_issue(REPOSITORY, 8)
        world.delete_issue(REPOSITORY, 7)
        there = world.transfer_issue(REPOSITORY, 8, OPS, 1)
        assert github(client, f"{HERE}/issues/7").status_code == 410
        moved = github(client, f"{HERE}/issues/8")
        assert moved.status_code == 301
        assert github(client, moved.headers["location"]).json()["id"] == there.id
        assert github(client, f"{HERE}/issues/99").status_code == 404


def test_runs_show_their_last_attempt_and_a_filter_hides_what_is_past_a_thousand() -> None:
    first, second = (Attempt(NOW - timedelta(hours=n), NOW, "failure") for n in (3, 1))
    with hub() as (world, client):
        runs = [
            Run(n, REPOSITORY, "Build", "push", "main", "a" * 40, "p1", NOW - timedelta(hours=4), (first, second))
            for n in range(1, 1_102)
        ]
        world.add(REPOSITORY, *runs)
        page = github(client, f"{HERE}/actions/runs?per_page=100").json()
        assert page["workflow_runs"][0]["run_attempt"] == 2
        old = github(client, f"{HERE}/actions/runs/1/attempts/1").json()
        assert old["run_started_at"] == "2026-11-10T09:00:00Z"
        assert github(client, f"{HERE}/actions/runs/1/attempts/3").status_code == 404
        filtered = f"{HERE}/actions/runs?per_page=100&created=2026-11-10T07:00:00Z..2026-11-10T09:00:00Z"
        last = github(client, f"{filtered}&page=10")
        assert (last.json()["total_count"], "next" in last.links) == (1_101, False)
        assert github(client, f"{filtered}&page=11").json()["workflow_runs"] == []


def test_releases_drafts_and_tags() -> None:
    with hub() as (world, client):
        draft = Release(5, REPOSITORY, "v2", "Two", "b" * 40, "p1", NOW, None)
        world.add(REPOSITORY, draft, Tag("nightly", "c" * 40, NOW))
        rows = {row["tag_name"]: row for row in github(client, f"{HERE}/releases").json()}
        assert (rows["v2"]["draft"], rows["v2"]["published_at"], rows["v1.2.0"]["draft"]) == (True, None, False)
        assert [row["name"] for row in github(client, f"{HERE}/tags").json()] == ["v1.2.0", "nightly"]


def test_a_permission_that_a_token_lacks_is_refused_by_rest_and_graphql() -> None:
    tokens = Tokens(github=(Token("ghp_demo", kind="fine-grained", denies=frozenset({"issues", "actions"})),))
    with hub(tokens=tokens) as (_, client):
        assert github(client, f"{HERE}/actions/runs").status_code == 403
        assert "x-oauth-scopes" not in github(client, HERE).headers
        answer = ask(client, ISSUES)
        assert answer["data"]["repository"] is None  # which may be null, while its issues may not
        assert [(error["type"], error["path"]) for error in answer["errors"]] == [
            ("FORBIDDEN", ["repository", "issues"])
        ]


def test_graphql_stumbles_over_one_and_gives_the_others() -> None:
    query = """query { repository(owner: "acme", name: "engine") {
      pullRequests(first: 5) { nodes { number reviews(first: 1) { totalCount } } } } }"""
    with hub() as (world, client):
        world.stumble(REPOSITORY, 3, times=1)
        answer = ask(client, query)
        nodes = answer["data"]["repository"]["pullRequests"]["nodes"]
        assert [node and node["number"] for node in nodes] == [1, 2, None, 4, 5]
        assert answer["errors"]
        assert "errors" not in ask(client, query)


def test_a_server_without_limits_says_nothing_of_them_g17() -> None:
    with hub(limits=Limits(github=None)) as (_, client):
        assert ask(client, ISSUES)["data"]["rateLimit"] is None
        assert not [name for name in github(client, HERE).headers if name.startswith("x-ratelimit")]
        assert github(client, "/rate_limit").status_code == 404


def test_an_app_has_a_list_of_its_own_and_no_account() -> None:
    tokens = Tokens(github=(Token("ghp_demo", kind="app", repositories=frozenset({OPS})),))
    with hub(tokens=tokens) as (_, client):
        found = github(client, "/installation/repositories").json()
        assert (found["total_count"], [row["full_name"] for row in found["repositories"]]) == (1, [OPS])
        assert github(client, "/user").status_code == 403
