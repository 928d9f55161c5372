"""What a Jira issue says of itself (J14, J20, J22-J26, D2, D3), asked of the simulator over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import orjson
import pytest

from delivery.connectors.contract import Connector, Slice
from delivery.core.records import StatusRecord, WorkItemRecord
from simulator.faults import Answer, Turn
from simulator.server import serve
from simulator.tokens import DEMO_EMAIL, DEMO_JIRA_TOKEN, Token, Tokens
from simulator.web import Reply
from tests.connectors import simulated
from tests.connectors.changing import FIRST, SECOND, Changing, changing, items, records
from tests.connectors.simulated import NOW, opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)


@contextmanager
def jira(office: Changing, site: str = "cloud") -> Iterator[Connector]:
    with opened("jira", SITES[site](office.server)) as connector:
        yield connector


@contextmanager
def answering(path: str, change: Any, site: str) -> Iterator[Connector]:
    """A connector to a server that says something else at one path."""

    def fault(turn: Turn, answer: Answer) -> Reply:
        reply = answer()
        if not turn.request.path.endswith(path):
            return reply
        return replace(reply, body=orjson.dumps(change(orjson.loads(reply.body))))

    with (
        serve(simulated.world(), clock=lambda: NOW, faults=[fault]) as server,
        opened("jira", SITES[site](server)) as connector,
    ):
        yield connector


@both
@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/St_Johns"])
def test_j14_instants_in_any_users_offset_are_the_same_utc_instants(site: str, zone: str) -> None:
    found = []
    for one in ("UTC", zone):
        tokens = Tokens(jira=(Token(DEMO_JIRA_TOKEN, DEMO_EMAIL, one),))
        with changing(tokens=tokens) as office, jira(office, site) as connector:
            found.append({id: (one.created, one.updated, one.transitions) for id, one in items(connector).items()})
    assert found[0] == found[1]
    assert {at.tzinfo for at, _, _ in found[1].values()} == {UTC}


@both
def test_j22_a_parent_is_an_epic_or_the_item_of_a_sub_task_by_its_level(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        found = {one.key: one for one in items(connector).values()}
        truth = office.world.issues(FIRST, NOW)
    of_type = {name: [one for one in truth if one.type == name] for name in ("Epic", "Sub-task", "Story")}
    assert {found[one.key].level for one in of_type["Epic"]} == {1}
    assert {found[one.key].level for one in of_type["Story"]} == {0}
    assert {found[one.key].level for one in of_type["Sub-task"]} <= {-1}
    assert {one.key: found[one.key].parent_key for one in truth} == {one.key: one.parent or "" for one in truth}
    assert any(one.parent for one in truth)


@both
def test_j23_statuses_go_by_id_with_the_category_and_those_of_other_projects_stay_away(site: str) -> None:
    """One name has several ids in team-managed projects, and Jira has a category "undefined"."""

    def more(rows: list[Any]) -> list[Any]:
        own, other = ({"project": {"id": id}} for id in ("10000", "10001"))
        twin = {"name": "Done", "statusCategory": {"key": "done"}}
        return [
            *rows,
            {**twin, "id": "20001", "scope": {"type": "PROJECT", **own}},
            {**twin, "id": "20002", "scope": {"type": "PROJECT", **other}},
            {"id": "20003", "name": "Adrift", "statusCategory": {"key": "undefined"}},
            {"id": "20004", "name": "Bare", "statusCategory": None},
            None,
        ]

    with answering("/status", more, site) as connector:
        found = {
            one.native_id: one for one in records(connector, Slice("statuses", FIRST)) if isinstance(one, StatusRecord)
        }
        other = {
            one.native_id for one in records(connector, Slice("statuses", SECOND)) if isinstance(one, StatusRecord)
        }
    assert {id: (one.name, one.category) for id, one in found.items() if int(id) > 20000} == {
        "20001": ("Done", "done"),
        "20003": ("Adrift", ""),
        "20004": ("Bare", ""),
    }
    assert {id for id in other if int(id) > 20000} == {"20002", "20003", "20004"}
    assert len([one for one in found.values() if one.name == "Done"]) == 2


@both
def test_j23_a_transition_keeps_the_name_its_status_had_then(site: str) -> None:
    def renamed(page: Any) -> Any:
        for issue in page["issues"]:
            for entry in issue["changelog"]["histories"]:
                for item in entry["items"]:
                    if item["field"] == "status" and item["to"] == "3":
                        item["toString"] = "Under construction"
        return page

    with answering("/search/jql" if site == "cloud" else "/search", renamed, site) as connector:
        found = items(connector)
    del found[str(simulated.world().long.id)]  # its older entries come from elsewhere
    moves = [move for one in found.values() for move in one.transitions if move.to_id == "3"]
    assert moves
    assert {move.to_name for move in moves} == {"Under construction"}


@both
def test_j24_done_without_a_resolution_and_opened_again_is_told_as_it_is(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        open_one = next(one for one in office.world.issues(FIRST, NOW) if one.status.category == "indeterminate")
        id = str(open_one.id)
        office.wait(hours=1)
        office.world.edit(open_one.key, status="Done", resolved=None)
        found = items(connector, since=office.now)[id]
        assert (found.status_category, found.resolved, found.transitions[-1].at) == ("done", None, office.now)
        office.wait(hours=1)
        office.world.edit(open_one.key, status="Released")
        resolved = items(connector, since=office.now)[id].resolved
        assert resolved == office.now
        office.wait(hours=1)
        office.world.edit(open_one.key, status="In Progress")
        found = items(connector, since=office.now)[id]
        assert (found.status_category, found.resolved) == ("indeterminate", None)
        assert [move.to_name for move in found.transitions[-3:]] == ["Done", "Released", "In Progress"]


@both
def test_j26_the_status_of_the_creation_is_what_the_first_transition_left(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        made = office.world.add(FIRST)
        found = items(connector)[str(made.id)]
        assert (found.transitions, found.status) == ((), made.status.name)
        office.wait(minutes=5)
        office.world.edit(made.key, status="In Progress")
        (move,) = items(connector, since=office.now)[str(made.id)].transitions
        assert (move.from_name, move.to_name, move.at) == (made.status.name, "In Progress", office.now)


@both
def test_links_flags_components_and_versions_follow_what_people_do(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        first, blocker, hidden = office.keys()[:3]
        office.wait(minutes=5)
        fields: dict[str, Any] = {"components": ("store", "api"), "fix_versions": ("2026.4",), "flagged": True}
        id = str(office.world.edit(first, blocked_by=(blocker, hidden), **fields).id)
        office.world.hide(hidden)
        found = items(connector, since=office.now)[id]
        assert (found.components, found.fix_versions, found.flagged) == (("store", "api"), ("2026.4",), True)
        assert found.blocked_by == (blocker,)
        office.wait(minutes=5)
        office.world.edit(first, blocked_by=(), flagged=False)
        found = items(connector, since=office.now)[id]
        assert (found.blocked_by, found.flagged) == ((), False)
        assert [(one.from_value, one.to_value) for one in found.changes if one.field == "flagged"][-2:] == [
            ("", "Impediment"),
            ("Impediment", ""),
        ]


def test_d2_people_of_a_data_center_go_by_their_key_and_entries_by_their_instant() -> None:
    with changing() as office, jira(office, "datacenter") as connector:
        found = items(connector)
    people = {one.native_id for item in found.values() for one in item.accounts}
    assert people
    assert all(id.startswith("JIRAUSER") for id in people)
    for item in found.values():
        assert list(item.transitions) == sorted(item.transitions, key=lambda move: move.at)


@both
def test_j20_without_a_field_in_the_catalogue_the_board_says_what_it_estimates_in(site: str) -> None:
    """And its changes are followed under whatever name it has here."""

    def foreign(rows: list[Any]) -> list[Any]:
        for row in rows:
            if row.get("name") in ("Story point estimate", "Story Points"):
                row |= {"name": "Pontos", "untranslatedName": "Pontos", "schema": {"type": "number", "custom": "x:y"}}
        return rows

    with answering("/field", foreign, site) as connector:
        found = items(connector)
    truth = {str(one.id): one.points for one in simulated.world().issues(FIRST, NOW)}
    assert {id: one.story_points for id, one in found.items()} == truth
    assert None in truth.values()
    assert any(truth.values())


def test_d3_a_data_center_below_a_path_takes_a_personal_token() -> None:
    """The simulator's sites lie below a path."""
    with changing() as office, jira(office, "datacenter") as connector:
        assert office.server.jira_datacenter_url.endswith("/datacenter")
        assert connector.check([FIRST]).scopes == (FIRST,)
        found = next(one for one in items(connector).values())
        assert found.url == f"{office.server.jira_datacenter_url}/browse/{found.key}"
        assert isinstance(found, WorkItemRecord)
        assert office.server.requests[0].path.startswith("/datacenter/rest/api/2/")
        assert found.updated <= NOW + timedelta(seconds=1)
