"""Whole reads of sites that answer with recorded pages: Cloud with a team-managed project, and a German Data Center."""

from __future__ import annotations

from typing import Any

from delivery.connectors.contract import Slice
from delivery.core.records import (
    AccountRecord,
    BoardRecord,
    FieldChangeRecord,
    GoneRecord,
    SprintRecord,
    WorkItemRecord,
    WorklogRecord,
)
from tests.connectors.pages import page
from tests.connectors.pretend import Asked
from tests.connectors.recorded import CLOUD, DATACENTER, at, items, read, recorded


def test_a_team_managed_project_is_read_with_its_parents_levels_and_history() -> None:
    with recorded(CLOUD) as (connector, _):
        found = items(connector)
    story, subtask, idea = found["MOB-12"], found["MOB-16"], found["MOB-20"]
    assert [(one.level, one.parent_key) for one in (story, subtask, idea)] == [(0, "MOB-9"), (-1, "MOB-12"), (2, "")]
    assert [move.to_name for move in story.transitions] == ["In Progress", "In Review", "Done"]
    assert story.changes == (
        FieldChangeRecord("10901:parent", at(2026, 9, 6, 18, 9, 17, 345000), "parent", "", "MOB-9"),
        FieldChangeRecord("10902:sprint", at(2026, 9, 7, 12, 0, 3, 112000), "sprint", "", "34"),
        FieldChangeRecord("10902:points", at(2026, 9, 7, 12, 0, 3, 112000), "points", "", "5"),
    )
    assert (story.story_points, story.sprints, story.blocked_by) == (5.0, ("34",), ("MOB-5",))
    assert (story.fix_versions, story.status_category, story.flagged) == (("4.2",), "done", False)
    assert (subtask.status_id, subtask.status_category, subtask.reporter, subtask.flagged) == ("10008", "", None, True)
    assert (idea.status_category, idea.changes[0].from_value, idea.changes[0].to_value) == ("", "OLD-3", "MOB-20")
    assert {one.name: one.is_bot for one in story.accounts} == {
        "Robin Example": False,
        "Kim Example": False,
        "Automation for Jira": True,
    }


def test_boards_and_sprints_of_a_team_managed_project() -> None:
    """J29: a board that belongs to a person and not to a project; a sprint without a goal or dates."""
    with recorded(CLOUD) as (connector, site):
        found, pages = read(connector, "sprints", "MOB")
        asked = [one.path.partition("?")[0] for one in site.asked if "/board/" in one.path]
    boards = [one for one in found if isinstance(one, BoardRecord)]
    assert boards == [BoardRecord("3", "MOB board", "simple", "MOB"), BoardRecord("8", "All of it", "kanban", "MOB")]
    assert [one for one in found if isinstance(one, SprintRecord)] == [
        SprintRecord("34", "MOB Sprint 4", "closed", at(2026, 9, 7, 12), at(2026, 9, 21, 12),
                     at(2026, 9, 21, 13, 11, 42, 120000), "", ("3",)),
        SprintRecord("35", "MOB Sprint 5", "future", None, None, None, "", ("3",)),
    ]  # fmt: skip
    assert asked == ["/rest/agile/1.0/board/3/sprint"]  # and not of the kanban board, which would refuse
    assert not [gap for page in pages for gap in page.gaps]


def test_worklogs_with_and_without_an_author() -> None:
    with recorded(CLOUD, worklogs=True) as (connector, _):
        found = [one for one in read(connector, "worklogs", "MOB")[0] if isinstance(one, WorklogRecord)]
    first, second = found
    assert (first.native_id, first.item, first.seconds, first.started) == (
        "10103",
        "10167",
        5400,
        at(2026, 9, 14, 7, 30),
    )
    assert (first.author, second.author) == ("5b10a2844c20165700ede21g", None)


def test_issues_by_id_come_in_bulk_and_what_is_gone_is_told_apart() -> None:
    with recorded(CLOUD) as (connector, site):
        (found,) = connector.reread(Slice("issues", "MOB"), ["10167", "99999"])
        (body,) = [asked.body for asked in site.asked if asked.path.endswith("issue/bulkfetch")]
    assert [one.key for one in found.records if isinstance(one, WorkItemRecord)] == ["MOB-12"]
    assert [one for one in found.records if isinstance(one, GoneRecord)] == [GoneRecord("issues", "99999")]
    assert (body["issueIdsOrKeys"], body["expand"]) == (["10167", "99999"], ["changelog"])


def in_short(count: int) -> Any:
    """The recorded search with only the newest ``count`` entries of the story."""
    search = page("jira_cloud_team_managed")
    log = search["issues"][0]["changelog"]
    log["histories"] = log["histories"][:count]
    return search


def filtered(asked: Asked) -> Any:
    """Bulk changelogs as Jira narrows them: by the field id of an item, which a new parent has not."""
    bulk, wanted = page("jira_cloud_bulk_changelog"), asked.body.get("fieldIds")
    for entry in bulk["issueChangeLogs"][0]["changeHistories"]:
        entry["items"] = [item for item in entry["items"] if not wanted or item.get("fieldId") in wanted]
    return bulk


def test_j10_a_long_history_keeps_what_has_no_field_id() -> None:
    with recorded(CLOUD) as (connector, _):
        whole = items(connector)["MOB-12"]
    routes = {**CLOUD, "/rest/api/3/search/jql": in_short(2), "/rest/api/3/changelog/bulkfetch": filtered}
    with recorded(routes) as (connector, _):
        found = items(connector)["MOB-12"]
    assert found.changes == whole.changes
    assert [one.native_id for one in found.transitions] == [one.native_id for one in whole.transitions]


def test_j9_what_a_bulk_leaves_out_is_read_by_itself() -> None:
    def few(asked: Asked) -> Any:
        bulk = page("jira_cloud_bulk_changelog")
        del bulk["issueChangeLogs"][0]["changeHistories"][:2]
        return bulk

    def rest(asked: Asked) -> Any:
        entries = page("jira_cloud_team_managed")["issues"][0]["changelog"]["histories"][::-1]
        start = int(asked.path.partition("startAt=")[2].partition("&")[0])
        return {"self": "", "startAt": start, "maxResults": 100, "isLast": start > 0, "values": entries[start:][:3]}

    routes = {
        **CLOUD,
        "/rest/api/3/search/jql": in_short(2),
        "/rest/api/3/changelog/bulkfetch": few,
        "/rest/api/3/issue/10167/changelog": rest,  # without a total: its last page says that it is the last
    }
    with recorded(routes) as (connector, _):
        found, pages = read(connector, "issues", "MOB")
    story = next(one for one in found if isinstance(one, WorkItemRecord) and one.key == "MOB-12")
    assert (len(story.transitions), len(story.changes)) == (3, 3)
    assert not [gap for page in pages for gap in page.gaps]


def test_j9_a_history_that_is_full_to_the_brim_is_not_believed_to_be_whole() -> None:
    """Jira's description calls the total the number of entries on the page; forty are as many as a search embeds."""

    def entry(number: int) -> dict[str, Any]:
        items = [{"field": "labels", "fieldId": "labels", "from": None, "fromString": "", "to": None, "toString": "x"}]
        if number == 1:
            items = [
                {"field": "status", "fieldId": "status", "from": "1", "fromString": "A", "to": "2", "toString": "B"}
            ]
        return {"id": str(number), "created": f"2026-09-14T10:{number:02}:00.000+0000", "items": items}

    newest = [entry(number) for number in range(41, 1, -1)]
    search = page("jira_cloud_team_managed")
    search["issues"][0]["changelog"] = {"startAt": 0, "maxResults": 40, "total": 40, "histories": newest}
    bulk = {"issueChangeLogs": [{"issueId": "10167", "changeHistories": [entry(1), *newest[::-1]]}]}
    routes = {**CLOUD, "/rest/api/3/search/jql": search, "/rest/api/3/changelog/bulkfetch": bulk}
    with recorded(routes) as (connector, _):
        assert [move.to_name for move in items(connector)["MOB-12"].transitions] == ["B"]


def test_a_data_center_in_german_is_read_with_sprints_epics_and_people_who_left() -> None:
    """D2: people by key, fields by name, no field ids; J21: sprints as texts with commas in their names."""
    with recorded(DATACENTER) as (connector, _):
        found, _ = read(connector, "issues", "BILL")
    task, subtask = (one for one in found if isinstance(one, WorkItemRecord))
    assert (task.level, task.parent_key, subtask.level, subtask.parent_key) == (0, "BILL-7", -1, "BILL-401")
    assert [(move.to_id, move.author) for move in task.transitions] == [("3", "JIRAUSER10044"), ("6", "JIRAUSER10100")]
    assert [(one.field, one.to_value) for one in task.changes] == [
        ("sprint", "118,119"),
        ("parent", "BILL-7"),
        ("points", "2.5"),
    ]
    assert task.resolved == task.transitions[-1].at == at(2026, 3, 29, 1, 30)
    assert [one for one in found if isinstance(one, SprintRecord)] == [
        SprintRecord("118", "BILL 12, catch-up", "closed", at(2026, 3, 2, 8), at(2026, 3, 16, 8),
                     at(2026, 3, 16, 9, 12, 13, 456000), ""),
        SprintRecord("119", "BILL 13", "future", None, None, None, ""),
    ]  # fmt: skip
    assert (task.flagged, subtask.flagged, subtask.story_points) == (False, True, None)


def test_an_address_that_is_none_is_nobodys() -> None:
    """Data Center writes ``?`` for somebody who is gone, and hides addresses: nobody may be found by such a thing."""
    with recorded(DATACENTER) as (connector, _):
        (task, _) = items(connector, "BILL").values()
    assert {one.native_id: one.email for one in task.accounts} == {
        "JIRAUSER10044": "",
        "JIRAUSER10100": "robin@example.test",
    }
    assert AccountRecord("JIRAUSER10044", "Former user", "user-4f0e1") in task.accounts
