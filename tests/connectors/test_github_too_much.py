"""What is too much for GitHub to put together at once, and what it kept back: nothing of it may pass for the truth."""

import re

import pytest

from delivery.connectors.contract import ConnectorError, Slice
from delivery.core.records import PullRequestRecord, ReleaseRecord
from tests.connectors.pretend import Reply, Waits
from tests.connectors.test_github_scripted import SINCE, connection, hub_at, node, numbers_of, scripted_hub

UNICORN = Reply(502, b"<html>Unicorn</html>")
EXCEEDED = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}


def asked_numbers(query):
    return [int(number) for number in re.findall(r"n(\d+): pullRequest", query)]


def again(graph, *ids):
    with scripted_hub(graph) as site, hub_at(site, Waits()) as hub:
        pages = list(hub.reread(Slice("pulls", "acme/store"), ids))
    found = [row.number for page in pages for row in page.records if isinstance(row, PullRequestRecord)]
    return found, [gap.what for page in pages for gap in page.gaps]


def test_pull_requests_asked_for_by_number_are_asked_for_in_halves_when_they_are_too_much_g15():
    sizes = []

    def graph(query, variables):
        numbers = asked_numbers(query)
        sizes.append(len(numbers))
        if len(numbers) > 3:
            return UNICORN
        return {"data": {"repository": {f"n{number}": node(number) for number in numbers}}}

    assert again(graph, *(str(number) for number in range(1, 9))) == (list(range(1, 9)), [])
    assert sizes == [8, 4, 2, 2, 4, 2, 2]


def test_one_that_is_too_much_alone_is_told_and_the_others_asked_for_by_number_come_g15():
    def graph(query, variables):
        numbers = asked_numbers(query) or [variables["number"]]
        if 2 in numbers:
            return UNICORN
        return {"data": {"repository": {f"n{number}": node(number) for number in numbers}}}

    assert again(graph, "1", "2", "3") == ([1, 3], ["acme/store#2"])


def test_a_github_that_answers_nothing_by_number_is_out_of_reach_and_not_full_of_gaps():
    with pytest.raises(ConnectorError) as caught:
        again(lambda *_: UNICORN, "1", "2", "3", "4")
    assert caught.value.kind == "unreachable"


def test_a_page_beyond_the_resource_limits_is_halved_and_not_asked_for_one_by_one_g16():
    """GitHub then answers 200 with a part of the nodes."""
    sizes = []

    def graph(query, variables):
        sizes.append(variables["first"])
        if variables["first"] > 5:
            return {"data": connection([node(1), None, None]), "errors": [EXCEEDED]}
        return {"data": connection([node(1), node(2), node(3)])}

    assert numbers_of(graph, SINCE)[0] == [1, 2, 3]
    assert sizes == [10, 5]


def test_one_whose_rest_is_too_much_is_told_and_does_not_stop_the_others_g15():
    def graph(query, variables):
        if "query More" in query:
            return UNICORN
        long = {"pageInfo": {"hasNextPage": True, "endCursor": "a"}, "nodes": []}
        return {"data": connection([node(1, reviews=long), node(2)])}

    with scripted_hub(graph) as site, hub_at(site, Waits()) as hub:
        (page,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    assert [row.number for row in page.records if isinstance(row, PullRequestRecord)] == [1, 2]
    assert [gap.what for gap in page.gaps] == ["acme/store#1"]


def released(name):
    return {
        "id": f"RE_{name}",
        "databaseId": 71,
        "tagName": name,
        "name": name,
        "isDraft": False,
        "isPrerelease": False,
        "createdAt": "2026-01-01T09:00:00Z",
        "publishedAt": "2026-01-02T09:00:00Z",
        "url": f"https://github.example.test/acme/store/releases/tag/{name}",
        "tagCommit": {"oid": "e" * 40},
        "author": None,
    }


def tagged(name):
    target = {
        "__typename": "Commit",
        "oid": "e" * 40,
        "committedDate": "2026-03-01T09:00:00Z",
        "author": {"user": None},
    }
    return {"id": f"REF_{name}", "name": name, "target": target}


def releases_of(graph_of_tags, refs=None):
    """A poll of a repository with two tags; ``graph_of_tags`` answers whether they have a release."""
    info = {"hasNextPage": False, "endCursor": None}

    def graph(query, variables):
        if "query ReleasesOf" in query:
            return graph_of_tags
        if "query Tagg" in query:
            rows = (
                {"totalCount": 2, "pageInfo": info, "nodes": [tagged("v1"), tagged("v2")]} if refs is None else refs[0]
            )
            return {"data": {"repository": {"refs": rows}}}
        return {"data": {"repository": {"releases": {"totalCount": 0, "pageInfo": info, "nodes": []}}}}

    with scripted_hub(graph) as site, hub_at(site, Waits()) as hub:
        pages = list(hub.read(Slice("releases", "acme/store"), since=SINCE))
    rows = [row for page in pages for row in page.records if isinstance(row, ReleaseRecord)]
    return {row.native_id for row in rows}, [gap.what for page in pages for gap in page.gaps]


def test_a_release_that_github_kept_back_does_not_turn_into_a_bare_tag_g16():
    """The row of the release would give way to one of the tag, with another instant (G20)."""
    errors = [{"message": "Something went wrong", "path": ["repository", "t0", "author"]}]
    found = releases_of({"data": {"repository": {"t0": None, "t1": released("v2")}}, "errors": errors})
    assert found == ({"71"}, ["release tag:v1"])


def test_a_tag_without_a_release_is_one_with_or_without_an_error_that_says_so_g20():
    errors = [{"type": "NOT_FOUND", "message": "Could not resolve to a Release", "path": ["repository", "t0"]}]
    assert releases_of({"data": {"repository": {"t0": None, "t1": None}}, "errors": errors}) == (
        {"tag:v1", "tag:v2"},
        [],
    )


def test_a_tag_whose_release_is_still_a_draft_is_a_bare_tag_whatever_the_token_may_see_g20():
    drafted = {**released("v1"), "isDraft": True, "publishedAt": None}
    assert releases_of({"data": {"repository": {"t0": drafted, "t1": None}}}) == ({"tag:v1", "tag:v2"}, [])


def test_an_empty_repository_has_no_tags():
    """Its refs are null, as the schema allows."""
    assert releases_of({"data": {"repository": {}}}, refs=[None]) == (set(), [])
