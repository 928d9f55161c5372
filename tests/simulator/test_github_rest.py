"""GitHub's REST API over a real socket: lists, links, ETags, limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from simulator.server import Limits
from tests.simulator.pretend import NOW, REPOSITORY, Pretend, github, pull, running

MANY = 25
HERE = f"/repos/{REPOSITORY}"


def organisation() -> Pretend:
    open_one = pull(24, merged=None, closed=None, merged_by=None, merge_sha=None, updated=NOW, draft=True, ready=None)
    bots = pull(25, author="b1", updated=NOW - timedelta(days=20))
    return Pretend([], [*(pull(number) for number in range(1, 24)), open_one, bots])


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(organisation()) as (_, client):
        yield client


def walk(client: httpx.Client, path: str) -> list[Any]:
    """Every row, following ``next`` to the letter."""
    rows: list[Any] = []
    address: str | None = path
    while address:
        answer = github(client, address)
        assert answer.status_code == 200, answer.text
        rows += answer.json()
        address = answer.links.get("next", {}).get("url")
    return rows


def test_pages_together_are_the_repository_once(client: httpx.Client) -> None:
    rows = walk(client, f"{HERE}/pulls?state=all&sort=created&direction=asc&per_page=10")
    assert [row["number"] for row in rows] == list(range(1, MANY + 1))


def test_links_name_the_repository_by_id_and_both_ends(client: httpx.Client) -> None:
    first = github(client, f"{HERE}/pulls?state=all&per_page=10")
    assert set(first.links) == {"next", "last"}
    assert "/repositories/41/pulls?" in first.links["next"]["url"]
    second = github(client, first.links["next"]["url"])
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert set(github(client, second.links["last"]["url"]).links) == {"prev", "first"}


def test_updates_come_oldest_first_unless_told(client: httpx.Client) -> None:
    rows = github(client, f"{HERE}/pulls?state=all&sort=updated&per_page=100").json()
    assert rows[-1]["number"] == 24
    newest = github(client, f"{HERE}/pulls?state=all&sort=updated&direction=desc&per_page=1").json()
    assert newest[0]["number"] == 24
    assert [row["number"] for row in github(client, f"{HERE}/pulls").json()] == [24]


def test_a_list_has_no_sizes_and_a_detail_has(client: httpx.Client) -> None:
    row = github(client, f"{HERE}/pulls?state=closed&per_page=1").json()[0]
    assert not {"additions", "merged", "merged_by", "commits", "changed_files"} & set(row)
    whole = github(client, f"{HERE}/pulls/3").json()
    assert (whole["additions"], whole["deletions"], whole["changed_files"], whole["merged"]) == (10, 4, 3, True)
    assert whole["merged_by"]["login"] == "lenafox"
    assert whole["created_at"] == "2026-10-01T03:00:00Z"


def test_bots_wear_their_suffix_and_ghosts_are_null(client: httpx.Client) -> None:
    author = github(client, f"{HERE}/pulls/25").json()["user"]
    assert (author["login"], author["type"]) == ("renovate[bot]", "Bot")
    commit = github(client, f"{HERE}/pulls/3/commits").json()[0]
    assert commit["author"] is None
    assert commit["commit"]["author"]["email"] == "ghost@example.test"
    assert github(client, f"{HERE}/commits/{commit['sha']}").json()["sha"] == commit["sha"]


def test_what_hangs_on_a_pull_request(client: httpx.Client) -> None:
    review = github(client, f"{HERE}/pulls/3/reviews").json()[0]
    assert (review["state"], review["submitted_at"], review["id"]) == (
        "APPROVED",
        "2026-10-01T03:30:00Z",
        3_000_000_003,
    )
    files = github(client, f"{HERE}/pulls/3/files").json()
    assert [sum(row[side] for row in files) for side in ("additions", "deletions")] == [10, 4]
    events = [row["event"] for row in github(client, f"{HERE}/issues/3/timeline").json()]
    assert events == ["committed", "reviewed", "ready_for_review", "review_requested", "merged", "closed"]


def test_issues_since_tell_what_changed(client: httpx.Client) -> None:
    rows = walk(client, f"{HERE}/issues?state=all&since=2026-10-21T00:00:00Z&sort=updated&direction=asc&per_page=1")
    assert [row["number"] for row in rows] == [25, 24]
    assert rows[0]["pull_request"]["merged_at"] is not None
    assert rows[0]["id"] != github(client, f"{HERE}/pulls/25").json()["id"]


def test_large_lists_refuse_page_numbers_but_not_their_own_links() -> None:
    many = [pull(number) for number in range(1, 10_102)]
    with running(Pretend([], many)) as (_, client):
        deep = github(client, f"{HERE}/issues?state=all&per_page=100&page=101")
        assert deep.status_code == 422
        assert "Pagination with the page parameter is not supported for large datasets" in deep.json()["message"]
        first = github(client, f"{HERE}/issues?state=all&per_page=100")
        assert set(first.links) == {"next"}
        assert "after=" in first.links["next"]["url"]
        assert len(walk(client, f"{HERE}/issues?state=all&per_page=100")) == 10_101


def test_an_unchanged_answer_is_free() -> None:
    with running(organisation(), limits=Limits(github=100)) as (_, client):
        first = github(client, f"{HERE}/pulls?state=all")
        again = github(client, f"{HERE}/pulls?state=all", **{"If-None-Match": first.headers["etag"]})
    assert first.headers["etag"].startswith('W/"')
    assert (again.status_code, again.content) == (304, b"")
    assert [answer.headers["x-ratelimit-remaining"] for answer in (first, again)] == ["99", "99"]


def test_the_primary_limit_is_kept() -> None:
    with running(organisation(), limits=Limits(github=2)) as (_, client):
        answers = [github(client, "/user") for _ in range(3)]
        assert github(client, "/rate_limit").json()["resources"]["core"]["remaining"] == 0
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[2].headers["x-ratelimit-remaining"] == "0"
    assert int(answers[2].headers["x-ratelimit-reset"]) == int((NOW + timedelta(hours=1)).timestamp())


def test_a_server_without_limits_says_nothing_of_them() -> None:
    with running(organisation(), limits=Limits(github=None)) as (_, client):
        assert "x-ratelimit-limit" not in github(client, "/user").headers
        assert github(client, "/rate_limit").status_code == 404


def test_refusals(client: httpx.Client) -> None:
    bad = github(client, "/user", secret="wrong")
    assert (bad.status_code, bad.json()["message"]) == (401, "Bad credentials")
    for path, secret in (
        ("/repos/acme/none", "ghp_demo"),
        (HERE, "ghp_narrow"),
        (f"{HERE}/pulls/999", "ghp_demo"),
        ("/x", "ghp_demo"),
    ):
        answer = github(client, path, secret=secret)
        assert (answer.status_code, answer.json()["message"], answer.json()["status"]) == (404, "Not Found", "404")
    old = github(client, "/user", **{"X-GitHub-Api-Version": "1999-01-01"})
    assert old.status_code == 400
    assert client.get("/github/api/v3/user", headers={"Authorization": "token ghp_demo"}).status_code == 200


def test_deployments_and_releases(client: httpx.Client) -> None:
    rows = github(client, f"{HERE}/deployments?environment=production").json()
    assert [row["id"] for row in rows] == [900]
    assert "state" not in rows[0]
    states = [row["state"] for row in github(client, f"{HERE}/deployments/900/statuses").json()]
    assert states == ["success", "in_progress"]
    assert github(client, f"{HERE}/deployments/901/statuses").json() == []
    assert github(client, f"{HERE}/releases").json()[0]["tag_name"] == "v1.2.0"
    assert github(client, f"{HERE}/tags").json()[0]["name"] == "v1.2.0"


def test_repositories_are_listed(client: httpx.Client) -> None:
    assert [row["full_name"] for row in walk(client, "/user/repos?per_page=1")] == [REPOSITORY, "acme/ops"]
    assert len(github(client, "/orgs/acme/repos").json()) == 2
    assert github(client, "/orgs/nobody/repos").status_code == 404
    assert github(client, "/repositories/41").json()["full_name"] == REPOSITORY
