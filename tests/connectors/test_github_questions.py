"""The GraphQL questions themselves: they fit GitHub's schema, also without what an older server lacks, and are cheap."""

import pytest
from graphql import GraphQLError, parse, validate

from delivery.connectors.contract import Credentials, Slice
from delivery.connectors.github import connections, graphql
from delivery.core.records import AccountRecord, DeploymentRecord, WorkItemRecord
from simulator.github.graphql_api import SCHEMA
from tests.connectors.hub import REPOSITORY, hub
from tests.connectors.pages import page
from tests.connectors.pretend import TOKEN, Reply, answering, value
from tests.connectors.simulated import opened

KINDS = (graphql.PULL_REQUEST, graphql.ISSUE, graphql.DEPLOYMENT, graphql.RELEASE, graphql.TAG)
NUMBERED = (graphql.PULL_REQUEST, graphql.ISSUE)
QUESTIONS = {
    **{f"page of {kind.connection}": graphql.page(kind) for kind in KINDS},
    **{f"list of {kind.connection}": graphql.listing(kind) for kind in KINDS},
    **{f"one of {kind.connection}": graphql.one(kind) for kind in KINDS if kind is not graphql.TAG},
    **{f"several {kind.connection}": graphql.several(kind, [1, 2]) for kind in NUMBERED},
    **{f"more {part} of {kind.connection}": graphql.more(kind, part) for kind in NUMBERED for part in kind.parts},
    "census": graphql.census(),
    "releases of tags": graphql.releases_of(3),
}


def problems(text):
    try:
        return [str(error) for error in validate(SCHEMA, parse(text))]
    except GraphQLError as error:
        return [str(error)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_fits_the_schema_with_and_without_each_optional_piece_g17(name):
    assert problems(QUESTIONS[name]) == []
    for pieces in graphql.OPTIONAL.values():
        text = QUESTIONS[name]
        for piece in pieces:
            text = text.replace(piece, "")
        assert problems(text) == []


@pytest.mark.parametrize("field", graphql.OPTIONAL)
def test_each_optional_piece_is_asked_for_somewhere(field):
    assert any(piece in text for piece in graphql.OPTIONAL[field] for text in QUESTIONS.values())


@pytest.mark.parametrize("lacking", ["issueType", "parent", "stateReason", "closingIssuesReferences", "fullDatabaseId"])
def test_an_older_server_is_read_without_what_it_lacks_g17(lacking):
    """Its refusal names the field; it is left out from then on, in every question."""
    asked = []

    def answer(request):
        if not request.path.endswith("/graphql"):
            return value({"id": 500, "full_name": "acme/store"})
        asked.append(lacking in request.body["query"])
        if asked[-1]:
            return value({"errors": [{"message": f"Field '{lacking}' doesn't exist on type 'Issue'"}]})
        return value(page("github_issues"))

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        pages = list(connector.read(Slice("issues", "acme/store"), since=None))
        pages += connector.read(Slice("issues", "acme/store"), since=None)
    assert len([row for found in pages for row in found.records if isinstance(row, WorkItemRecord)]) == 6
    assert asked.count(True) == (lacking != "closingIssuesReferences")


COSTS = [
    (graphql.PULL_REQUEST, graphql.PULLS, connections.LAST_UPDATED, 3),
    (graphql.PULL_REQUEST, graphql.FEW, connections.LAST_UPDATED, 1),
    (graphql.ISSUE, graphql.MANY, connections.OLDEST_FIRST, 3),
    (graphql.ISSUE, graphql.FEW, connections.OLDEST_FIRST, 1),
    (graphql.DEPLOYMENT, graphql.MANY, connections.LAST_CREATED, 1),
    (graphql.RELEASE, graphql.MANY, connections.LAST_CREATED, 1),
    (graphql.TAG, graphql.MANY, connections.LAST_TAGGED, 1),
]


@pytest.mark.parametrize(("kind", "first", "order", "points"), COSTS)
def test_what_a_page_costs_in_points_g16(kind, first, order, points):
    """As docs/decisions/0012 has it, counted as GitHub counts: a point for a hundred connections."""
    with hub() as at:
        walk = at.connector.repository(REPOSITORY).walk(kind, order=order, first=first, most=first)
        pages = walk.pages(None)
        next(pages)
        assert at.connector.points == points


def test_deployments_that_an_error_took_something_from_are_asked_for_alone_or_told_g16():
    nodes = page("github_deployments")["data"]["repository"]["deployments"]["nodes"]
    whole, kept, odd, lost = (
        {**nodes[0], "id": "DE_1", "databaseId": 1},
        {**nodes[0], "id": "DE_2", "databaseId": 2},
        {**nodes[0], "id": "DE_3", "databaseId": 3, "createdAt": None},
        {**nodes[0], "id": "DE_4", "databaseId": 4},
    )

    def connection(rows):
        info = {"hasNextPage": False, "endCursor": None}
        return value({"data": {"repository": {"deployments": {"totalCount": 4, "pageInfo": info, "nodes": rows}}}})

    def answer(request):
        if not request.path.endswith("/graphql"):
            return value({"id": 500, "full_name": "acme/store"})
        query, variables = request.body["query"], request.body["variables"]
        if "query Numbers" in query:
            return connection([{"id": row["id"], "databaseId": row["databaseId"]} for row in (whole, kept, odd, lost)])
        if "query Deployed(" in query:
            return value({"data": {"node": {"DE_2": kept}.get(variables["id"])}})
        return connection([whole, {**kept, "statuses": None}, odd, None])

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        (found,) = connector.read(Slice("deployments", "acme/store"), since=None)
    assert [row.native_id for row in found.records if isinstance(row, DeploymentRecord)] == ["1", "2"]
    assert sorted(gap.what for gap in found.gaps) == ["deployment 3", "deployment 4"]
    assert any(isinstance(row, AccountRecord) for row in found.records)


def test_a_deployment_with_more_statuses_than_a_page_holds_says_so_g18():
    """Whether the first of its ends is among them, nobody can tell."""
    row = page("github_deployments")["data"]["repository"]["deployments"]["nodes"][0]
    long = {**row, "statuses": {**row["statuses"], "pageInfo": {"hasNextPage": True}}}
    info = {"hasNextPage": False, "endCursor": None}
    whole = {"data": {"repository": {"deployments": {"totalCount": 1, "pageInfo": info, "nodes": [long]}}}}

    def answer(request):
        asked = request.path.endswith("/graphql")
        return value(whole if asked else {"id": 500, "full_name": "acme/store"})

    assert "statuses(first: 100) { pageInfo { hasNextPage }" in graphql.DEPLOYMENT.fragment
    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        (found,) = connector.read(Slice("deployments", "acme/store"), since=None)
    (record,) = (row for row in found.records if isinstance(row, DeploymentRecord))
    assert record.state == "success"
    assert [gap.what for gap in found.gaps] == [f"deployment {record.native_id}"]


def test_one_run_that_is_not_as_promised_is_a_gap_g19():
    rows = [{"id": 1, "run_attempt": 1, "created_at": None}, {"id": 2, "created_at": "2026-11-01T00:00:00Z"}, "odd"]

    def answer(request):
        if "/actions/runs" not in request.path:
            return value({"id": 500, "full_name": "acme/store", "created_at": "2026-10-30T00:00:00Z"})
        return value({"total_count": 3, "workflow_runs": rows})

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        (found,) = connector.read(Slice("workflows", "acme/store"), since=None)
    assert [gap.what for gap in found.gaps] == ["workflowrun 1", "workflowrun ?"]


def test_a_server_without_actions_has_no_runs_g17():
    def answer(request):
        if "/actions/runs" in request.path:
            return Reply(404, b'{"message": "Not Found"}')
        return value({"id": 500, "full_name": "acme/store", "created_at": "2026-10-30T00:00:00Z"})

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        (found,) = connector.read(Slice("workflows", "acme/store"), since=None)
    assert (len(found.records), found.gaps) == (1, ())
