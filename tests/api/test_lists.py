"""What rows say, filters, pages and the number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from delivery.models import Forecast
from delivery.promises import promises
from tests import builders
from tests.api import world as worlds
from tests.api.world import LISTS, NOW, World
from tests.builders import TODAY


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_work_item_tells_its_history(world: World) -> None:
    row = world.get("engineer", "work-items")["results"][0]
    assert (row["source"], row["stage"], row["status"]) == (world.jira.name, "done", "Done")
    assert (row["started"], row["completed"]) == ("2026-11-16T06:00:00Z", "2026-11-18T06:00:00Z")
    assert row["assignee"] == {"name": "Engineer", "person": world.people["engineer"].pk, "bot": False}
    assert (row["sprints"], row["parent"], row["story_points"]) == (["Sprint 2", "gone"], "ABC-0", 3)
    assert row["transitions"] == [{"at": "2026-11-16T06:00:00Z", "from_status": "To Do", "to_status": "In Progress"}]
    assert world.get("engineer", f"work-items/{row['id']}") == row


def test_a_pull_request_names_each_reviewer_once_and_unknown_is_null(world: World) -> None:
    row = world.get("engineer", "pull-requests")["results"][0]
    assert (row["number"], row["repository"], row["source"]) == (3, "acme/ranker", "GitHub")
    assert [one["name"] for one in row["reviewers"]] == ["reviewer2"]
    assert (row["first_review"], row["additions"]) == (None, None)


def test_a_deliverable_says_what_the_pages_say(world: World) -> None:
    rows = {row["title"]: row for row in world.get("engineer", "deliverables")["results"]}
    found = {one.title: one for one in promises(world.people["engineer"], day=TODAY)}
    row, promise = rows["Promise 1"], found["Promise 1"]
    assert row["chance_missing"] == promise.missing == pytest.approx(0.7)
    assert (row["level"], row["declared"], row["confidence"]) == ("likely", "at_risk", 60)
    assert (row["target"], row["first_target"], row["p50"]) == ("2026-12-13", "2026-12-13", "2026-12-02")
    assert (row["items"], row["items_done"], row["team"], row["group"]) == (0, 0, "own", "ours")
    theirs = rows["Theirs"]
    assert (theirs["chance_missing"], theirs["level"], theirs["helping_teams"]) == (None, "none", ["own"])
    assert "no forecast" in theirs["reason"]
    assert theirs["depends_on"] == [row["id"]]
    assert world.get("engineer", f"deliverables/{row['id']}") == row


def test_a_deliverable_is_told_as_of_a_day(world: World) -> None:
    last_month = world.get("engineer", "deliverables", day="2026-10-20")["results"]
    assert {row["day"] for row in last_month} == {"2026-10-20"}
    assert {row["level"] for row in last_month} == {"none"}


def test_a_delivered_one_has_no_level_and_is_under_no_filter_by_level(world: World) -> None:
    done = builders.deliverable(world.team, title="Done", delivered=TODAY)
    assert world.get("director", f"deliverables/{done.pk}")["level"] is None
    assert world.get("director", f"deliverables/{done.pk}", day="2026-11-22")["level"] == "none"
    assert world.names("director", "deliverables", "title", level="none") == ["Theirs"]


def test_a_dropped_deliverable_has_no_standing(world: World) -> None:
    dropped = builders.deliverable(world.team, dropped=TODAY)
    row = world.get("director", f"deliverables/{dropped.pk}")
    assert (row["dropped"], row["level"], row["target"]) == ("2026-11-23", None, None)


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("teams", {"group": "ours"}, 1),
        ("groups", {"parent": "ours"}, 0),
        ("memberships", {"team": "own"}, 3),
        ("memberships", {"day": "2020-01-01"}, 0),
        ("people", {"role": "engineer"}, 2),
        ("people", {"team": "own"}, 3),
        ("goals", {"day": "2027-06-01"}, 0),
        ("goals", {"team": "own", "level": "team"}, 3),
        ("deliverables", {"team": "own"}, 3),
        ("deliverables", {"team": "other"}, 1),
        ("deliverables", {"level": "likely"}, 1),
        ("deliverables", {"level": "none", "group": "theirs"}, 1),
        ("deliverables", {"delivered": "true"}, 0),
        ("commitments", {"team": "own", "target_from": "2026-12-13", "target_before": "2026-12-14"}, 2),
        ("check-ins", {"day_before": "2026-11-23"}, 0),
        ("check-ins", {"status": "at_risk"}, 2),
        ("work-items", {"team": "own"}, 3),
        ("work-items", {"team": "other"}, 0),
        ("work-items", {"stage": "done"}, 2),
        ("work-items", {"label": "model"}, 2),
        ("work-items", {"created_from": "2026-11-15T06:00:00Z"}, 2),
        ("work-items", {"created_before": "2026-11-15T06:00:00Z"}, 1),
        ("work-items", {"completed_from": "2026-11-18"}, 1),
        ("pull-requests", {"team": "own", "is_merged": "true"}, 2),
        ("pull-requests", {"repository": "acme/ranker", "merged_before": "2026-11-17"}, 1),
        ("reviews", {"team": "own", "state": "approved"}, 3),
        ("deployments", {"team": "own", "production": "true"}, 3),
        ("incidents", {"team": "own", "is_resolved": "false"}, 3),
        ("forecasts", {"day": "2026-11-23", "team": "own"}, 2),
        ("forecasts", {"day_before": "2026-11-23"}, 0),
        ("sources", {"kind": "github"}, 1),
        ("sync-runs", {"state": "failed"}, 1),
    ],
)
def test_lists_are_filtered(path: str, query: dict[str, str], count: int, world: World) -> None:
    assert len(world.get("director", path, **query)["results"]) == count


def test_a_filter_that_cannot_be_used_is_a_problem_in_words(world: World) -> None:
    answer = world.client("director").get("/api/v1/forecasts/", {"day": "tomorrow"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"] == {"day": ["Enter a valid date."]}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("deliverables", {"day": "0001-01-01"}),
        ("deliverables", {"level": "likely", "day": "9999-12-31"}),
        ("work-items", {"created_from": "9999-12-31T23:00:00-05:00"}),
        ("work-items", {"label": "\0"}),
        ("goals", {"parent": "99999999999999999999"}),
    ],
)
def test_the_edges_of_what_can_be_said_are_no_failure(path: str, query: dict[str, str], world: World) -> None:
    assert world.client("director").get(f"/api/v1/{path}/", query).status_code == 400


def test_pages_follow_each_other_without_a_gap_where_rows_share_a_day(world: World) -> None:
    promised = builders.deliverable(world.team)
    Forecast.objects.bulk_create(
        Forecast(deliverable=one, day=TODAY, made=NOW, version=1)
        for one in (promised, *(builders.deliverable(world.team) for _ in range(4)))
    )
    seen, answer = [], world.get("director", "forecasts", page_size=2)
    while True:
        seen += [row["id"] for row in answer["results"]]
        if not answer["next"]:
            break
        answer = world.client("director").get(answer["next"]).json()
    assert seen == sorted(Forecast.objects.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("cursor", ["nonsense", "cD1ub25zZW5zZQ==", "cD0yMDI2"])
@pytest.mark.parametrize("path", ["work-items", "teams"])
def test_a_cursor_nobody_made_is_not_found(cursor: str, path: str, world: World) -> None:
    answer = world.client("director").get(f"/api/v1/{path}/", {"cursor": cursor})
    assert answer.status_code in (200, 404)
    if answer.status_code == 404:
        assert answer.json()["detail"] == "Invalid cursor"


QUERIES = dict.fromkeys(LISTS, 1) | {
    "people": 5,  # the director's line: teams, memberships, groups
    "memberships": 4,
    "deliverables": 13,
    "plan-changes": 3,  # and the titles of goals that may be named
    "work-items": 3,
    "pull-requests": 2,
    "sources": 2,
    "digest-issues": 2,  # and how they were handed over
}


@pytest.mark.parametrize("path", LISTS)
def test_a_page_takes_a_fixed_number_of_queries(
    path: str, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more(world)
    with django_assert_num_queries(QUERIES[path]):
        world.get("director", path)


def more(world: World) -> None:
    """Twice as much of what has many parts."""
    for number in range(3, 6):
        worlds.work(world, number)
    made: Any = builders.deliverable(world.team, target=TODAY, owner=world.people["lead"])
    made.depends_on.add(builders.deliverable(world.other))
