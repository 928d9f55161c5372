"""Jira Data Center over a real socket: offsets, names, whole changelogs, sprints as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from simulator.server import Limits
from tests.simulator.pretend import DAY, NOW, Pretend, change, datacenter, issue, running

MANY = 1205
SEARCH = "api/2/search"


def organisation() -> Pretend:
    steps = tuple(change(n, NOW - 60 * DAY + timedelta(hours=n)) for n in range(150))
    assigned = change(500, NOW, field="assignee", from_id=None, to_id="p1")
    first = issue(1, changes=(*steps, assigned), parent="ML-2", sprints=(21, 22), points=5.0)
    return Pretend([first, *(issue(number) for number in range(2, MANY + 1))])


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(organisation()) as (_, client):
        yield client


def test_pages_together_are_the_project_and_the_cap_is_echoed(client: httpx.Client) -> None:
    found: list[str] = []
    while True:
        query = {
            "jql": "project = ML order by id",
            "startAt": str(len(found)),
            "maxResults": "5000",
            "fields": "summary",
        }
        page = datacenter(client, SEARCH, **query).json()
        assert (page["maxResults"], page["total"]) == (1000, MANY)
        found += [row["key"] for row in page["issues"]]
        if len(found) >= page["total"]:
            break
    assert found == [f"ML-{n}" for n in range(1, MANY + 1)]


def test_post_asks_the_same(client: httpx.Client) -> None:
    body = {"jql": "key = ML-1", "fields": ["summary"], "expand": ["changelog"], "startAt": 0, "maxResults": 10}
    answer = client.post("/datacenter/rest/api/2/search", json=body, auth=httpx.BasicAuth("headway", "demo-jira-token"))
    assert answer.json()["issues"][0]["changelog"]["total"] == 151


def test_the_whole_changelog_is_embedded_oldest_first_without_ids(client: httpx.Client) -> None:
    row = datacenter(client, SEARCH, jql="key = ML-1", expand="changelog").json()["issues"][0]
    histories = row["changelog"]["histories"]
    assert [entry["id"] for entry in histories] == [*(str(n) for n in range(150)), "500"]
    assert "fieldId" not in histories[0]["items"][0]
    assert histories[0]["author"]["name"] == "lfox"
    assert "accountId" not in histories[0]["author"]
    assert histories[-1]["items"][0]["to"] == "lfox"


def test_fields_are_those_of_the_old_api(client: httpx.Client) -> None:
    fields = datacenter(client, "api/2/issue/ML-1").json()["fields"]
    assert fields["description"] == "See https://example.test/a\r\n\r\n* one\r\n* two"
    assert fields["assignee"]["key"].startswith("JIRAUSER")
    assert fields["customfield_10106"] == 5.0
    assert fields["customfield_10101"] == "ML-2"
    assert "parent" not in fields
    first, second = fields["customfield_10105"]
    assert first.startswith("com.atlassian.greenhopper.service.sprint.Sprint@")
    assert "[id=21,rapidViewId=7,state=ACTIVE,name=ML 1,startDate=2026-11-02T09:00:00.000+00:00," in first
    assert "name=ML, next],startDate=<null>,endDate=<null>,completeDate=<null>" in second


def test_it_says_what_it_is(client: httpx.Client) -> None:
    assert client.get("/datacenter/rest/api/2/serverInfo").json()["deploymentType"] == "Server"
    assert datacenter(client, "api/3/myself").status_code == 404
    assert datacenter(client, "api/2/myself", secret="berlin").json()["name"] == "lfox"
    assert [project["key"] for project in datacenter(client, "api/2/project").json()] == ["ML", "OPS"]
    custom = {field["name"]: field["id"] for field in datacenter(client, "api/2/field").json()}
    assert custom["Story Points"] == "customfield_10106"
    assert len(datacenter(client, "api/2/user/search", username=".").json()) == 2


def test_there_is_no_changelog_endpoint(client: httpx.Client) -> None:
    assert datacenter(client, "api/2/issue/ML-1/changelog").status_code == 404


def test_refusals(client: httpx.Client) -> None:
    assert datacenter(client, "api/2/myself", secret="wrong").json()["status-code"] == 401
    basic = client.get("/datacenter/rest/api/2/myself", auth=httpx.BasicAuth("headway", "wrong"))
    assert basic.status_code == 401
    assert basic.headers["content-type"].startswith("text/html")
    assert datacenter(client, SEARCH, jql="project = ML", secret="narrow").status_code == 400
    assert datacenter(client, SEARCH).json()["total"] == MANY  # Data Center does not mind an unbounded query


def test_boards_work_here_too(client: httpx.Client) -> None:
    sprint = datacenter(client, "agile/1.0/board/7/sprint").json()["values"][0]
    assert sprint["startDate"] == "2026-11-02T09:00:00.000+00:00"
    assert datacenter(client, "agile/1.0/sprint/21/issue").json()["total"] == 1


def test_rate_limits_are_told_and_kept_when_asked_for() -> None:
    with running(Pretend([issue(1)]), limits=Limits(datacenter=2)) as (_, client):
        answers = [datacenter(client, "api/2/myself") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert [answer.headers["retry-after"] for answer in answers] == ["0", "0", "3600"]
