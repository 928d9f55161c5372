"""Jira over a real socket: the simulator's Cloud and Data Center."""

import threading
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from delivery.connectors import paging
from delivery.connectors.contract import ConnectorError, Credentials, Slice
from delivery.connectors.jira import search
from delivery.core.records import SprintRecord, StatusRecord, WorkItemRecord
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, Tokens
from tests.connectors.pretend import TOKEN, Waits, answering, scripted, value
from tests.connectors.simulated import LONG, NOW, cloud, datacenter, everything, opened, running, world

KEYS = tuple(team.project for team in world().teams)
SITES = {"cloud": cloud, "datacenter": datacenter}


@pytest.fixture(scope="module")
def server():
    with running() as running_server:
        yield running_server


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request, server):
    with opened("jira", SITES[request.param](server)) as connector:
        yield connector


def items(connector, project=KEYS[0], since=None):
    return everything(connector, "issues", project, WorkItemRecord, since)


def error_of(credentials, scopes=KEYS, **options):
    with opened("jira", credentials, **options) as connector, pytest.raises(ConnectorError) as caught:
        connector.check(scopes)
    assert credentials.token not in str(caught.value) + caught.value.detail + repr(caught.value)
    return caught.value


def test_check_says_who_and_what(server):
    with opened("jira", cloud(server)) as connector:
        found = connector.check(KEYS[:1])
        assert (found.deployment, found.scopes) == ("cloud", (KEYS[0],))
        assert found.account
        assert found.version
    with opened("jira", datacenter(server)) as connector:
        assert connector.check(KEYS).deployment == "datacenter"


def test_a_wrong_word_about_the_deployment_does_not_matter(server):
    with opened("jira", cloud(server, deployment="datacenter")) as connector:
        assert connector.check(KEYS).deployment == "cloud"


def test_data_center_takes_a_password_like_pair_and_a_bearer(server):
    with opened("jira", datacenter(server, email="headway@example.test")) as connector:
        assert connector.check(KEYS).scopes == KEYS


@pytest.mark.parametrize("site", SITES)
def test_a_wrong_token_says_to_make_a_new_one(server, site):
    error = error_of(SITES[site](server, token="not-the-token"))
    assert error.kind == "credentials"
    assert "refused the token" in str(error)


def test_a_project_that_is_not_there(server):
    error = error_of(cloud(server), ["NOPE"])
    assert error.kind == "missing"
    assert str(error) == "There is no project NOPE that this token can see: check the key or ask for Browse permission."


def test_a_site_that_is_no_jira(server):
    assert error_of(cloud(server, url=server.url)).kind == "answer"
    with scripted(value({"hello": "world"})) as other:
        assert "does not answer as Jira does" in str(error_of(Credentials(other.url, TOKEN)))


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_what_cannot_be_a_token_is_never_sent(server, token):
    with pytest.raises(ConnectorError) as caught, opened("jira", cloud(server, token=token)):
        pass
    assert caught.value.kind == "credentials"


def test_an_anonymous_answer_is_no_sign_in():
    """J18: 200 with somebody in it, and only a header tells that the token was not taken."""
    info = value({"deploymentType": "Cloud", "version": "1001"})
    anonymous = value({"accountId": "x"}, **{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with answering(lambda asked: info if asked.path.endswith("serverInfo") else anonymous) as site:
        assert error_of(Credentials(site.url, TOKEN)).kind == "credentials"


def test_no_project_at_all_is_an_error():
    replies = {"serverInfo": {"deploymentType": "Server", "version": "9"}, "myself": {"key": "robin"}, "project": []}
    with answering(lambda asked: value(replies[asked.path.rpartition("/")[2]])) as site:
        assert "sees no project at all" in str(error_of(Credentials(site.url, TOKEN), []))


def test_statuses_have_their_categories(jira):
    found = everything(jira, "statuses", KEYS[0], StatusRecord)
    assert {(row.native_id, row.category) for row in found} == {(row.id, row.category) for row in world().statuses()}


def test_sprints_are_those_of_the_board(jira):
    found = everything(jira, "sprints", KEYS[0], SprintRecord)
    truth = world().sprints(world().teams[0].board_id, NOW)
    assert {(row.native_id, row.name, row.state, row.start, row.end, row.completed, row.goal) for row in found} == {
        (str(row.id), row.name, row.state, row.start, row.end, row.completed, row.goal) for row in truth
    }
    assert any(row.state == "active" for row in found)


def test_every_issue_comes_once_as_it_is(jira):
    found = {item.native_id: item for item in items(jira)}
    truth = world().issues(KEYS[0], NOW)
    assert len(truth) > 100
    assert found.keys() == {str(issue.id) for issue in truth}
    for issue in truth:
        item = found[str(issue.id)]
        assert (item.key, item.title, item.type, item.status_id) == (
            issue.key,
            issue.title,
            issue.type,
            issue.status.id,
        )
        assert (item.created, item.updated, item.resolved) == tuple(
            at and at.replace(microsecond=at.microsecond // 1000 * 1000)
            for at in (issue.created, issue.updated, issue.resolved)
        )
        assert (item.story_points, item.parent_key, item.flagged) == (issue.points, issue.parent or "", issue.flagged)
        assert (item.labels, item.blocked_by, item.sprints) == (
            issue.labels,
            issue.blocked_by,
            tuple(str(id) for id in issue.sprints),
        )
        moves = [change for change in issue.changes if change.field == "status"]
        assert [(move.from_id, move.to_id) for move in item.transitions] == [
            (change.from_id, change.to_id) for change in moves
        ]


def test_no_issue_is_read_twice_in_one_read(jira):
    ids = [item.native_id for item in items(jira)]
    assert len(ids) == len(set(ids))


def test_cloud_and_data_center_tell_the_same_work(server):
    with opened("jira", cloud(server)) as one, opened("jira", datacenter(server)) as other:
        for project in KEYS:
            assert [told(item) for item in items(one, project)] == [told(item) for item in items(other, project)]


def told(item):
    """An item without what differs on purpose: people's ids and the address."""
    moves = tuple(replace(move, author=None) for move in item.transitions)
    return replace(item, reporter=None, assignee=None, url="", accounts=(), transitions=moves)


def test_a_long_changelog_is_complete(jira):
    """J9: Cloud embeds the 40 newest entries and says nothing."""
    long = next(item for item in items(jira) if item.native_id == str(world().long.id))
    assert len(long.transitions) == LONG
    assert [move.at for move in long.transitions] == sorted(move.at for move in long.transitions)
    assert long.transitions[0].from_name == "To Do"


def test_a_long_changelog_without_bulkfetch_is_complete(server, monkeypatch):
    monkeypatch.setattr(search, "_bulk", lambda *_: {})
    with opened("jira", cloud(server)) as connector:
        long = next(item for item in items(connector) if item.native_id == str(world().long.id))
    assert len(long.transitions) == LONG


def test_since_brings_what_changed_and_a_little_before(jira):
    since = NOW - timedelta(days=5)
    found = {item.native_id for item in items(jira, since=since)}
    truth = {str(issue.id) for issue in world().issues(KEYS[0], NOW) if issue.updated >= since - paging.OVERLAP}
    assert found == truth
    assert 0 < len(truth) < len(world().issues(KEYS[0], NOW)) / 2


def test_a_bookmark_of_the_last_change_still_brings_it(jira):
    """J12: many issues share one instant; "later than" would lose some."""
    last = max(issue.updated for issue in world().issues(KEYS[0], NOW))
    assert items(jira, since=last)


def test_a_full_read_says_how_many_are_coming(jira):
    first = next(iter(jira.read(Slice("issues", KEYS[0]), since=None)))
    assert first.expected == len(world().issues(KEYS[0], NOW))


def test_a_killed_read_goes_on_where_it_was(jira):
    part = Slice("issues", KEYS[0])
    pages = list(islice(jira.read(part, since=None), 2))
    before = {record.native_id for page in pages for record in page.records if isinstance(record, WorkItemRecord)}
    rest = [
        record.native_id
        for page in jira.read(part, since=None, cursor=pages[-1].cursor)
        for record in page.records
        if isinstance(record, WorkItemRecord)
    ]
    truth = {str(issue.id) for issue in world().issues(KEYS[0], NOW)}
    assert before | set(rest) == truth
    assert len(rest) < len(truth)


def test_a_cursor_of_the_second_pass_skips_the_first(jira):
    cursor = paging.dump({"started": paging.milliseconds(NOW), "again": True})
    pages = jira.read(Slice("issues", KEYS[0]), since=None, cursor=cursor)
    assert sum(len(page.records) for page in pages) < 10


def test_a_read_left_early_leaves_no_thread(jira):
    before = threading.active_count()
    pages = jira.read(Slice("issues", KEYS[0]), since=None)
    next(iter(pages))
    pages.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]
    assert threading.active_count() <= before + 1  # the simulator's own, of a connection kept open


def test_dates_are_asked_for_in_no_ones_time_zone():
    since, utc = NOW - timedelta(days=5), {}
    for zone in ("UTC", "America/Los_Angeles", "Pacific/Auckland"):
        tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN, DEMO_EMAIL, zone),))
        with running(tokens=tokens) as server, opened("jira", cloud(server)) as connector:
            utc[zone] = {item.native_id for item in items(connector, since=since)}
    assert utc["UTC"] == utc["America/Los_Angeles"] == utc["Pacific/Auckland"]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("fault", ["rate:every=3", "http500:every=3", "html:every=4", "truncate:every=3"])
def test_faults_lose_and_double_nothing(site, fault):
    waits = Waits()
    with running(faults=fault) as server, opened("jira", SITES[site](server), waits) as connector:
        ids = [item.native_id for item in items(connector)]
        assert connector.requests > len(ids) / 100
    assert sorted(ids) == sorted(str(issue.id) for issue in world().issues(KEYS[0], NOW))
    assert waits.seconds


def test_a_former_key_of_a_project_brings_its_key_of_today():
    def answer(asked):
        if asked.path.endswith("serverInfo"):
            return value({"deploymentType": "Server", "version": "9"})
        replies = {"myself": {"key": "robin"}, "OLD": {"id": "1", "key": "NEW"}, "status": []}
        return value(replies[asked.path.rpartition("/")[2]])

    with answering(answer) as site, opened("jira", Credentials(site.url, TOKEN)) as connector:
        (page,) = connector.read(Slice("statuses", "OLD"), since=None)
    assert page.scope == "NEW"
