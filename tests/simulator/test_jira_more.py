"""The pretend Jira's worklogs, bulk fetch, boards and newer lists, and what happens when somebody changes things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import httpx
import pytest

from simulator.jira_records import Board
from simulator.overlay import Overlay
from simulator.records import Issue
from tests.simulator.pretend import NOW, Pretend, cloud, datacenter, issue, running


@contextmanager
def changing(count: int = 12) -> Iterator[tuple[Overlay, httpx.Client, list[datetime]]]:
    time = [NOW]
    world = Overlay(Pretend([issue(number) for number in range(1, count + 1)]), lambda: time[0])
    with running(world, clock=lambda: time[0]) as (_, client):
        yield world, client, time


def ids(body: Any) -> list[str]:
    return [row["id"] for row in body["issues"]]


def search(client: httpx.Client, size: int = 5, token: str = "", jql: str = "project = ML ORDER BY created") -> Any:
    more = {"nextPageToken": token} if token else {}
    return cloud(client, "api/3/search/jql", {"jql": jql, "fields": ["summary"], "maxResults": size, **more}).json()


def test_bulk_fetch_tells_what_is_there_and_what_is_not() -> None:
    with changing() as (world, client, _):
        world.delete("ML-3")
        body = {"issueIdsOrKeys": ["1", "ML-2", "3", "999"], "fields": ["status"], "expand": ["changelog"]}
        found = cloud(client, "api/3/issue/bulkfetch", body).json()
        assert ids(found) == ["1", "2"]
        assert found["issues"][0]["changelog"]["total"] == 0
        assert [row["id"] for row in found["issueErrors"]] == ["3", "999"]
        many = {"issueIdsOrKeys": [str(number) for number in range(101)]}
        assert cloud(client, "api/3/issue/bulkfetch", many).status_code == 400


def test_a_search_by_the_id_of_a_deleted_issue_is_an_error() -> None:
    with changing() as (world, client, _):
        assert sorted(ids(search(client, jql="id in (1, 3)"))) == ["1", "3"]
        world.delete("ML-3")
        assert "errorMessages" in search(client, jql="id in (1, 3)")


def test_a_walk_on_cloud_loses_no_row_when_others_are_deleted_meanwhile() -> None:
    with changing() as (world, client, time):
        first = search(client)
        time[0] += timedelta(seconds=3)
        for key in ("ML-1", "ML-2", "ML-7"):
            world.delete(key)
        second = search(client, token=first["nextPageToken"])
        third = search(client, token=second["nextPageToken"])
        assert {str(number) for number in range(1, 13)} - {"7"} <= {*ids(first), *ids(second), *ids(third)}
        assert search(client, size=50)["isLast"]
        assert ids(search(client, size=50)) == [str(number) for number in range(1, 13) if number not in (1, 2, 7)]


def test_what_was_changed_shows_from_then_on_and_moves_updated() -> None:
    with changing() as (world, client, time):
        time[0] += timedelta(minutes=1)
        world.edit("ML-4", status="Done", labels=("late",))
        shown = cloud(client, "api/3/issue/ML-4", expand="changelog").json()
        assert (shown["fields"]["status"]["name"], shown["fields"]["labels"]) == ("Done", ["late"])
        assert shown["fields"]["resolutiondate"] == shown["fields"]["updated"] == "2026-11-10T12:01:00.000+0000"
        (entry,) = shown["changelog"]["histories"]
        assert {(item["field"], item["toString"]) for item in entry["items"]} == {
            ("status", "Done"),
            ("labels", "late"),
        }
        assert ids(search(client, jql=f"project = ML AND updated >= {int(time[0].timestamp() * 1000)}")) == ["4"]


def test_a_moved_issue_has_a_new_key_and_answers_to_the_old_one() -> None:
    with changing() as (world, client, _):
        world.add("ML", title="So that the other project is not empty")
        moved = world.move("ML-4", "OPS")
        for name in ("ML-4", moved.key, "4"):
            assert cloud(client, f"api/3/issue/{name}").json()["key"] == moved.key
        assert ids(search(client, jql="project = OPS")) == ["4"]
        assert "4" not in ids(search(client, size=50))


def test_a_renamed_project_renames_every_key_at_once_and_nothing_else() -> None:
    with changing() as (world, client, _):
        before = world.issues("ML", NOW)
        world.rename_project("ML", "AI")
        found = datacenter(client, "api/2/search", jql="project = AI", maxResults=50).json()["issues"]
        assert {row["key"] for row in found} == {f"AI-{number}" for number in range(1, 13)}
        assert datacenter(client, "api/2/project/ML").json()["key"] == "AI"
        assert datacenter(client, "api/2/issue/ML-4").json()["key"] == "AI-4"
        assert [one.updated for one in world.issues("AI", NOW)] == [one.updated for one in before]


def test_a_new_issue_can_be_found_moved_and_deleted() -> None:
    with changing() as (world, client, _):
        made = world.add("ML", title="New")
        assert cloud(client, f"api/3/issue/{made.id}").json()["fields"]["summary"] == "New"
        world.delete(made.key)
        assert cloud(client, f"api/3/issue/{made.id}").status_code == 404
        world.restore(made.id)
        assert str(made.id) in ids(search(client, size=50))


def test_hidden_things_are_hidden_from_whom_they_are_hidden() -> None:
    with changing() as (world, client, _):
        world.hide("ML-2", secret="berlin")
        assert cloud(client, "api/3/issue/ML-2", secret="berlin").status_code == 404
        assert cloud(client, "api/3/issue/ML-2").status_code == 200
        world.hide(project="OPS")
        assert cloud(client, "api/3/project/OPS").status_code == 404
        assert [row["key"] for row in cloud(client, "api/3/project/search").json()["values"]] == ["ML"]
        world.show()
        assert cloud(client, "api/3/project/OPS").status_code == 200


def test_a_removed_project_is_gone_with_its_issues_until_it_is_back() -> None:
    with changing() as (world, client, _):
        world.remove_project("ML")
        assert cloud(client, "api/3/project/ML").status_code == 404
        assert cloud(client, "api/3/issue/ML-2").status_code == 404
        world.show()
        assert len(ids(search(client, size=50))) == 12


def test_searches_may_lag_behind_what_is_read_by_id() -> None:
    """J8."""
    with changing() as (world, client, time):
        world.behind = timedelta(minutes=1)
        time[0] += timedelta(minutes=5)
        world.edit("ML-4", title="New")
        jql = f"project = ML AND updated >= {int(time[0].timestamp() * 1000)}"
        assert ids(search(client, jql=jql)) == []
        assert cloud(client, "api/3/issue/ML-4").json()["fields"]["summary"] == "New"
        time[0] += timedelta(minutes=1)
        assert ids(search(client, jql=jql)) == ["4"]


def test_the_lag_can_be_asked_for_by_name() -> None:
    found = [issue(1), issue(2, created=NOW - timedelta(seconds=30), updated=NOW)]
    for faults, shown in (("", ["1", "2"]), ("lag:seconds=60", ["1"])):
        with running(Pretend(found), faults=faults) as (_, client):
            assert ids(search(client)) == shown
            assert cloud(client, "api/3/issue/ML-2").status_code == 200


@pytest.mark.parametrize("site", [cloud, datacenter])
def test_worklogs_by_what_changed(site: Any) -> None:
    """J27: not the last minute, and only ids; the worklogs themselves are listed."""
    version = 3 if site is cloud else 2
    with changing() as (world, client, time):
        first, second = world.log_work("ML-1", seconds=60), world.log_work("ML-2")
        assert site(client, f"api/{version}/worklog/updated").json()["values"] == []
        time[0] += timedelta(minutes=2)
        found = site(client, f"api/{version}/worklog/updated").json()
        assert [row["worklogId"] for row in found["values"]] == [first.id, second.id]
        assert found["lastPage"]
        assert site(client, f"api/{version}/worklog/updated", since=found["until"]).json()["values"] == []
        world.change_work(first.id, removed=True)
        time[0] += timedelta(minutes=2)
        gone = site(client, f"api/{version}/worklog/deleted").json()["values"]
        assert [row["worklogId"] for row in gone] == [first.id]


def test_worklogs_are_listed_as_far_as_they_may_be_seen() -> None:
    with changing() as (world, client, _):
        seen, hidden = world.log_work("ML-1", seconds=60), world.log_work("ML-2")
        world.hide("ML-2")
        (row,) = cloud(client, "api/3/worklog/list", {"ids": [seen.id, hidden.id, 5]}).json()
        assert (row["id"], row["issueId"], row["timeSpentSeconds"]) == (str(seen.id), "1", 60)
        assert cloud(client, "api/3/worklog/list", {"ids": list(range(1001))}).status_code == 400


def test_a_board_over_two_projects_lists_both_and_the_sprints_of_others() -> None:
    """J29."""
    with changing() as (world, client, _):
        world.add_board(Board(99, "Both", ("ML", "OPS"), shows=(7,)))
        for project in ("ML", "OPS"):
            boards = cloud(client, "agile/1.0/board", projectKeyOrId=project).json()["values"]
            assert 99 in [row["id"] for row in boards]
        sprints = cloud(client, "agile/1.0/board/99/sprint").json()["values"]
        assert {(row["id"], row["originBoardId"]) for row in sprints} == {(21, 7), (22, 7)}
        assert cloud(client, "agile/1.0/board/8/sprint").status_code == 400


def test_the_newer_lists_page_by_token_and_know_no_start() -> None:
    """J28: Cloud has both lists, Data Center only the old one."""
    with changing() as (_, client, _time):
        path = "software/1.0/board/7/issue"
        first = cloud(client, path, maxResults=8).json()
        assert (len(first["issues"]), first["isLast"], "total" in first) == (8, False, False)
        second = cloud(client, path, maxResults=8, nextPageToken=first["nextPageToken"]).json()
        assert second["isLast"]
        assert sorted(ids(first) + ids(second), key=int) == [str(number) for number in range(1, 13)]
        assert cloud(client, path, startAt=8).status_code == 400
        assert datacenter(client, path).status_code == 404
        assert cloud(client, "agile/1.0/board/7/issue").json()["total"] == 12


def test_many_may_change_and_read_at_once() -> None:
    with changing(40) as (world, client, _):

        def edit(first: int) -> None:
            for number in range(first, 41, 4):
                world.edit(f"ML-{number}", title=f"Edited {number}")
                world.edit(f"ML-{number}", labels=("done",))

        threads = [Thread(target=edit, args=(first,)) for first in range(1, 5)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert len(ids(search(client, size=50))) == 40
        for thread in threads:
            thread.join()
        found = {one.key: (one.title, one.labels) for one in world.issues("ML", NOW)}
        assert found == {f"ML-{number}": (f"Edited {number}", ("done",)) for number in range(1, 41)}
        numbers = [change.id for one in world.issues("ML", NOW) for change in one.changes]
        assert len(numbers) == len(set(numbers)) == 80


def test_what_happens_to_an_edited_issue_later_moves_its_updated_on() -> None:
    """A search for what changed since the edit must find what the world went on to do with it."""

    class GoesOn(Pretend):
        def issues(self, project: str, now: datetime) -> Sequence[Issue]:
            return [replace(one, updated=now) if now > NOW else one for one in super().issues(project, now)]

    time = [NOW]
    world = Overlay(GoesOn([issue(1)]), lambda: time[0])
    world.edit("ML-1", title="Edited")
    time[0] += timedelta(hours=1)
    assert world.issues("ML", time[0])[0].updated == time[0]
