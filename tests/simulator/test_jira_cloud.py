"""Jira Cloud over a real socket: pages, changelogs, dates, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.simulator.pretend import DAY, DONE, NOW, Pretend, change, cloud, issue, running

SEARCH = "api/3/search/jql"
MANY = 250


def organisation() -> Pretend:
    epic = issue(1, type="Epic", title="An epic")
    child = issue(2, parent="ML-1", points=3.0, sprints=(21, 22), flagged=True, blocked_by=("ML-3",), labels=("x",))
    busy = issue(3, changes=tuple(change(n, NOW - 60 * DAY + timedelta(hours=n)) for n in range(57)), status=DONE)
    edge = issue(4, updated=NOW - timedelta(seconds=30))
    others = [issue(number) for number in range(5, MANY + 1)]
    return Pretend([epic, child, busy, edge, *others, issue(1, "OPS")])


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with running(organisation()) as (_, client):
        yield client


def walk(client: httpx.Client, **body: Any) -> list[Any]:
    """Every issue of a search, by its tokens."""
    found: list[Any] = []
    while True:
        page = cloud(client, SEARCH, body).json()
        found += page["issues"]
        assert page["isLast"] == ("nextPageToken" not in page)
        if page["isLast"]:
            return found
        body = {**body, "nextPageToken": page["nextPageToken"]}


def keys(client: httpx.Client, jql: str, **more: Any) -> list[str]:
    answer = cloud(client, SEARCH, {"jql": jql, "fields": ["key"], "maxResults": 5000}, **more)
    assert answer.status_code == 200, answer.text
    return [row["key"] for row in answer.json()["issues"]]


def test_pages_together_are_the_project_once() -> None:
    with running(organisation()) as (server, client):
        found = walk(client, jql="project = ML ORDER BY created ASC, id ASC", fields=["summary"], maxResults=500)
        assert [row["key"] for row in found] == [f"ML-{n}" for n in range(1, MANY + 1)]
        assert [seen.status for seen in server.requests] == [200, 200, 200]  # a hundred with fields, whatever was asked


def test_ids_come_in_thousands_and_without_fields(client: httpx.Client) -> None:
    page = cloud(client, SEARCH, {"jql": "project = ML", "maxResults": 5000}).json()
    assert page["isLast"] is True
    assert len(page["issues"]) == MANY
    assert set(page["issues"][0]) == {"id"}
    assert "total" not in page


def test_a_walk_sees_the_moment_of_its_first_page() -> None:
    world = organisation()
    times = iter(NOW + timedelta(seconds=n) for n in range(1000))
    with running(world, clock=lambda: next(times)) as (_, client):
        body = {"jql": "project = ML ORDER BY updated DESC", "fields": ["summary"], "maxResults": 100}
        first = cloud(client, SEARCH, body).json()
        world.found[100] = issue(101, updated=NOW)
        rest = walk(client, **body, nextPageToken=first["nextPageToken"])
        assert len({row["key"] for row in first["issues"] + rest}) == MANY


def test_a_token_belongs_to_its_query(client: httpx.Client) -> None:
    token = cloud(client, SEARCH, {"jql": "project = ML", "maxResults": 5}).json()["nextPageToken"]
    assert cloud(client, SEARCH, {"jql": "project = OPS", "nextPageToken": token}).status_code == 400
    assert cloud(client, SEARCH, {"jql": "project = ML", "nextPageToken": "rubbish"}).status_code == 400


def test_start_at_is_refused_by_post_and_ignored_by_get(client: httpx.Client) -> None:
    assert cloud(client, SEARCH, {"jql": "project = ML", "startAt": 5}).status_code == 400
    asked = {"jql": "project = ML ORDER BY id", "startAt": "5", "fields": "key", "maxResults": "1"}
    assert cloud(client, SEARCH, **asked).json()["issues"][0]["key"] == "ML-1"


def test_search_embeds_the_forty_newest_entries_newest_first(client: httpx.Client) -> None:
    body = {"jql": "key = ML-3", "fields": ["status"], "expand": "changelog", "maxResults": 100}
    log = cloud(client, SEARCH, body).json()["issues"][0]["changelog"]
    assert (log["total"], log["maxResults"], len(log["histories"])) == (57, 40, 40)
    assert [entry["id"] for entry in log["histories"]] == [str(n) for n in range(56, 16, -1)]


def test_the_whole_changelog_comes_oldest_first_by_pages(client: httpx.Client) -> None:
    first = cloud(client, "api/3/issue/ML-3/changelog", startAt="0", maxResults="30").json()
    second = client.get(first["nextPage"], auth=httpx.BasicAuth("headway@example.test", "demo-jira-token")).json()
    assert (first["total"], first["isLast"], second["isLast"]) == (57, False, True)
    assert [entry["id"] for entry in first["values"] + second["values"]] == [str(n) for n in range(57)]


def test_an_issue_alone_embeds_a_hundred_entries(client: httpx.Client) -> None:
    whole = cloud(client, "api/3/issue/ML-3", expand="changelog").json()
    assert len(whole["changelog"]["histories"]) == 57
    assert whole["fields"]["status"]["statusCategory"]["key"] == "done"


def test_bulkfetch_spreads_one_issue_over_pages_by_date() -> None:
    early, late = NOW - 9 * DAY, NOW - 8 * DAY
    one = issue(1, changes=(change(11, early), change(13, late)))
    two = issue(2, changes=(change(12, early + DAY / 2, author=None), change(14, late, field="assignee", to_id="p1")))
    with running(Pretend([one, two])) as (_, client):
        body: dict[str, Any] = {"issueIdsOrKeys": ["1", "ML-2", "999"], "maxResults": 2}
        first = cloud(client, "api/3/changelog/bulkfetch", body).json()
        body["nextPageToken"] = first["nextPageToken"]
        second = cloud(client, "api/3/changelog/bulkfetch", body).json()
        only = cloud(client, "api/3/changelog/bulkfetch", {"issueIdsOrKeys": ["2"], "fieldIds": ["status"]}).json()
    logs = first["issueChangeLogs"] + second["issueChangeLogs"]
    assert [log["issueId"] for log in logs] == ["1", "2", "1", "2"]
    assert first["issueChangeLogs"][0]["changeHistories"][0]["created"] == int(early.timestamp() * 1000)
    assert "author" not in logs[1]["changeHistories"][0]
    assert logs[3]["changeHistories"][0]["items"][0]["to"] == "712020:lena"
    assert "nextPageToken" not in second
    assert [entry["id"] for entry in only["issueChangeLogs"][0]["changeHistories"]] == ["12"]


def test_bulkfetch_refuses_too_many(client: httpx.Client) -> None:
    for body in ({"issueIdsOrKeys": ["1"] * 1001}, {"issueIdsOrKeys": ["1"], "fieldIds": [str(n) for n in range(11)]}):
        assert cloud(client, "api/3/changelog/bulkfetch", body).status_code == 400


def test_changes_made_in_one_go_are_one_entry() -> None:
    moved = (change(1, NOW, field="Key", to_text="ML-1"), change(2, NOW, field="project"), change(3, NOW + DAY))
    with running(Pretend([issue(1, changes=moved)])) as (_, client):
        values = cloud(client, "api/3/issue/1/changelog").json()["values"]
    assert [[item["field"] for item in entry["items"]] for entry in values] == [["Key", "project"], ["status"]]


def test_an_issue_has_the_fields_of_its_site(client: httpx.Client) -> None:
    fields = cloud(client, "api/3/issue/ML-2").json()["fields"]
    assert fields["customfield_10016"] == 3.0
    assert fields["customfield_10014"] == fields["parent"]["key"] == "ML-1"
    assert [sprint["id"] for sprint in fields["customfield_10020"]] == [21, 22]
    assert fields["customfield_10020"][0]["startDate"] == "2026-11-02T09:00:00.000Z"
    assert "startDate" not in fields["customfield_10020"][1]
    assert fields["customfield_10021"][0]["value"] == "Impediment"
    assert fields["issuelinks"][0]["inwardIssue"]["key"] == "ML-3"
    assert [node["type"] for node in fields["description"]["content"]] == ["paragraph", "bulletList"]
    assert fields["description"]["content"][0]["content"][1]["attrs"]["url"] == "https://example.test/a"
    assert cloud(client, "api/3/issue/ML-3", fields="customfield_10016").json()["fields"] == {"customfield_10016": None}


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ('parent = ML-1', ["ML-2"]),
        ('"Epic Link" = ML-1', ["ML-2"]),
        ("project = ML and issuetype = Epic", ["ML-1"]),
        ("project in (ML, OPS) and type in (Epic)", ["ML-1"]),
        ("labels = x", ["ML-2"]),
        ("labels in (y, 'x') AND NOT status = Done", ["ML-2"]),
        ("sprint = 21", ["ML-2"]),
        ("project = ML and statusCategory = Done", ["ML-3"]),
        ("status = done", ["ML-3"]),
        ("id in (4, 2) order by id desc", ["ML-4", "ML-2"]),
        ("key in (ML-1, OPS-1) order by key", ["ML-1", "OPS-1"]),
        ("project = OPS or (key = ML-1 and created < now())", ["OPS-1", "ML-1"]),
        ("assignee is empty", []),
        ("project = ML and created <= '2026-10-01 00:02'", ["ML-2", "ML-1"]),
    ],
)  # fmt: skip
def test_jql_finds(client: httpx.Client, jql: str, expected: list[str]) -> None:
    assert sorted(keys(client, jql)) == sorted(expected)


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", "Unbounded JQL"),
        ("order by created", "Unbounded JQL"),
        ("project = XYZ", "The value 'XYZ' does not exist for the field 'project'."),
        ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
        ("project = ML and", "Error in the JQL Query"),
        ("project ML", "Error in the JQL Query"),
        ("project = ML order by " + ", ".join(["created"] * 8), "maximum number of fields"),
        ("sprint in (openSprints())", "Unable to find JQL function 'openSprints()'."),
        ("key = ML-9999", "An issue with key 'ML-9999' does not exist"),
        ("project = ML and updated >= yesterday", "Date value 'yesterday'"),
    ],
)
def test_jql_refuses(client: httpx.Client, jql: str, words: str) -> None:
    answer = cloud(client, SEARCH, {"jql": jql})
    assert answer.status_code == 400
    assert words in answer.json()["errorMessages"][0]


def test_dates_are_read_in_the_askers_zone(client: httpx.Client) -> None:
    """ML-4 changed half a minute before 12:00 UTC, which is 13:00 in Berlin (J11)."""
    assert keys(client, 'updated >= "2026-11-10 11:59"') == ["ML-4"]
    assert keys(client, 'updated >= "2026-11-10 12:00"') == []
    assert keys(client, 'updated >= "2026-11-10 12:59"', secret="berlin") == ["ML-4"]
    assert keys(client, 'updated >= "2026-11-10 11:59"', secret="berlin") == ["ML-4"]
    assert keys(client, 'updated <= "2026-11-10 12:58" and updated >= -1d', secret="berlin") == []
    instant = int((NOW - timedelta(seconds=30)).timestamp() * 1000)
    assert keys(client, f"updated >= {instant}", secret="berlin") == ["ML-4"]
    assert keys(client, f"updated > {instant}") == []


def test_times_carry_the_askers_offset_without_a_colon(client: httpx.Client) -> None:
    plain = cloud(client, "api/3/issue/ML-4", fields="updated").json()["fields"]["updated"]
    local = cloud(client, "api/3/issue/ML-4", fields="updated", secret="berlin").json()["fields"]["updated"]
    assert (plain, local) == ("2026-11-10T11:59:30.000+0000", "2026-11-10T12:59:30.000+0100")
    assert cloud(client, "api/3/myself", secret="berlin").json()["timeZone"] == "Europe/Berlin"


def test_a_wrong_token_is_refused(client: httpx.Client) -> None:
    answer = cloud(client, "api/3/myself", secret="wrong")
    assert answer.status_code == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert client.get("/cloud/rest/api/3/serverInfo").json()["deploymentType"] == "Cloud"


def test_a_token_sees_its_projects_only(client: httpx.Client) -> None:
    assert cloud(client, SEARCH, {"jql": "project = ML"}, secret="narrow").status_code == 400
    assert cloud(client, "api/3/issue/ML-1", secret="narrow").status_code == 404
    assert keys(client, "created > 0", secret="narrow") == ["OPS-1"]
    listed = cloud(client, "api/3/project/search", secret="narrow").json()
    assert [project["key"] for project in listed["values"]] == ["OPS"]


def test_the_old_search_is_gone(client: httpx.Client) -> None:
    for answer in (
        cloud(client, "api/2/search", jql="project=ML"),
        cloud(client, "api/3/search", {"jql": "project=ML"}),
    ):
        assert answer.status_code == 410
        assert "CHANGE-2046" in answer.json()["errorMessages"][0]


def test_dictionaries_and_counts(client: httpx.Client) -> None:
    customs = {
        field["schema"]["custom"]: field["id"] for field in cloud(client, "api/3/field").json() if field["custom"]
    }
    assert customs["com.pyxis.greenhopper.jira:gh-sprint"] == "customfield_10020"
    assert customs["com.pyxis.greenhopper.jira:jsw-story-points"] == "customfield_10016"
    assert [status["statusCategory"]["key"] for status in cloud(client, "api/3/status").json()] == [
        "new",
        "indeterminate",
        "done",
    ]
    assert cloud(client, "api/3/search/approximate-count", {"jql": "project = ML"}).json() == {"count": MANY}
    assert cloud(client, "api/3/project/ML").json()["name"] == "Ranking"
    assert cloud(client, "api/3/project/NO").status_code == 404
    assert [user["displayName"] for user in cloud(client, "api/3/user/search", query="lena").json()] == ["Lena Fox"]
    assert len(cloud(client, "api/3/users/search").json()) == 2
    assert cloud(client, "api/3/issuetype").json()[0]["hierarchyLevel"] == 1


def test_boards_and_sprints(client: httpx.Client) -> None:
    boards = cloud(client, "agile/1.0/board", maxResults="1").json()
    assert (boards["total"], boards["isLast"], boards["values"][0]["type"]) == (2, False, "scrum")
    sprints = cloud(client, "agile/1.0/board/7/sprint", state="active").json()
    assert [sprint["id"] for sprint in sprints["values"]] == [21]
    assert cloud(client, "agile/1.0/board/8/sprint").status_code == 400
    assert cloud(client, "agile/1.0/board/99").status_code == 404
    assert (
        cloud(client, "agile/1.0/board/7/configuration").json()["estimation"]["field"]["fieldId"] == "customfield_10016"
    )
    assert cloud(client, "agile/1.0/sprint/21/issue").json()["total"] == 1
    assert cloud(client, "agile/1.0/board/7/issue", jql="type = Epic", fields="summary").json()["total"] == 1


def test_a_wrong_path_answers_in_jiras_words(client: httpx.Client) -> None:
    answer = cloud(client, "api/3/nonsense")
    assert answer.status_code == 404
    assert "errorMessages" in answer.json()
