"""GitHub sites scripted for what the simulator does not do."""

from datetime import UTC, datetime

import pytest

from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.core.records import PullRequestRecord
from tests.connectors.pages import page
from tests.connectors.pretend import TOKEN, Reply, Waits, answering, value
from tests.connectors.simulated import everything, opened


def hub_at(site, waits=None):
    return opened("github", Credentials(site.url + "/api/v3", TOKEN), waits)


def node(number, **more):
    plain = page("github_pulls")["data"]["repository"]["pullRequests"]["nodes"][2]
    whole = {"labels": {"nodes": []}, "reviewRequests": {"nodes": []}}
    return {**plain, **whole, "number": number, "fullDatabaseId": str(number), **more}


def connection(nodes, end=None, total=None):
    info = {"hasNextPage": bool(end), "endCursor": end}
    return {"repository": {"pullRequests": {"totalCount": total or len(nodes), "pageInfo": info, "nodes": nodes}}}


def scripted_hub(graph, waits=None):
    """A GitHub whose GraphQL is a function of the query and its variables."""

    def answer(asked):
        if not asked.path.endswith("/graphql"):
            return value({"id": 500, "full_name": "acme/store"})
        found = graph(asked.body["query"], asked.body["variables"])
        return found if isinstance(found, Reply) else value(found)

    return answering(answer)


def numbers_of(graph, since=None, waits=None):
    with scripted_hub(graph) as site, hub_at(site, waits) as hub:
        rows = everything(hub, "pulls", "acme/store", PullRequestRecord, since)
    return [row.number for row in rows], rows


SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_page_that_is_too_much_is_halved():
    """G15: 502 after ten seconds of work."""
    sizes = []

    def graph(query, variables):
        sizes.append(variables["first"])
        if variables["first"] > 3:
            return Reply(502, b"<html>Unicorn</html>")
        return {"data": connection([node(1)])}

    waits = Waits()
    assert numbers_of(graph, SINCE, waits)[0] == [1]
    assert sizes == [10, 5, 2]
    assert len(waits.seconds) == 2


def test_a_limit_that_comes_as_200_is_waited_for():
    answers = [{"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}]
    waits = Waits()
    found = numbers_of(lambda *_: answers.pop() if answers else {"data": connection([node(1)])}, SINCE, waits)
    assert found[0] == [1]
    assert waits.seconds == [0.5]


def test_a_node_that_an_error_took_away_is_asked_for_again():
    """G16: 200 with half the nodes; the others must not be missing without a sign."""

    def graph(query, variables):
        if "query Numbers" in query:
            return {"data": connection([{"number": 1}, {"number": 2}])}
        if "query Pull(" in query:
            assert variables["number"] == 2
            return {"data": {"repository": {"pullRequest": node(2)}}}
        errors = [{"message": "Something went wrong", "path": ["repository", "pullRequests", "nodes", 1]}]
        return {"data": connection([node(1), None]), "errors": errors}

    assert numbers_of(graph, SINCE)[0] == [1, 2]


def test_a_node_that_never_comes_is_a_gap_and_the_others_come():
    def graph(query, variables):
        errors = [{"message": "Something went wrong"}]
        if "query Numbers" in query:
            return {"data": connection([{"number": 1}, {"number": 2}])}
        if "query Pull(" in query:
            return {"data": {"repository": {"pullRequest": None}}, "errors": errors}
        return {"data": connection([node(1), None]), "errors": errors}

    with scripted_hub(graph) as site, hub_at(site) as hub:
        (page_read,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    assert [row.number for row in page_read.records if isinstance(row, PullRequestRecord)] == [1]
    assert [gap.what for gap in page_read.gaps] == ["acme/store#2"]


@pytest.mark.parametrize(
    "odd",
    [{"createdAt": None}, {"commits": {"nodes": [{"commit": {"oid": 7}}]}}, {"labels": [1]}, {"mergeCommit": "x"}],
)
def test_one_that_is_not_as_promised_is_a_gap_and_the_others_come(odd):
    """Null where an object was promised, and what else no schema allows."""
    nodes = [node(1, typeOfTomorrow={"x": [None]}, headRepository=None), node(2, **odd), node(3)]
    with scripted_hub(lambda *_: {"data": connection(nodes)}) as site, hub_at(site) as hub:
        (page_read,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    assert [row.number for row in page_read.records if isinstance(row, PullRequestRecord)] == [1, 3]
    assert [gap.what for gap in page_read.gaps] == ["acme/store#2"]


@pytest.mark.parametrize(
    ("part", "what"), [("labels", "acme/store#1 labels"), ("reviewRequests", "acme/store#1 labels")]
)
def test_what_github_keeps_back_of_one_is_told(part, what):
    with scripted_hub(lambda *_: {"data": connection([node(1, **{part: None})])}) as site, hub_at(site) as hub:
        (page_read,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    assert [row.number for row in page_read.records if isinstance(row, PullRequestRecord)] == [1]
    assert [gap.what for gap in page_read.gaps] == [what]


def test_a_review_with_a_verdict_of_tomorrow_is_a_review_and_told():
    review = {"fullDatabaseId": "1", "state": "PRAISED", "submittedAt": "2026-03-06T10:00:00Z", "author": None}
    nodes = [node(1, reviews={"nodes": [review, None]})]
    with scripted_hub(lambda *_: {"data": connection(nodes)}) as site, hub_at(site) as hub:
        (page_read,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    (row,) = (row for row in page_read.records if isinstance(row, PullRequestRecord))
    assert [(review.native_id, review.state) for review in row.reviews] == [("1", "commented")]
    assert [gap.what for gap in page_read.gaps] == ["acme/store#1 review"]
    assert "'PRAISED'" in page_read.gaps[0].why


def test_a_page_that_comes_twice_is_turned_and_one_that_comes_for_ever_is_an_error():
    asked = []

    def graph(query, variables):
        asked.append(variables["after"])
        if len(asked) == 2:
            return {"data": connection([node(1)], "a")}
        return {"data": connection([node(2)] if variables["after"] else [node(1)], None if variables["after"] else "a")}

    assert numbers_of(graph, SINCE)[0] == [1, 1, 2]
    with pytest.raises(ConnectorError, match="without an end"):
        numbers_of(lambda *_: {"data": connection([node(1)], "a")}, SINCE)


def test_a_page_that_does_not_say_whether_there_is_more_is_not_the_last():
    """G16: null in the place of what leads on."""

    def graph(query, variables):
        found = connection([node(2)] if variables.get("after") else [node(1)], None if variables.get("after") else "a")
        if "query Numbers" not in query and not variables.get("after"):
            found["repository"]["pullRequests"]["pageInfo"] = None
        return {"data": found}

    assert numbers_of(graph, SINCE)[0] == [1, 2]


def test_one_pull_request_that_is_too_much_even_alone_does_not_stop_the_rest():
    """G15, G16: every page with it in it fails, and so does the question for it alone."""

    def graph(query, variables):
        if "query Numbers" in query:
            more = {"1": ("2", [{"number": 2}]), "2": (None, [{"number": 3}])}
            end, rows = more.get(variables["after"], ("1", [{"number": 1}]))
            return {"data": connection(rows, end)}
        if "query Pull(" in query and variables["number"] != 2:
            return {"data": {"repository": {"pullRequest": node(variables["number"])}}}
        return Reply(502, b"<html>Unicorn</html>")

    with scripted_hub(graph) as site, hub_at(site) as hub:
        pages = list(hub.read(Slice("pulls", "acme/store"), since=SINCE))
    found = [row.number for page in pages for row in page.records if isinstance(row, PullRequestRecord)]
    assert found == [1, 3]
    assert [gap.what for page in pages for gap in page.gaps] == ["acme/store#2"]


def test_what_the_questions_cost_and_what_is_left_is_counted():
    """G16: cost in points, told by the answer itself."""
    left = {"cost": 3, "limit": 5000, "remaining": 4321, "resetAt": "2026-11-02T09:30:00Z"}

    def graph(query, variables):
        return {"data": {**connection([node(1)]), "rateLimit": left}}

    with scripted_hub(graph) as site, hub_at(site) as hub:
        list(hub.read(Slice("pulls", "acme/store"), since=SINCE))
        assert (hub.points, hub.budget().remaining, hub.budget().limit) == (3, 4321, 5000)


def test_one_version_and_a_name_are_sent_with_every_question():
    """G24."""
    with scripted_hub(lambda *_: {"data": connection([node(1)])}) as site, hub_at(site) as hub:
        list(hub.read(Slice("pulls", "acme/store"), since=SINCE))
        assert {asked.headers["x-github-api-version"] for asked in site.asked} == {"2022-11-28"}
        assert all(asked.headers["user-agent"].startswith("Headway/") for asked in site.asked)


def test_one_missing_user_drops_nobody_else():
    errors = [{"type": "NOT_FOUND", "message": "Could not resolve to a User", "path": ["repository", "x", "author"]}]
    found, rows = numbers_of(lambda *_: {"data": connection([node(1), node(2)]), "errors": errors}, SINCE)
    assert found == [1, 2]
    assert rows[0].author is None


def test_nested_lists_are_read_to_their_end():
    def review(number):
        return {
            "fullDatabaseId": str(number),
            "state": "COMMENTED",
            "submittedAt": "2026-03-06T10:00:00Z",
            "author": None,
        }

    def part(numbers, end):
        return {"pageInfo": {"hasNextPage": bool(end), "endCursor": end}, "nodes": [review(n) for n in numbers]}

    def graph(query, variables):
        if "query More" in query:
            rest = {"a": part([2], "b"), "b": part([3], None)}[variables["after"]]
            return {"data": {"repository": {"pullRequest": {"reviews": rest}}}}
        return {"data": connection([node(1, reviews=part([1], "a"))])}

    (row,) = numbers_of(graph, SINCE)[1]
    assert [review.native_id for review in row.reviews] == ["1", "2", "3"]


def test_an_older_server_without_a_field_is_asked_without_it():
    """G17: a field the schema does not know fails the whole question."""
    asked = []

    def graph(query, variables):
        asked.append("fullDatabaseId" in query)
        if asked[-1]:
            return {"errors": [{"message": "Field 'fullDatabaseId' doesn't exist on type 'PullRequest'"}]}
        return {"data": connection([node(1)])}

    assert numbers_of(graph, SINCE)[0] == [1]
    assert asked == [True, False]


def test_a_cursor_that_github_forgot_begins_anew():
    def graph(query, variables):
        if variables["after"] == "old":
            return {"data": {"repository": None}, "errors": [{"type": "INVALID_CURSOR_ARGUMENTS", "message": "?"}]}
        return {"data": connection([node(1)])}

    with scripted_hub(graph) as site, hub_at(site) as hub:
        part = Slice("pulls", "acme/store")
        pages = list(hub.read(part, since=None, cursor='{"started": 1772352000000, "after": "old"}'))
    assert [row.number for page in pages for row in page.records if isinstance(row, PullRequestRecord)][0] == 1


def test_a_repository_hidden_from_graphql_is_missing():
    errors = [{"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve to a Repository"}]
    with pytest.raises(ConnectorError) as caught:
        numbers_of(lambda *_: {"data": {"repository": None}, "errors": errors}, SINCE)
    assert caught.value.kind == "missing"


@pytest.mark.parametrize("status", [404, 410])
def test_where_rest_has_no_list_of_pull_requests_graphql_is_asked(status):
    """Switched off for a repository, they are no wrong address."""

    def answer(asked):
        if asked.path.endswith("/graphql"):
            return value({"data": connection([])})
        if "/pulls" in asked.path:
            return value({"message": "Not Found"}, status)
        return value({"id": 500, "full_name": "acme/store"})

    with answering(answer) as site, hub_at(site) as hub:
        (page_read,) = hub.read(Slice("pulls", "acme/store"), since=SINCE)
    assert len(page_read.records) == 1
