"""Answers with something wrong in them: bodies, pages, contents, the clock, and a world with long histories."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
import pytest

from tests.simulator.pretend import NOW, Pretend, ask, change, cloud, github, issue, pull, running

PULLS = 'query($first: Int!) { repository(owner: "acme", name: "engine") { pullRequests(first: $first) { nodes { number } } } }'


def search(client: httpx.Client, **more: Any) -> Any:
    body = {"jql": "project = ML ORDER BY key", "fields": ["summary", "status"], "maxResults": 10, **more}
    return cloud(client, "api/3/search/jql", body).json()


def many(count: int = 25) -> Pretend:
    return Pretend([issue(number) for number in range(1, count + 1)], [pull(number) for number in range(1, 6)])


def keys(page: Any) -> list[str]:
    return [row["key"] for row in page["issues"]]


def test_a_page_of_html_comes_with_200() -> None:
    with running(Pretend([]), faults="html:every=1") as (_, client):
        answer = cloud(client, "api/3/myself")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")


def test_a_body_is_cut_and_the_next_request_is_whole() -> None:
    with running(Pretend([issue(1)]), faults="cut:every=2") as (_, client):
        assert cloud(client, "api/3/myself").status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            cloud(client, "api/3/myself")
        assert cloud(client, "api/3/myself").json()["displayName"]


def test_truncated_json_has_a_length_that_is_right_for_it() -> None:
    with running(Pretend([issue(1)]), faults="truncate:every=2") as (_, client):
        whole, half = (cloud(client, "api/3/myself") for _ in range(2))
    assert len(half.content) == int(half.headers["content-length"]) == len(whole.content) // 2
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(half.content)


def test_rows_come_twice_but_not_where_an_offset_counts_them() -> None:
    with running(many(), faults="dup:every=1") as (_, client):
        found = keys(search(client))
        assert (len(found), len(set(found))) == (20, 10)
        assert found[:10] == [f"ML-{number}" for number in range(1, 11)]
        nodes = ask(client, PULLS, first=3)["data"]["repository"]["pullRequests"]["nodes"]
        assert sorted(node["number"] for node in nodes) == [1, 1, 2, 2, 3, 3]
        boards = cloud(client, "agile/1.0/board").json()["values"]
        assert len({board["id"] for board in boards}) == len(boards)


def test_rows_come_in_another_order() -> None:
    with running(many(), faults="shuffle") as (_, client):
        found = keys(search(client))
        assert found != sorted(found, key=lambda key: int(key[3:]))
        assert set(found) == {f"ML-{number}" for number in range(1, 11)}
        pulls = [row["number"] for row in github(client, "/repos/acme/engine/pulls?state=all").json()]
        assert set(pulls) == {1, 2, 3, 4, 5}


def test_pages_shrink_and_still_lead_to_everything() -> None:
    with running(many(), faults="shrink:every=2:most=3") as (_, client):
        pages = [search(client)]
        while token := pages[-1].get("nextPageToken"):
            pages.append(search(client, nextPageToken=token))
        assert [len(page["issues"]) for page in pages] == [10, 3, 10, 2]
        assert len(ask(client, PULLS, first=5)["data"]["repository"]["pullRequests"]["nodes"]) == 5
        assert len(ask(client, PULLS, first=5)["data"]["repository"]["pullRequests"]["nodes"]) == 3
    with running(many(), faults="shrink:every=1:most=2") as (_, client):
        assert len(github(client, "/repos/acme/engine/pulls?state=all&per_page=50").json()) == 2


def test_an_empty_page_has_a_token_that_leads_on_to_what_it_left_out() -> None:
    with running(many(), faults="empty:every=2") as (_, client):
        pages = [search(client)]
        while token := pages[-1].get("nextPageToken"):
            pages.append(search(client, nextPageToken=token))
        assert [len(page["issues"]) for page in pages] == [10, 0, 10, 0, 5]
        assert len({key for page in pages for key in keys(page)}) == 25


def test_a_token_leads_in_a_circle() -> None:
    with running(many(), faults="tokenloop:every=1:after=1") as (_, client):
        token = search(client)["nextPageToken"]
        assert search(client, nextPageToken=token)["nextPageToken"] == token


def test_a_clock_that_is_wrong_is_wrong_in_both_places() -> None:
    with running(Pretend([]), faults="skew:minutes=-10") as (_, client):
        answer = cloud(client, "api/3/serverInfo")
    assert parsedate_to_datetime(answer.headers["date"]) == NOW - timedelta(minutes=10)
    assert answer.json()["serverTime"].startswith("2026-11-10T11:50:00")


def test_nulls_stand_where_objects_were_promised_and_never_for_a_name() -> None:
    with running(many(), faults="nulls:every=1:places=4") as (_, client):
        rows = search(client)["issues"]
    assert all(row["id"] and row["key"] and row["fields"] for row in rows)
    missing = [row for row in rows if row["fields"]["status"] is None or None in row["fields"]["status"].values()]
    assert 1 <= len(missing) <= 4


def test_unknown_fields_and_words_come_along() -> None:
    with running(many(), faults="unknown") as (_, client):
        rows = search(client)["issues"]
        pulls = github(client, "/repos/acme/engine/pulls?state=all").json()
    assert all("somethingNew" in row and "somethingNew" in row["fields"]["status"] for row in rows)
    assert sum(row["fields"]["status"]["statusCategory"]["key"] == "BRAND_NEW" for row in rows) == 1
    assert any("BRAND_NEW" in str(row) for row in pulls)


def test_one_description_is_three_megabytes_long() -> None:
    with running(many(), faults="huge:every=1") as (_, client):
        rows = search(client, fields=["description"])["issues"]
        body = github(client, "/repos/acme/engine/pulls?state=all")
    assert [len(str(row["fields"]["description"])) > 2_900_000 for row in rows].count(True) == 1
    assert len(body.content) > 2_900_000


def test_texts_are_dirty_and_names_are_not() -> None:
    with running(many(), faults="dirty:every=1") as (_, client):
        body = {"jql": "project = ML", "fields": ["summary"], "maxResults": 100}
        answer = cloud(client, "api/3/search/jql", body)
    assert rb"\u0000" in answer.content
    assert rb"\ud83d" in answer.content
    assert {row["key"] for row in answer.json()["issues"]} == {f"ML-{number}" for number in range(1, 26)}


def test_a_history_is_long_and_nothing_else_moved() -> None:
    moved = change(1, NOW - timedelta(days=3))
    world = Pretend([issue(1, changes=(moved,), updated=NOW - timedelta(days=2)), issue(200)])
    with running(world, faults="long:every=1:changes=2000") as (_, client):
        page = cloud(client, "api/3/issue/ML-1/changelog", startAt=1950).json()
        assert (page["total"], len(page["values"])) == (2001, 51)
        found = cloud(client, "api/3/issue/ML-1").json()["fields"]
        assert found["updated"].startswith("2026-11-08T12:00:00")


def test_an_issue_is_edited_between_two_pages() -> None:
    with running(many(), faults="edited:every=1:until=1") as (_, client):
        first = search(client)
        again = search(client, fields=["summary", "updated"])
    moved = [row for row in again["issues"] if row["fields"]["summary"].startswith("Edited while it was read")]
    assert len(moved) == 1
    assert moved[0]["fields"]["updated"].startswith("2026-11-10T12:00:00")
    assert not any("Edited" in row["fields"]["summary"] for row in first["issues"])
