"""GitHub sites that answer with recorded pages: what real ones hold that no schema leads one to expect."""

from datetime import UTC, datetime

import pytest
from graphql import FieldNode, FragmentDefinitionNode, parse

from delivery.connectors.contract import Credentials, Slice
from delivery.connectors.github import graphql
from delivery.core.records import (
    AccountRecord,
    DeploymentRecord,
    PullRequestRecord,
    ReleaseRecord,
    RepositoryRecord,
    WorkflowRunRecord,
    WorkItemRecord,
)
from tests.connectors.pages import page
from tests.connectors.pretend import TOKEN, answering, value
from tests.connectors.simulated import opened

OF = {"pullRequests": "github_recorded_pulls", "deployments": "github_recorded_deployments"}
OF |= {"releases": "github_recorded_releases", "refs": "github_recorded_tags"}
SHA = f"{11:040x}"


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def recorded(asked):
    path = asked.path.partition("/api")[2].removeprefix("/v3").partition("?")[0]
    if path == "/graphql":
        query = asked.body["query"]
        if "query ReleasesOf" in query:
            return value({"data": {"repository": {f"t{index}": None for index in range(5)}}})
        return value(page(next(name for connection, name in OF.items() if f" {connection}(first: $first" in query)))
    if path.startswith("/repos/acme/store/actions/runs/"):
        return value(page("github_rest_attempt"))
    return value(page("github_rest_runs" if path.endswith("/actions/runs") else "github_rest_repository"))


def read(kind, wanted, answer=recorded):
    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as connector:
        pages = list(connector.read(Slice(kind, "acme/store"), since=None))
    assert [gap for found in pages for gap in found.gaps] == []
    rows = [row for found in pages for row in found.records]
    people = {row.native_id: row for row in rows if isinstance(row, AccountRecord)}
    people |= {who.native_id: who for row in rows for who in getattr(row, "accounts", ())}
    return [row for row in rows if isinstance(row, wanted)], people


@pytest.mark.parametrize("kind", [graphql.PULL_REQUEST, graphql.DEPLOYMENT, graphql.RELEASE, graphql.TAG])
def test_a_recorded_node_holds_what_is_asked_for_and_nothing_else(kind):
    definitions = parse(kind.fragment + graphql.ACTOR).definitions
    fragment = next(
        one for one in definitions if isinstance(one, FragmentDefinitionNode) and one.name.value == kind.spread
    )
    asked = {one.name.value for one in fragment.selection_set.selections if isinstance(one, FieldNode)}
    for node in page(OF[kind.connection])["data"]["repository"][kind.connection]["nodes"]:
        assert node.keys() == asked


def test_a_repository_in_full():
    rows, _ = read("workflows", RepositoryRecord)
    web = "https://github.example.test/acme/store"
    assert rows == [RepositoryRecord("500", "acme/store", "main", False, web)]


def test_runs_of_forks_of_nobody_under_way_and_run_again_g19():
    rows, people = read("workflows", WorkflowRunRecord)
    found = {(int(row.native_id) - 17_500_000_000, row.attempt): row for row in rows}
    assert sorted(found) == [(1, 1), (2, 1), (2, 2), (3, 1), (4, 1)]
    pages_build = found[4, 1]
    assert (pages_build.workflow, pages_build.branch, pages_build.actor) == (
        "dynamic/pages/pages-build-deployment",
        "",
        None,
    )
    assert (pages_build.conclusion, pages_build.finished, pages_build.started) == ("", None, at(2026, 11, 2, 8, 58, 20))
    assert (found[3, 1].event, found[3, 1].branch, found[3, 1].conclusion) == (
        "pull_request",
        "main",
        "action_required",
    )
    assert (found[2, 1].conclusion, found[2, 1].finished) == ("startup_failure", at(2026, 11, 1, 10, 1))
    assert (found[2, 2].conclusion, found[2, 2].created, found[2, 2].started) == (
        "success",
        at(2026, 11, 1, 10),
        at(2026, 11, 1, 11),
    )
    assert (found[1, 1].actor, found[2, 2].actor) == ("9001", "9101")
    assert people["9101"] == AccountRecord("9101", "bump-friend[bot]", "bump-friend[bot]", "", True)


def test_pull_requests_of_bots_mannequins_and_enterprise_accounts_g21():
    """A team that was asked comes as {}, a reviewer who is gone as null, a linked issue one may not see as null."""
    rows, people = read("pulls", PullRequestRecord)
    merged, bumped, imported = rows[:3]
    assert (merged.native_id, merged.merge_sha, merged.milestone) == ("2900000041", SHA, "2026.4")
    assert (merged.labels, merged.closes, merged.requested_reviewers) == (
        ("bug", "good first issue"),
        ("acme/store#7",),
        ("9002",),
    )
    assert [(row.native_id, row.author, row.state) for row in merged.reviews] == [
        ("2100000001", "9101", "commented"),
        ("3100000002", "kim_acme", "approved"),
    ]
    assert [(row.author, row.keys) for row in merged.commits] == [("9001", ()), (None, ("SHOP-9",))]
    assert (merged.ready, merged.review_requested, merged.force_pushes) == (
        at(2026, 10, 28, 8),
        at(2026, 10, 28, 8, 0, 1),
        1,
    )
    assert (bumped.author, imported.author, imported.additions, imported.commits_complete) == ("9101", "9301", 0, True)
    assert [(row.author, row.state) for row in imported.reviews] == [(None, "dismissed")]
    assert (people["9301"].login, people["9301"].is_bot) == ("old-hand", False)


def test_deployments_superseded_waiting_and_of_branches_that_are_gone_g18():
    rows, _ = read("deployments", DeploymentRecord)
    assert [(row.environment, row.ref, row.state, row.finished) for row in rows] == [
        ("Production EU (Frankfurt)", "", "success", at(2026, 11, 1, 9, 7)),
        ("production", "main", "in_progress", None),
        ("", "main", "unknown", None),
    ]
    assert [row.native_id for row in rows] == ["2140000001", "2140000002", "DE_kwDOAAAB9Nolongeranint"]


def test_releases_without_names_or_authors_and_tags_light_annotated_and_of_trees_g20():
    rows, _ = read("releases", ReleaseRecord)
    found = {row.native_id: (row.tag, row.sha, row.author, row.published, row.prerelease) for row in rows}
    born, out = at(2026, 10, 31, 17), at(2026, 11, 1, 9, 10)
    assert found == {
        "251000002": ("v2.0.0-rc.1", SHA, None, out, True),
        "251000001": ("v1.9", SHA, "9001", out, False),
        "tag:release/2026-10-31": ("release/2026-10-31", SHA, "9001", born, False),
        "tag:signed": ("signed", SHA, "9001", at(2026, 11, 1, 9), False),
        "tag:tagger-unknown": ("tagger-unknown", f"{12:040x}", None, at(2026, 10, 31, 18), False),
    }


def test_an_enterprise_server_names_all_it_lacks_at_once_and_is_asked_without_it_g17():
    asked = []

    def older(request):
        if not request.path.endswith("/graphql"):
            return recorded(request)
        asked.append(request.body["query"])
        return value(page("github_recorded_undefined") if "issueType" in asked[-1] else page("github_issues"))

    rows, _ = read("issues", WorkItemRecord, older)
    assert len(rows) == 3
    assert len(asked) == 2
    assert [word for word in ("issueType", "fullDatabaseId", "parent {") if word in asked[1]] == []
    assert "stateReason" in asked[1]


@pytest.mark.parametrize(
    ("token", "scopes"),
    [("github_pat_x", [("acme/store", False), ("acme/old-till", True)]), ("ghs_x.y.z", [("acme/store", False)])],
)
def test_lists_of_repositories_lead_on_by_links_and_hold_archived_ones_g9_g23(token, scopes):
    rows = page("github_rest_user_repos")

    def answer(asked):
        if asked.path.endswith("/user"):
            return value({"login": "robin-example", "id": 9001, "type": "User"})
        if "/installation/" in asked.path:
            return value(page("github_rest_installation"))
        if "page=2" in asked.path:
            return value(rows[1:])
        api = f"http://{asked.headers['host']}/api/v3/user/repos?per_page=100"
        return value(rows[:1], Link=f'<{api}&page=2>; rel="next", <{api}&page=2>; rel="last"')

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", token)) as connector:
        assert [(one.scope, one.archived) for one in connector.discover()] == scopes
