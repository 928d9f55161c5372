"""Jira sites scripted for what the simulator does not do."""

import pytest

from delivery.connectors import paging
from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.core.records import SprintRecord, WorkItemRecord
from tests.connectors.pages import page
from tests.connectors.pretend import NOW, TOKEN, Reply, answering, value
from tests.connectors.simulated import everything, opened

BASICS = {
    "/rest/api/2/serverInfo": {
        "deploymentType": "Cloud",
        "version": "1001",
        "serverTime": "2026-11-02T09:00:00.000+0000",
    },
    "/rest/api/2/myself": {"accountId": "557058:me", "displayName": "Me"},
    "/rest/api/3/project/PLAT": {"id": "1", "key": "PLAT"},
    "/rest/api/3/search/approximate-count": {"count": 4},
}


def scripted_cloud(search, more=None):
    """A Cloud site whose searches are answered by a function of the body; the second pass finds nothing."""
    routes = {**BASICS, "/rest/api/3/field": page("jira_cloud_fields"), **(more or {})}

    def answer(asked):
        if asked.path.endswith("/search/jql"):
            second = "updated >=" in asked.body["jql"]
            return value({"issues": [], "isLast": True} if second else search(asked.body))
        found = routes.get(asked.path.partition("?")[0], Reply(404))
        return found if isinstance(found, Reply) else value(found)

    return answering(answer)


def issue(id, created="2026-03-02T10:00:00.000+0000"):
    return {
        "id": str(id),
        "key": f"PLAT-{id}",
        "fields": {"summary": f"Item {id}", "created": created, "updated": created},
    }


def read_scripted(search, more=None, cursor=""):
    with scripted_cloud(search, more) as site, opened("jira", Credentials(site.url, TOKEN, "me@example.test")) as jira:
        pages = list(jira.read(Slice("issues", "PLAT"), since=None, cursor=cursor))
    return [record.native_id for found in pages for record in found.records], site


def test_empty_and_short_pages_with_a_token_go_on():
    pages = {None: [1], "a": [], "b": [2], "c": []}
    following = {None: "a", "a": "b", "b": "c", "c": None}

    def search(body):
        token = body.get("nextPageToken")
        more = {"nextPageToken": following[token]} if following[token] else {}
        return {"issues": [issue(id) for id in pages[token]], **more}

    assert read_scripted(search)[0] == ["1", "2"]


def test_a_token_that_comes_again_is_an_error():
    def search(body):
        return {"issues": [issue(1)], "nextPageToken": "again", "isLast": False}

    with pytest.raises(ConnectorError, match="circle"):
        read_scripted(search)


def test_rows_that_come_twice_are_one():
    def search(body):
        token = body.get("nextPageToken")
        return {"issues": [issue(1), issue(2)] if token else [issue(1)], **({} if token else {"nextPageToken": "b"})}

    assert read_scripted(search)[0] == ["1", "2"]


def test_fields_are_named_and_the_query_is_bounded():
    _, site = read_scripted(lambda body: {"issues": [], "isLast": True})
    first = next(asked.body for asked in site.asked if asked.path.endswith("/search/jql"))
    assert first["jql"] == 'project = "PLAT" ORDER BY created ASC, key ASC'
    assert first["maxResults"] == 100
    assert {"summary", "status", "customfield_10016", "customfield_10020"} <= set(first["fields"])


def test_the_second_pass_begins_when_the_first_did():
    _, site = read_scripted(lambda body: {"issues": [], "isLast": True})
    last = [asked.body["jql"] for asked in site.asked if asked.path.endswith("/search/jql")][-1]
    began = paging.milliseconds(NOW - paging.OVERLAP)
    assert last == f'project = "PLAT" AND updated >= {began} ORDER BY created ASC, key ASC'


def test_a_removed_endpoint_means_headway_is_outdated():
    routes = {**BASICS, "/rest/api/3/field": []}
    with answering(lambda asked: value(routes.get(asked.path, {}), 410 if "search" in asked.path else 200)) as site:
        credentials = Credentials(site.url, TOKEN)
        with opened("jira", credentials) as jira, pytest.raises(ConnectorError) as caught:
            list(jira.read(Slice("issues", "PLAT"), since=NOW))
    assert caught.value.kind == "outdated"


def test_bulk_entries_of_one_issue_are_gathered_over_pages():
    def entry(id, name):
        return {"id": id, "created": 1772445600000 + int(id), "items": [{"fieldId": "status", "toString": name}]}

    def search(body):
        log = {"total": 3, "histories": [{**entry("3", "Done"), "created": "2026-03-02T10:00:00.003+0000"}]}
        return {"issues": [{**issue(7), "changelog": log}], "isLast": True}

    def bulk(asked):
        more = {"nextPageToken": "b"} if not asked.body.get("nextPageToken") else {}
        rows = [entry("1", "Doing")] if more else [entry("2", "Review")]
        return value({"issueChangeLogs": [{"issueId": "7", "changeHistories": rows}], **more})

    with scripted_cloud(search) as site:
        plain = site.answer
        site.answer = lambda asked: bulk(asked) if asked.path.endswith("bulkfetch") else plain(asked)
        with opened("jira", Credentials(site.url, TOKEN)) as jira:
            (item,) = everything(jira, "issues", "PLAT", WorkItemRecord)
    assert [move.to_name for move in item.transitions] == ["Doing", "Review", "Done"]


def test_points_are_found_by_the_boards_estimation_when_no_field_says_so():
    more = {
        "/rest/api/3/field": [],
        "/rest/agile/1.0/board": {"values": [{"id": 5}], "isLast": True},
        "/rest/agile/1.0/board/5/configuration": {"estimation": {"field": {"fieldId": "customfield_10040"}}},
    }

    def search(body):
        assert "customfield_10040" in body["fields"]
        row = issue(1)
        row["fields"]["customfield_10040"] = 8
        return {"issues": [row], "isLast": True}

    with scripted_cloud(search, more) as site, opened("jira", Credentials(site.url, TOKEN)) as jira:
        assert [item.story_points for item in everything(jira, "issues", "PLAT", WorkItemRecord)] == [8.0]


def test_a_kanban_board_and_a_jira_without_boards_have_no_sprints():
    board = {"/rest/agile/1.0/board": {"values": [{"id": 5}]}, "/rest/agile/1.0/board/5/sprint": Reply(400)}
    for more in (board, {}):
        with scripted_cloud(None, more) as site, opened("jira", Credentials(site.url, TOKEN)) as jira:
            assert everything(jira, "sprints", "PLAT", SprintRecord) == []


def test_rows_that_vanish_before_the_offset_hide_no_others():
    """D1: issues deleted while we page; more of them than pages overlap."""
    rows = [issue(number, f"2026-03-02T10:{number // 60:02}:{number % 60:02}.000+0000") for number in range(1, 401)]
    left = list(rows)

    def answer(asked):
        if not asked.path.endswith("/search"):
            return value({**BASICS, "/rest/api/2/project/PLAT": {"id": "1", "key": "PLAT"}}.get(asked.path, []))
        if "updated >=" in asked.body["jql"]:
            return value({"issues": [], "total": 0})
        start = asked.body["startAt"]
        found = left[start : start + 100]
        if start in (0, 90):
            del left[10 : 10 + (5 if start == 0 else 30)]
        return value({"issues": found, "total": len(left), "maxResults": 100})

    with answering(answer) as site:
        plain = BASICS["/rest/api/2/serverInfo"]
        site.answer = lambda asked: (
            value({**plain, "deploymentType": "Server"}) if asked.path.endswith("serverInfo") else answer(asked)
        )
        with opened("jira", Credentials(site.url, TOKEN)) as jira:
            found = {item.native_id for item in everything(jira, "issues", "PLAT", WorkItemRecord)}
    assert {row["id"] for row in left} <= found
    assert len(left) == 365
