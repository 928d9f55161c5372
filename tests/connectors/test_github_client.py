"""GitHub over a real socket: the simulator."""

from datetime import timedelta
from itertools import islice

import pytest

from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.connectors.github.site import graphql_url, rest_base
from delivery.core.records import (
    AccountRecord,
    DeploymentRecord,
    PullRequestRecord,
    RepositoryRecord,
    StatusRecord,
    WorkItemRecord,
)
from simulator.server import Limits
from tests.connectors.pretend import TOKEN, answering, value
from tests.connectors.simulated import NOW, everything, github, opened, running, world

REPOSITORIES = tuple(name for team in world().teams for name in team.repositories)
REPOSITORY = max(REPOSITORIES, key=lambda name: len(world().pulls(name, NOW)))


@pytest.fixture(scope="module")
def server():
    with running() as running_server:
        yield running_server


@pytest.fixture
def hub(server):
    with opened("github", github(server)) as connector:
        yield connector


def seconds(at):
    return at and at.replace(microsecond=0)


def pulls(connector, since=None):
    return everything(connector, "pulls", REPOSITORY, PullRequestRecord, since)


def error_of(credentials, scopes=REPOSITORIES):
    with opened("github", credentials) as connector, pytest.raises(ConnectorError) as caught:
        connector.check(scopes)
    assert credentials.token not in str(caught.value) + caught.value.detail + repr(caught.value)
    return caught.value


def test_check_says_who_and_what(hub):
    found = hub.check([REPOSITORY.upper()])
    assert found.scopes == (REPOSITORY,)
    assert found.account
    assert found.version


def test_a_wrong_token_says_to_make_a_new_one(server):
    error = error_of(github(server, token="ghp_wrong"))
    assert error.kind == "credentials"
    assert "refused the token" in str(error)


def test_a_repository_that_is_not_there(server):
    error = error_of(github(server), ["nobody/nothing"])
    assert error.kind == "missing"
    assert str(error).startswith("There is no repository nobody/nothing that this token can see")
    assert error_of(github(server), ["nothing"]).kind == "missing"


def test_a_site_that_is_no_github(server):
    assert error_of(github(server, url=server.jira_cloud_url)).kind in ("answer", "credentials")
    with answering(lambda asked: value({"hello": "world"})) as other:
        assert "does not answer as GitHub does" in str(error_of(Credentials(other.url + "/api/v3", TOKEN)))


def test_the_token_of_an_app_belongs_to_nobody():
    repository = {"id": 1, "full_name": "acme/store"}

    def answer(asked):
        forbidden = value({"message": "Resource not accessible by integration"}, 403)
        return forbidden if asked.path.endswith("/user") else value(repository)

    with answering(answer) as site, opened("github", Credentials(site.url + "/api/v3", TOKEN)) as hub:
        assert hub.check(["acme/store"]).scopes == ("acme/store",)


@pytest.mark.parametrize(
    ("typed", "rest", "graphql"),
    [
        ("", "https://api.github.com", "https://api.github.com/graphql"),
        ("https://github.com/", "https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghes.example.test", "https://ghes.example.test/api/v3", "https://ghes.example.test/api/graphql"),
        (
            "https://ghes.example.test/api/v3/",
            "https://ghes.example.test/api/v3",
            "https://ghes.example.test/api/graphql",
        ),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://acme.ghe.com/", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ("https://acme.ghe.com/acme/store", "https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)
def test_where_rest_and_graphql_live(typed, rest, graphql):
    base = rest_base(typed or "https://api.github.com")
    assert (base, graphql_url(base)) == (rest, graphql)


def test_every_read_begins_with_the_repository(hub):
    for kind in ("pulls", "deployments", "issues"):
        for since in (None, NOW):
            first = next(iter(hub.read(Slice(kind, REPOSITORY), since=since)))
            assert isinstance(first.records[0], RepositoryRecord)
            assert first.records[0].name == REPOSITORY


def test_every_pull_request_comes_once_as_it_is(hub):
    found = pulls(hub)
    truth = {str(pull.id): pull for pull in world().pulls(REPOSITORY, NOW)}
    people = {person.id: str(person.github_id) for person in world().people}
    assert len(truth) > 50
    assert [record.native_id for record in found] == [str(pull.id) for pull in world().pulls(REPOSITORY, NOW)]
    for record in found:
        pull = truth[record.native_id]
        assert (record.number, record.title, record.branch) == (pull.number, pull.title, pull.branch)
        assert (record.created, record.updated) == (seconds(pull.created), seconds(pull.updated))
        assert (record.merged, record.closed) == (seconds(pull.merged), seconds(pull.closed))
        assert (record.additions, record.deletions) == (pull.additions, pull.deletions)
        assert record.author == people.get(pull.author)
        assert record.ready == (None if pull.draft else seconds(pull.ready or pull.created))
        assert [commit.sha for commit in record.commits] == [commit.sha for commit in pull.commits]
        assert [(review.author, review.state, review.submitted) for review in record.reviews] == [
            (people.get(review.author), review.state.lower(), seconds(review.submitted)) for review in pull.reviews
        ]
        assert record.commits_complete


def test_most_pull_requests_name_their_issue(hub):
    found = pulls(hub)
    assert sum(bool(record.keys) for record in found) > len(found) / 2


def test_since_brings_what_changed_and_no_more(hub):
    since = NOW - timedelta(days=7)
    limit = since - timedelta(minutes=2)
    truth = {str(pull.id) for pull in world().pulls(REPOSITORY, NOW) if seconds(pull.updated) >= limit}
    before = hub.requests
    assert {record.native_id for record in pulls(hub, since)} == truth
    assert 0 < len(truth) < 50
    assert hub.requests - before <= 3


def test_a_killed_read_goes_on_where_it_was(hub):
    part = Slice("pulls", REPOSITORY)
    pages = list(islice(hub.read(part, since=None), 1))
    rest = list(hub.read(part, since=None, cursor=pages[0].cursor))
    numbers = [
        record.number for page in [*pages, *rest] for record in page.records if isinstance(record, PullRequestRecord)
    ]
    assert numbers == [pull.number for pull in world().pulls(REPOSITORY, NOW)]
    assert pages[0].expected == len(numbers)


def test_deployments_with_their_outcome(hub):
    found = {row.native_id: row for row in everything(hub, "deployments", REPOSITORY, DeploymentRecord)}
    truth = world().deployments(REPOSITORY, NOW)
    assert found.keys() == {str(row.id) for row in truth}
    assert truth
    for row in truth:
        ends = [(state, at) for state, at in row.statuses if state in ("success", "failure", "error")]
        state, finished = (ends[0][0], seconds(ends[0][1])) if ends else (found[str(row.id)].state, None)
        record = found[str(row.id)]
        assert (record.state, record.finished, record.environment, record.sha) == (
            state,
            finished,
            row.environment,
            row.sha,
        )


def test_deployments_since_reach_back_as_long_as_one_may_wait_for_its_outcome(hub):
    since = NOW - timedelta(days=10)
    before = hub.requests
    found = {row.native_id for row in everything(hub, "deployments", REPOSITORY, DeploymentRecord, since)}
    assert hub.requests - before <= 3
    limit = since - timedelta(days=30)
    assert found == {str(row.id) for row in world().deployments(REPOSITORY, NOW) if seconds(row.created) >= limit}
    assert everything(hub, "deployments", REPOSITORY, AccountRecord, since)


def test_pull_requests_are_no_issues(hub):
    assert everything(hub, "issues", REPOSITORY, WorkItemRecord) == []
    assert len(everything(hub, "issues", REPOSITORY, StatusRecord)) == 3


def test_a_server_without_limits_and_their_headers():
    with running(limits=Limits(github=None)) as server, opened("github", github(server)) as hub:
        assert hub.check([REPOSITORY]).scopes == (REPOSITORY,)
        assert pulls(hub)


def test_a_spent_quota_is_handed_up_with_its_time():
    with running(limits=Limits(github=2)) as server, opened("github", github(server)) as hub:
        hub.check(REPOSITORIES[:1])
        with pytest.raises(ConnectorError) as caught:
            hub.check(REPOSITORIES[1:])
    assert caught.value.kind == "limited"
    assert caught.value.retry_at > NOW


@pytest.mark.parametrize("fault", ["rate:every=3", "http500:every=3", "html:every=4", "truncate:every=3"])
def test_faults_lose_and_double_nothing(fault):
    with running(faults=fault) as server, opened("github", github(server)) as hub:
        found = [record.number for record in pulls(hub)]
    assert found == [pull.number for pull in world().pulls(REPOSITORY, NOW)]
