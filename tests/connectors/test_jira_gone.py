"""Issues and projects that go, hide, move and come back (J8, J15-J18, D1), asked of the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from delivery.connectors.contract import Connector, ConnectorError, Slice
from delivery.core.records import WorkItemRecord
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, Tokens
from tests.connectors import simulated
from tests.connectors.changing import FIRST, ISSUES, SECOND, Changing, census, changing, gone, items, reread
from tests.connectors.pretend import TOKEN
from tests.connectors.simulated import NOW, opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)


@contextmanager
def jira(office: Changing, site: str = "cloud", **more: str) -> Iterator[Connector]:
    with opened("jira", SITES[site](office.server, **more)) as connector:
        yield connector


@both
def test_j16_a_census_tells_what_is_there_and_a_deleted_issue_is_not(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        before = office.ids()
        assert sorted(census(connector)) == sorted(before)
        lost = office.world.delete(office.keys()[7])
        assert set(census(connector)) == before - {str(lost.id)}
        assert gone(reread(connector, str(lost.id))) == [str(lost.id)]
        office.world.restore(lost.id)
        assert set(census(connector)) == before
        (found,) = [one for one in reread(connector, str(lost.id)) if isinstance(one, WorkItemRecord)]
        assert found.key == lost.key


def test_j6_a_census_costs_one_request_for_thousands_of_ids() -> None:
    with changing() as office, jira(office) as connector:
        census(connector)
        assert len(office.ids()) > 100
        assert len(office.asked("search/jql")) == 1


def test_d1_a_census_of_a_data_center_loses_nothing_when_issues_vanish_while_it_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Deleted before the offset, they move the others up: the `vanish` of CONNECTORS.md."""
    monkeypatch.setattr("simulator.jira.datacenter_api.MOST", 60)
    with changing() as office, jira(office, "datacenter") as connector:
        keys = office.keys()

        def vanish(number: int) -> None:
            for key in keys[(number - 1) * 12 : number * 12] if number < 4 else ():
                office.world.delete(key)

        office.after["/api/2/search"] = vanish
        found = set(census(connector))
        assert len(office.asked("/api/2/search")) > 3
        assert office.ids() <= found


@both
def test_j8_what_a_search_does_not_show_yet_comes_when_it_is_asked_for_by_its_id(site: str) -> None:
    """`lag`: the index is a minute behind; the overlap brings it with the next read."""
    with changing() as office, jira(office, site) as connector:
        office.wait(minutes=10)
        office.world.behind = office.now - NOW  # searches show nothing of the last ten minutes
        office.wait(minutes=1)
        edited = office.world.edit(office.keys()[3], title="Changed just now")
        assert str(edited.id) not in items(connector, since=NOW)
        (found,) = [one for one in reread(connector, str(edited.id)) if isinstance(one, WorkItemRecord)]
        assert found.title == "Changed just now"


@both
def test_j8_the_overlap_of_the_next_read_brings_what_the_index_learned_late(site: str) -> None:
    with changing() as office, jira(office, site) as first, jira(office, site) as second:
        office.world.behind = timedelta(minutes=1)
        office.wait(minutes=5)
        edited = office.world.edit(office.keys()[3], title="Changed just now")
        office.wait(seconds=30)
        bookmark = office.now
        assert str(edited.id) not in items(first, since=NOW)
        office.wait(minutes=5)
        assert items(second, since=bookmark)[str(edited.id)].title == "Changed just now"


@both
def test_j15_a_moved_issue_keeps_its_id_and_its_old_key_still_answers(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        old = office.keys()[5]
        moved = office.world.move(old, SECOND)
        there = items(connector, Slice("issues", SECOND))[str(moved.id)]
        assert (there.key, there.project) == (moved.key, SECOND)
        assert [(one.from_value, one.to_value) for one in there.changes if one.field == "key"][-1] == (old, moved.key)
        assert str(moved.id) not in census(connector)
        for name in (str(moved.id), old):
            (found,) = [one for one in reread(connector, name) if isinstance(one, WorkItemRecord)]
            assert (found.native_id, found.key) == (str(moved.id), moved.key)


@both
def test_j15_a_renamed_project_answers_to_its_old_key_with_the_new_one(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        before = office.ids()
        office.world.rename_project(FIRST, "RENAMED")
        pages = list(connector.read(ISSUES, since=None))
        assert {page.scope for page in pages} == {"RENAMED"}
        found = {one.native_id: one for page in pages for one in page.records if isinstance(one, WorkItemRecord)}
        assert found.keys() == before
        assert all(one.project == "RENAMED" for one in found.values())
        assert set(census(connector)) == before


@both
def test_j17_what_issue_security_hides_looks_gone_and_only_to_that_token(site: str) -> None:
    other = Token("other", email="other@example.test")
    tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN, email=DEMO_EMAIL), other))
    with changing(tokens=tokens) as office:
        key = office.keys()[4]
        hidden = str(office.world.get(key).id)
        office.world.hide(key, secret="other")
        with jira(office, site, token="other", email="other@example.test") as narrow, jira(office, site) as wide:
            assert hidden not in census(narrow)
            assert hidden not in items(narrow)
            assert gone(reread(narrow, hidden)) == [hidden]
            assert hidden in census(wide)


@both
def test_a_removed_project_is_missing_and_a_token_that_sees_none_has_lost_its_right(site: str) -> None:
    with changing() as office:
        office.world.remove_project(FIRST)
        with jira(office, site) as connector, pytest.raises(ConnectorError) as caught:
            list(connector.census(ISSUES))
        assert caught.value.kind == "missing"
        office.world.show()
        for project in (FIRST, SECOND):
            office.world.hide(project=project)
        with jira(office, site) as connector, pytest.raises(ConnectorError) as caught:
            list(connector.reread(ISSUES, ["1"]))
        assert caught.value.kind == "permission"
        assert "sees no project at all" in str(caught.value)
        office.world.show()
        with jira(office, site) as connector:
            assert census(connector)


@pytest.mark.parametrize("site", SITES)
def test_j18_an_answer_for_nobody_is_an_error_and_never_no_issues(site: str) -> None:
    """`anon`: a wrong token is taken as anonymous, everything answers 200 and is empty."""

    with (
        simulated.running(faults="anon:every=1") as server,
        opened("jira", SITES[site](server)) as connector,
        pytest.raises(ConnectorError) as caught,
    ):
        list(connector.read(ISSUES, since=None))
    assert caught.value.kind == "credentials"
    assert TOKEN not in str(caught.value)


@both
def test_j18_a_token_without_any_project_discovers_an_error(site: str) -> None:
    tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN, projects=frozenset()),))
    with changing(tokens=tokens) as office, jira(office, site) as connector:
        with pytest.raises(ConnectorError, match="no project at all"):
            connector.discover()
        with pytest.raises(ConnectorError, match="no project at all"):
            connector.check([])


@both
def test_j17_discovering_tells_what_the_token_sees_and_how_much_where_that_is_cheap(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        found = {one.scope: one for one in connector.discover()}
        assert set(found) == {FIRST, SECOND}
        size = len(office.ids()) if site == "cloud" else None
        assert found[FIRST].size == size
        name = found[FIRST].name
        assert [one.scope for one in connector.discover(name.upper()[:4] + "*")] == [FIRST]
        assert connector.discover("NOTHING*") == ()
