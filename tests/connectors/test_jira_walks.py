"""Walking through Jira's searches (J1-J7, J11-J13, D1, D5), asked of the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from delivery.connectors import paging
from delivery.connectors.contract import Connector, ConnectorError, Slice
from delivery.connectors.jira import search
from delivery.core.records import WorkItemRecord
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, Tokens
from tests.connectors import simulated
from tests.connectors.changing import FIRST, ISSUES, Changing, changing, items, records
from tests.connectors.simulated import NOW, opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)


@contextmanager
def jira(office: Changing, site: str = "cloud") -> Iterator[Connector]:
    with opened("jira", SITES[site](office.server)) as connector:
        yield connector


def test_j1_the_removed_search_is_never_asked_and_would_say_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    with changing() as office:
        with jira(office) as connector:
            items(connector)
        assert not [path for path in office.asked("/search") if path.endswith("/search")]
        plain = search._page
        monkeypatch.setattr(search, "_page", lambda http, path, body: plain(http, "/rest/api/3/search", body))
        with jira(office) as connector, pytest.raises(ConnectorError) as caught:
            items(connector)
    assert caught.value.kind == "outdated"


def test_j2_progress_comes_from_the_estimate() -> None:
    with changing() as office, jira(office) as connector:
        first = next(iter(connector.read(ISSUES, since=None)))
        assert first.expected == len(office.ids())
        assert office.asked("approximate-count")


@pytest.mark.parametrize("fault", ["empty:every=3", "shrink:every=2", "dup:every=2", "shuffle:every=1"])
def test_j3_empty_short_repeated_and_shuffled_pages_lose_and_double_nothing(fault: str) -> None:
    with simulated.running(faults=f"{fault}:only=search/jql") as server:
        with opened("jira", simulated.cloud(server)) as connector:
            found = [one.native_id for one in records(connector) if isinstance(one, WorkItemRecord)]
        assert sorted(found) == sorted(str(issue.id) for issue in simulated.world().issues(FIRST, NOW))


def test_j3_a_token_that_leads_in_a_circle_ends_the_read_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A census, too: half of one would say that the other half was deleted."""
    monkeypatch.setattr("simulator.jira.cloud_search.IDS_ONLY", 20)
    with (
        simulated.running(faults="tokenloop:every=1:only=search/jql") as server,
        opened("jira", simulated.cloud(server)) as connector,
    ):
        with pytest.raises(ConnectorError, match="circle"):
            items(connector)
        with pytest.raises(ConnectorError, match="circle"):
            list(connector.census(ISSUES))


def test_j3_a_walk_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_PAGES", 0)
    monkeypatch.setattr(search, "PAGE", 10)
    with changing() as office, jira(office) as connector, pytest.raises(ConnectorError, match="circle"):
        items(connector)


def test_j4_the_cursor_holds_a_mark_and_no_token() -> None:
    """Tokens run out after 7 days and are bound to their query: a read goes on from an instant."""
    with changing() as office, jira(office) as connector:
        cursors = [paging.load(page.cursor) for page in connector.read(ISSUES, since=None)]
    assert {key for cursor in cursors for key in cursor} <= {"started", "created", "again"}
    assert all(isinstance(value, int) for cursor in cursors for value in cursor.values())


def test_j5_and_j7_fields_are_named_and_the_query_is_bounded() -> None:
    """The simulator refuses unbounded JQL, as Cloud does; without fields it would give ids alone."""
    with changing() as office, jira(office) as connector:
        found = items(connector)
    assert all(item.title and item.status_id for item in found.values())


def test_j6_a_server_that_grants_less_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.jira.cloud_search.WITH_FIELDS", 13)
    monkeypatch.setattr("simulator.jira.cloud_search.IDS_ONLY", 17)
    with changing() as office, jira(office) as connector:
        assert items(connector).keys() == office.ids()
        assert {id for page in connector.census(ISSUES) for id in page} == office.ids()


@both
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"])
def test_j11_the_asking_users_time_zone_hides_nothing(site: str, zone: str) -> None:
    """`--jira-user-tz`: a dates' text would be read in the user's zone; an edit of this minute comes at once."""
    tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN, DEMO_EMAIL, zone),))
    with changing(tokens=tokens) as office, jira(office, site) as connector:
        office.wait(minutes=3)
        edited = office.world.edit(office.keys()[2], title="Just now")
        found = items(connector, since=office.now)
        assert found[str(edited.id)].title == "Just now"
        assert found[str(edited.id)].updated == office.now
        assert len(found) < len(office.ids()) / 2


@both
def test_j12_many_that_share_one_instant_all_come(site: str) -> None:
    """A bulk edit: 150 issues in one second, more than a page, and the bookmark is that second."""
    with changing() as office, jira(office, site) as connector:
        office.wait(hours=1)
        edited = {str(office.world.edit(key, labels=("swept",)).id) for key in office.keys()[:150]}
        found = items(connector, since=office.now)
        assert edited <= found.keys()
        assert {found[id].updated for id in edited} == {office.now}


@both
def test_j13_what_changes_while_it_is_read_comes_once_more_as_it_is_then(site: str) -> None:
    """`shift`: somebody edits issues of earlier pages; the second pass brings them, and no row is lost."""
    with changing() as office, jira(office, site) as connector:
        keys = office.keys()

        def edit(number: int) -> None:
            if number == 2:
                office.wait(seconds=5)
                for key in (keys[0], keys[50], keys[-1]):
                    office.world.edit(key, title="Edited meanwhile")

        office.after["/search" if site == "datacenter" else "/search/jql"] = edit
        found = items(connector)
        assert found.keys() == office.ids()
        assert sorted(one.key for one in found.values() if one.title == "Edited meanwhile") == sorted(
            (keys[0], keys[50], keys[-1])
        )


def test_j13_and_d1_issues_deleted_while_they_are_read_hide_no_others() -> None:
    """`vanish`, with the total read anew at every page."""
    with changing() as office, jira(office, "datacenter") as connector:
        keys = office.keys()

        def vanish(number: int) -> None:
            if number < 3:
                for key in keys[number * 30 - 30 : number * 30]:
                    office.world.delete(key)

        office.after["/api/2/search"] = vanish
        assert office.ids() <= items(connector).keys()


@pytest.mark.parametrize("granted", [7, 60])
def test_d1_steps_go_by_what_came_and_not_by_what_was_asked(granted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.jira.datacenter_api.MOST", granted)
    with changing() as office, jira(office, "datacenter") as connector:
        assert items(connector).keys() == office.ids()


def test_d1_only_version_2_is_asked_of_a_data_center() -> None:
    with changing() as office, jira(office, "datacenter") as connector:
        items(connector)
        assert not office.asked("/rest/api/3")


@both
def test_d5_what_answers_says_which_kind_it_is(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        assert connector.check([FIRST]).deployment == site


@both
def test_the_cost_follows_what_changed_and_not_what_exists(site: str) -> None:
    """An incremental read of a small project asks as often as one of a large one."""
    asked = []
    for project in (FIRST, "SMALL"):
        with changing() as office, jira(office, site) as connector:
            if project == "SMALL":
                for key in office.keys()[10:]:
                    office.world.delete(key)
            office.wait(days=1)
            office.world.edit(office.keys()[1], title="Changed")
            office.server.forget()
            assert items(connector, Slice("issues", FIRST), since=office.now - timedelta(minutes=1))
            asked.append(len(office.server.requests))
    assert asked[0] == asked[1]
