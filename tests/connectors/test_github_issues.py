"""GitHub's issues over a real socket, line by line of CONNECTORS.md."""

from datetime import timedelta

import pytest

from delivery.connectors.contract import ConnectorError, Slice
from delivery.connectors.github import lists
from delivery.core.records import GoneRecord, StatusRecord, WorkItemRecord
from simulator.hub_records import HubIssue
from simulator.tokens import Token, Tokens
from tests.connectors.hub import OTHER, REPOSITORY, hub
from tests.connectors.pretend import http_to
from tests.connectors.simulated import NOW, world

LENA = next(person for person in world().people if not person.is_bot)


def work_items(at, since=None, scope=REPOSITORY):
    return at.read("issues", WorkItemRecord, since, scope)


def census(at):
    return [id for page in at.connector.census(Slice("issues", REPOSITORY)) for id in page]


def test_issues_come_without_the_pull_requests_among_them_g4():
    with hub() as at:
        made = at.world.open_issue(REPOSITORY, 90_001, "Search forgets umlauts", type="Bug", author=LENA.id)
        (row,) = work_items(at)
        assert (row.key, row.native_id, row.type) == (f"{REPOSITORY}#90001", str(made.id), "Bug")
        assert (row.title, row.reporter, row.status) == (made.title, str(LENA.github_id), "Open")
        assert len(at.read("issues", StatusRecord)) == 3


def test_labels_milestone_assignee_and_every_move():
    with hub() as at:
        fields = {"labels": ("bug", "store"), "milestone": "2026.1", "assignee": LENA.id}
        at.world.open_issue(REPOSITORY, 90_001, **fields)
        ends = [at.pass_time(hours=1), at.pass_time(hours=1), at.pass_time(hours=1)]
        at.time[0] = ends[0]
        at.world.close_issue(REPOSITORY, 90_001, "not_planned", LENA.id)
        at.time[0] = ends[1]
        at.world.reopen_issue(REPOSITORY, 90_001)
        at.time[0] = ends[2]
        at.world.close_issue(REPOSITORY, 90_001)
        (row,) = work_items(at)
    assert (row.labels, row.fix_versions, row.assignee) == (("bug", "store"), ("2026.1",), str(LENA.github_id))
    assert [(move.to_id, move.at) for move in row.transitions] == [
        ("closed_not_planned", ends[0]),
        ("open", ends[1]),
        ("closed", ends[2]),
    ]
    assert (row.resolved, row.status_category) == (ends[2], "done")
    assert [move.author for move in row.transitions] == [str(LENA.github_id), None, None]


def test_a_poll_reads_the_issues_that_changed_with_one_question_g1():
    with hub() as at:
        for number in range(90_001, 90_150):
            at.world.open_issue(REPOSITORY, number)
        at.pass_time(days=2)
        at.world.close_issue(REPOSITORY, 90_077)
        changed = work_items(at, at.time[0])
        assert [row.key for row in changed] == [f"{REPOSITORY}#90077"]
        at.pass_time(days=2)
        at.asked()
        assert work_items(at, at.time[0]) == []
        assert [path for path, _ in at.asked()] == [f"/repos/{REPOSITORY}", "graphql"]


def test_none_is_lost_at_the_edge_of_a_page_that_is_killed():
    with hub() as at:
        for number in range(90_001, 90_250):
            at.world.open_issue(REPOSITORY, number)
        part = Slice("issues", REPOSITORY)
        pages = at.connector.read(part, since=None)
        first = next(pages)
        pages.close()
        rest = list(at.connector.read(part, since=None, cursor=first.cursor))
        keys = [row.key for page in (first, *rest) for row in page.records if isinstance(row, WorkItemRecord)]
        assert keys == [f"{REPOSITORY}#{number}" for number in range(90_001, 90_250)]
        assert first.expected == 249


def test_a_census_counts_what_is_there_a_hundred_at_a_time():
    with hub() as at:
        made = [at.world.open_issue(REPOSITORY, number) for number in range(90_001, 90_151)]
        at.world.delete_issue(REPOSITORY, 90_005)
        at.world.transfer_issue(REPOSITORY, 90_006, OTHER, 95_000)
        at.asked()
        assert sorted(census(at)) == sorted(str(one.id) for one in made if one.number not in (90_005, 90_006))
        assert len(at.asked()) == 3
        assert (at.connector.counted("issues"), at.connector.counted("pulls")) == (True, False)


def test_deleted_and_transferred_issues_are_gone_and_the_transferred_one_is_there():
    with hub() as at:
        for number in (90_001, 90_002, 90_003):
            at.world.open_issue(REPOSITORY, number)
        at.world.delete_issue(REPOSITORY, 90_001)
        there = at.world.transfer_issue(REPOSITORY, 90_002, OTHER, 95_000)
        records, gaps = at.again("issues", f"{REPOSITORY}#90001", "90002", "90003")
        gone = [row for row in records if isinstance(row, GoneRecord)]
        assert gone == [GoneRecord("issues", f"{REPOSITORY}#90001"), GoneRecord("issues", "90002")]
        assert [row.key for row in records if isinstance(row, WorkItemRecord)] == [f"{REPOSITORY}#90003"]
        assert gaps == []
        assert [row.native_id for row in work_items(at, NOW, OTHER)] == [str(there.id)]


def test_what_cannot_be_a_number_is_gone_without_a_question():
    with hub() as at:
        records, _ = at.again("issues", "99999999999", "nonsense")
        assert [row.native_id for row in records if isinstance(row, GoneRecord)] == ["99999999999", "nonsense"]


def test_half_a_census_is_an_error():
    tokens = Tokens(github=(Token("ghp_demo", denies=frozenset({"issues"})),))
    with hub(server={"tokens": tokens}) as at, pytest.raises(ConnectorError):
        census(at)


def test_links_are_followed_past_ten_thousand_rows_where_page_numbers_are_refused_g9():
    born = world().pulls(REPOSITORY, NOW)[0].created
    many = [
        HubIssue(4_000_000_000 + n, 100_000 + n, REPOSITORY, f"Issue {n}", None, born + timedelta(seconds=n), born)
        for n in range(10_050)
    ]
    with hub() as at:
        at.world.add(REPOSITORY, *many)
        path = f"/repos/{REPOSITORY}/issues?state=all&sort=created&direction=asc&per_page=100"
        with http_to(at.server.github_api_url) as http:
            http._client.headers["Authorization"] = "Bearer ghp_demo"
            rows = [row["number"] for answer in lists.pages(http, path) for row in answer.json]
            assert len(rows) == len(set(rows)) == 10_050 + len(world().pulls(REPOSITORY, NOW))
            with pytest.raises(ConnectorError, match="did not accept"):
                http.get(f"{path}&page=101")
            asked = at.asked()
        assert [path for path, _ in asked if "after=" in path]
        assert all("/repositories/" in path for path, _ in asked[1:-1])  # G10: links name it by its id
        assert len(census(at)) == 10_050
