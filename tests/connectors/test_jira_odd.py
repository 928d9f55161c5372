"""Jira sites that refuse, or answer in shapes that no Jira documents: the rest is read and the refusal is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from delivery.connectors.contract import ConnectorError, Slice
from delivery.core.records import GoneRecord, SprintRecord, WorkItemRecord
from tests.connectors.pages import page
from tests.connectors.pretend import Asked, Reply, value
from tests.connectors.recorded import CLOUD, DATACENTER, MISSING, Routes, items, read, recorded

SCOPES = {"code": 401, "message": "Unauthorized; scope does not match"}


def counting(routes: Routes, part: str) -> tuple[dict[str, WorkItemRecord], int]:
    with recorded({**CLOUD, "/rest/api/3/field": [], **routes}) as (connector, site):
        found = items(connector)
        items(connector)
        list(connector.reread(Slice("issues", "MOB"), ["10167"]))
    return found, len([asked for asked in site.asked if part in asked.path])


@pytest.mark.parametrize("refused", [value(SCOPES, 401), value({"errorMessages": ["No."]}, 403), value(MISSING, 404)])
def test_a_token_that_may_read_no_boards_still_reads_issues_where_no_field_holds_points(refused: Reply) -> None:
    """J20, J32: a scoped token without read:board-scope."""
    found, _ = counting({"/rest/agile/1.0/board": refused}, "/board")
    assert found.keys() == {"MOB-12", "MOB-16", "MOB-20"}
    assert {one.story_points for one in found.values()} == {None}


def test_what_boards_estimate_in_is_asked_once() -> None:
    field = {"estimation": {"type": "field", "field": {"fieldId": "customfield_10016", "displayName": "Points"}}}
    count = {"estimation": {"type": "issueCount"}}
    found, asked = counting(
        {"/rest/agile/1.0/board/3/configuration": field, "/rest/agile/1.0/board/8/configuration": count}, "/board"
    )
    assert found["MOB-12"].story_points == 5.0
    assert asked == 3


def odd(change: Callable[[dict[str, Any]], None]) -> Any:
    search = page("jira_cloud_team_managed")
    change(search["issues"][1])
    return search


@pytest.mark.parametrize(
    "change",
    [
        lambda issue: issue.update(key=None),
        lambda issue: issue.update(id=None),
        lambda issue: issue["fields"].update(status="Open"),
        lambda issue: issue["fields"].update(issuelinks=["10044"]),
        lambda issue: issue["fields"].update(labels=7),
        lambda issue: issue.update(changelog=["?"]),
        lambda issue: issue.update(changelog={"total": "many", "histories": ["?"]}),
    ],
)
def test_shapes_that_no_jira_documents_are_a_gap_and_the_others_go_on(change: Callable[[dict[str, Any]], None]) -> None:
    with recorded({**CLOUD, "/rest/api/3/search/jql": odd(change)}) as (connector, _):
        found, pages = read(connector, "issues", "MOB")
    assert {one.key for one in found if isinstance(one, WorkItemRecord)} == {"MOB-12", "MOB-20"}
    assert {gap.what for page in pages for gap in page.gaps} <= {"MOB-16", "10171"}
    assert [gap for page in pages for gap in page.gaps]


def test_an_entry_with_three_status_items_or_that_comes_twice_makes_no_two_moves_of_one_id() -> None:
    search = page("jira_cloud_team_managed")
    entry = search["issues"][0]["changelog"]["histories"][0]
    entry["items"] = [{**entry["items"][0], "to": str(number), "toString": str(number)} for number in range(3)]
    search["issues"][0]["changelog"]["histories"].append(entry)
    with recorded({**CLOUD, "/rest/api/3/search/jql": search}) as (connector, _):
        moves = items(connector)["MOB-12"].transitions
    assert [move.native_id for move in moves] == ["10911", "10921", "10934", "10934.1", "10934.2"]


def test_entries_without_ids_are_all_kept() -> None:
    search = page("jira_cloud_team_managed")
    for entry in search["issues"][0]["changelog"]["histories"]:
        del entry["id"]
    with recorded({**CLOUD, "/rest/api/3/search/jql": search}) as (connector, _):
        story = items(connector)["MOB-12"]
    assert len({move.native_id for move in story.transitions}) == 3
    assert len(story.changes) == 3


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00.000+0800", "9999-12-31T23:59:59.000-08:00"])
def test_a_sprint_on_a_day_that_is_none_comes_without_it(day: str) -> None:
    sprints = page("jira_cloud_sprints")
    sprints["values"][0]["startDate"] = day
    with recorded({**CLOUD, "/rest/agile/1.0/board/3/sprint": sprints}) as (connector, _):
        found = [one for one in read(connector, "sprints", "MOB")[0] if isinstance(one, SprintRecord)]
    assert [one.start for one in found] == [None, None]


def test_projects_that_come_round_again_end_the_list() -> None:
    rows = [{"id": "1", "key": "MOB", "name": "Mobile", "insight": {"totalIssueCount": 3}}, None]
    with recorded({**CLOUD, "/rest/api/3/project/search": {"values": rows}}) as (connector, site):
        assert [one.scope for one in connector.discover()] == ["MOB"]
        assert len([asked for asked in site.asked if "/project/search" in asked.path]) == 2


HTML = b"<html><head><title>Unauthorized (401)</title></head><body>Encountered a <code>401</code> error.</body></html>"
BAD_JQL = {"errorMessages": ["The value 'BILL' does not exist for the field 'project'."], "warningMessages": []}
REFUSALS = [
    (Reply(401, HTML, {"Content-Type": "text/html;charset=UTF-8"}), "credentials", "refused the token"),
    (value({"message": "Client must be authenticated to access this resource.", "status-code": 401}, 401),
     "credentials", "refused the token"),
    (Reply(404, b"Site temporarily unavailable", {"Content-Type": "text/plain"}), "answer", "check that the address"),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "kind", "said"), REFUSALS)
def test_recorded_refusals_of_a_sign_in(refusal: Reply, kind: str, said: str) -> None:
    routes = {**DATACENTER, "/rest/api/2/myself": refusal}
    with recorded(routes) as (connector, _), pytest.raises(ConnectorError, match=said) as caught:
        connector.check(["BILL"])
    assert caught.value.kind == kind


def test_a_refused_question_says_why_in_jiras_own_words() -> None:
    routes, said = {**DATACENTER, "/rest/api/2/search": value(BAD_JQL, 400)}, "does not exist for the field 'project'"
    with recorded(routes) as (connector, _), pytest.raises(ConnectorError, match=said):
        read(connector, "issues", "BILL")


@pytest.mark.parametrize("total", [None, "240"])
def test_a_data_center_that_does_not_say_how_many_there_are_is_read_to_its_end(total: str | None) -> None:
    """D1: the first page alone must not look like the whole project."""
    like = page("jira_datacenter_whole")["issues"][1]
    rows = [{**like, "id": str(number), "key": f"BILL-{number}"} for number in range(1, 241)]

    def search(asked: Asked) -> Any:
        start, size = asked.body["startAt"], asked.body["maxResults"]
        return {"startAt": start, "maxResults": size, "total": total, "issues": rows[start : start + size]}

    with recorded({**DATACENTER, "/rest/api/2/search": search}) as (connector, site):
        assert len(items(connector, "BILL")) == 240
        assert {id for ids in connector.census(Slice("issues", "BILL")) for id in ids} == {row["id"] for row in rows}
        assert len([asked for asked in site.asked if asked.path.endswith("/search")]) < 14


def test_a_token_that_may_read_nothing_any_more_marks_no_issue_as_gone() -> None:
    """Cloud answers 404 for an issue that is hidden; 403 is of the address list, or of an app that is blocked."""
    refused = value({"errorMessages": ["The IP address has been rejected because it's not on the allowlist."]}, 403)
    routes = {**CLOUD, "/rest/api/3/issue/bulkfetch": refused, "/rest/api/3/issue/10167": refused}
    with recorded(routes) as (connector, _), pytest.raises(ConnectorError) as caught:
        list(connector.reread(Slice("issues", "MOB"), ["10167"]))
    assert caught.value.kind == "permission"


def test_an_issue_that_a_data_center_hides_is_gone() -> None:
    hidden = value({"errorMessages": ["You do not have the permission to see the specified issue."], "errors": {}}, 403)
    with recorded({**DATACENTER, "/rest/api/2/issue/24518": hidden}) as (connector, _):
        (found,) = connector.reread(Slice("issues", "BILL"), ["24518"])
    assert found.records == (GoneRecord("issues", "24518"),)


@pytest.mark.parametrize(
    ("refused", "advice"),
    [
        (
            value(SCOPES, 401),
            "give it read:board-scope:jira-software, read:sprint:jira-software and read:project:jira.",
        ),
        (value({"errorMessages": ["You do not have permission."]}, 403), "ask for permission for its account."),
    ],
)
def test_a_check_says_what_a_token_lacks_to_see_boards_by_how_it_was_refused(refused: Reply, advice: str) -> None:
    """The list of boards takes read:project:jira besides; a personal access token has no scopes at all."""
    with recorded({**CLOUD, "/rest/agile/1.0/board": refused}) as (connector, _):
        (said,) = connector.check(["MOB"]).lacks
    assert said == f"The token may not read the boards of MOB, so its sprints will be missing: {advice}"


@pytest.mark.parametrize(("field", "lacking"), [("customfield_10033", 0), ("customfield_10330", 1), ("", 0)])
def test_a_check_says_when_there_is_no_such_field_for_points(field: str, lacking: int) -> None:
    """J20: Jira passes over a field that it does not know, and every item would be without points."""
    with recorded(CLOUD, story_points_field=field) as (connector, _):
        lacks = connector.check(["MOB"]).lacks
    assert len(lacks) == lacking
    assert all(said.startswith(f"The token sees no field {field}, so no item will have story points") for said in lacks)


NOTHINGS: list[Any] = [None, {}, "x", 3]


@pytest.mark.parametrize("nothing", NOTHINGS)
@pytest.mark.parametrize(
    ("route", "kind"),
    [
        ("/rest/api/3/field", "issues"),
        ("/rest/api/3/status", "statuses"),
        ("/rest/agile/1.0/board", "sprints"),
        ("/rest/agile/1.0/board/3/sprint", "sprints"),
        ("/rest/api/3/worklog/updated", "worklogs"),
        ("/rest/api/3/worklog/list", "worklogs"),
        ("/rest/api/3/worklog/deleted", "worklogs"),
    ],
)
def test_what_is_no_list_is_an_error_and_never_an_empty_one(route: str, kind: str, nothing: Any) -> None:
    """Else points and sprints would be gone from every item, and worklogs passed over for good."""
    routes = {**CLOUD, route: value(nothing)}
    with recorded(routes, worklogs=True) as (connector, _), pytest.raises(ConnectorError) as caught:
        read(connector, kind, "MOB")
    assert caught.value.kind == "answer"


@pytest.mark.parametrize(
    ("route", "kind"),
    [("/rest/api/3/field", "issues"), ("/rest/api/3/status", "statuses"), ("/rest/agile/1.0/board", "sprints")],
)
def test_odd_rows_of_a_list_are_passed_over(route: str, kind: str) -> None:
    rows: Any = ["x", None, 3]
    with recorded({**CLOUD, route: value({"values": rows} if "agile" in route else rows)}) as (connector, _):
        read(connector, kind, "MOB")
