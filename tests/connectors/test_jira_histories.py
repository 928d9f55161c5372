"""Changelogs however long, and what of an issue came damaged (J9, J10, J25), over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest

from delivery.connectors.contract import Connector, ConnectorError, Page
from delivery.core.records import WorkItemRecord
from simulator.faults import Answer, Turn
from simulator.server import Running, serve
from simulator.web import Reply, json_reply
from tests.connectors import simulated
from tests.connectors.changing import FIRST, ISSUES, changing, gaps, items, reread
from tests.connectors.simulated import LONG, NOW, opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)
Break = Callable[[Turn, Reply], Reply]


@contextmanager
def breaking(bend: Break, site: str = "cloud") -> Iterator[tuple[Connector, Running]]:
    """A connector to a server whose answers a function bends."""

    def fault(turn: Turn, answer: Answer) -> Reply:
        return bend(turn, answer())

    with (
        serve(simulated.world(), clock=lambda: NOW, faults=[fault]) as server,
        opened("jira", SITES[site](server)) as connector,
    ):
        yield connector, server


def refusing(part: str, status: int) -> Break:
    return lambda turn, reply: json_reply({"errorMessages": ["No."]}, status) if part in turn.request.path else reply


def of(reply: Reply, change: Callable[[list[Any]], None]) -> Reply:
    """The reply with the issues of a page changed."""
    body = orjson.loads(reply.body)
    change(body["issues"])
    return replace(reply, body=orjson.dumps(body))


def long_one(found: dict[str, WorkItemRecord]) -> WorkItemRecord:
    return found[str(simulated.world().long.id)]


def plain(found: dict[str, WorkItemRecord]) -> dict[str, WorkItemRecord]:
    """Without the server's address, and without the people, whom an earlier row may have shown better."""
    return {id: replace(item, accounts=(), url="") for id, item in found.items()}


@cache
def whole(site: str = "cloud") -> dict[str, WorkItemRecord]:
    with changing() as office, opened("jira", SITES[site](office.server)) as connector:
        return plain(items(connector))


def of_pages(pages: list[Page]) -> dict[str, WorkItemRecord]:
    found = [one for page in pages for one in page.records if isinstance(one, WorkItemRecord)]
    assert len({one.native_id for one in found}) == len(found)
    return plain({one.native_id: one for one in found})


def test_j10_one_issues_log_that_spans_pages_is_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.jira.cloud_search.BULK_MOST", 7)
    with changing() as office, opened("jira", simulated.cloud(office.server)) as connector:
        found = items(connector)
        assert len(office.asked("changelog/bulkfetch")) > LONG / 7
    assert plain(found) == whole()
    assert len(long_one(found).transitions) == LONG


@pytest.mark.parametrize("status", [403, 404, 500])
def test_j9_without_bulkfetch_each_long_changelog_is_read_by_itself(status: int) -> None:
    with breaking(refusing("changelog/bulkfetch", status)) as (connector, _):
        found = items(connector)
    assert plain(found) == whole()


@pytest.mark.parametrize("status", [404, 500])
def test_j9_a_changelog_that_cannot_be_completed_is_a_gap_and_the_issue_still_comes(status: int) -> None:
    with breaking(refusing("/changelog", status)) as (connector, _):
        pages = list(connector.read(ISSUES, since=None))
        found = of_pages(pages)
        (gap,) = [gap for page in pages for gap in page.gaps]
    assert len(long_one(found).transitions) == 40
    assert gap.what == f"{long_one(found).key} history"
    assert "whole history" in gap.why
    id = long_one(found).native_id
    assert found | {id: None} == whole() | {id: None}


@both
def test_j9_a_long_changelog_is_complete_when_its_issue_is_asked_for_by_id(site: str) -> None:
    with changing() as office, opened("jira", SITES[site](office.server)) as connector:
        (found,) = [one for one in reread(connector, str(simulated.world().long.id)) if isinstance(one, WorkItemRecord)]
    assert len(found.transitions) == LONG


@both
def test_j9_changelogs_of_two_thousand_entries_change_nothing(site: str) -> None:
    plain = {}
    for faults in ("", "long:every=60:changes=2000"):
        with simulated.running(faults=faults) as server, opened("jira", SITES[site](server)) as connector:
            plain[faults] = {id: (one.transitions, one.changes) for id, one in items(connector).items()}
    assert plain[""] == plain["long:every=60:changes=2000"]


@both
def test_j25_one_entry_with_several_items_tells_them_all(site: str) -> None:
    with changing() as office, opened("jira", SITES[site](office.server)) as connector:
        edited = office.world.edit(office.keys()[1], status="Released", flagged=True, points=21.0, labels=("x",))
        found = items(connector)[str(edited.id)]
    assert (found.transitions[-1].to_name, found.transitions[-1].at) == ("Released", NOW)
    last = {change.field: change.to_value for change in found.changes if change.at == NOW}
    assert last == {"flagged": "Impediment", "points": "21.0"}


@both
def test_j25_deleted_authors_missing_ends_and_unknown_keys_are_tolerated(site: str) -> None:
    def odd(turn: Turn, reply: Reply) -> Reply:
        if "search" not in turn.request.path or "count" in turn.request.path:
            return reply

        def change(issues: list[Any]) -> None:
            for issue in issues:
                issue["brandNew"] = {"of": [None]}
                for entry in issue["changelog"]["histories"]:
                    entry.pop("author", None)
                    entry["historyMetadata"] = None
                    for item in entry["items"]:
                        item |= {"from": None, "tmpFromAccountId": None}

        return of(reply, change)

    with breaking(odd, site) as (connector, _):
        found = items(connector)
        assert not gaps(connector)
    known = whole()
    assert found.keys() == known.keys()
    assert [len(one.transitions) for one in found.values()] == [len(known[id].transitions) for id in found]
    if site == "datacenter":
        assert {move.author for one in found.values() for move in one.transitions} == {None}
        assert {move.from_id for one in found.values() for move in one.transitions} == {""}


PLACES: dict[str, Callable[[dict[str, Any]], None]] = {
    "fields": lambda issue: issue.update(fields=None),
    "status": lambda issue: issue["fields"].update(status=None),
    "type": lambda issue: issue["fields"].update(issuetype=None),
    "category": lambda issue: issue["fields"]["status"].update(statusCategory=None),
    "created": lambda issue: issue["fields"].update(created=None),
    "labels": lambda issue: issue["fields"].update(labels=None),
    "links": lambda issue: issue["fields"].update(issuelinks=[None]),
    "changelog": lambda issue: issue.update(changelog=None),
    "histories": lambda issue: issue["changelog"].update(histories=None),
    "entry": lambda issue: issue["changelog"].update(histories=[None]),
    "items": lambda issue: issue["changelog"]["histories"][0].update(items=None),
}


def damaging(place: str, *, for_ever: bool) -> Break:
    """Damage in the sixth issue of the first page, and for ever: whenever anybody asks for that one."""
    name: list[str] = []

    def bend(turn: Turn, reply: Reply) -> Reply:
        path = turn.request.path
        if "/search" in path and "count" not in path and not name:

            def change(issues: list[Any]) -> None:
                name.append(issues[5]["id"])
                PLACES[place](issues[5])

            return of(reply, change)
        if for_ever and name and path.endswith(f"/issue/{name[0]}"):
            body = orjson.loads(reply.body)
            PLACES[place](body)
            return replace(reply, body=orjson.dumps(body))
        return reply

    return bend


@both
@pytest.mark.parametrize("place", PLACES)
def test_null_where_an_object_was_promised_is_asked_for_again(place: str, site: str) -> None:
    with breaking(damaging(place, for_ever=False), site) as (connector, _):
        pages = list(connector.read(ISSUES, since=None))
    assert of_pages(pages) == whole(site)
    assert not [gap for page in pages for gap in page.gaps]


@both
@pytest.mark.parametrize("place", ["fields", "status", "changelog", "items"])
def test_what_stays_damaged_is_a_gap_by_its_key_and_the_others_go_on(place: str, site: str) -> None:
    with breaking(damaging(place, for_ever=True), site) as (connector, _):
        pages = list(connector.read(ISSUES, since=None))
        found = [one for page in pages for one in page.records if isinstance(one, WorkItemRecord)]
        (gap,) = [gap for page in pages for gap in page.gaps]
    assert gap.what.startswith(f"{FIRST}-")
    assert gap.what not in {one.key for one in found}
    assert len(found) == len(whole()) - 1
    assert gap.what in gap.why


def test_a_list_that_is_always_null_is_that_jiras_way_to_say_none() -> None:
    with breaking(damaging("labels", for_ever=True)) as (connector, _):
        assert items(connector).keys() == whole().keys()
        assert not gaps(connector)


def test_j35_bodies_with_nul_surrogates_and_megabytes_are_read_whole() -> None:
    with (
        simulated.running(faults="dirty:every=2,huge:every=5:megabytes=3") as server,
        opened("jira", simulated.cloud(server)) as connector,
    ):
        found = items(connector)
    assert found.keys() == whole().keys()
    assert not [one for one in found.values() if "\x00" in one.title]


def test_a_token_that_is_withdrawn_while_damage_is_mended_ends_the_read() -> None:
    def withdrawn(turn: Turn, reply: Reply) -> Reply:
        if "/issue/" in turn.request.path:
            return json_reply({"message": "No."}, 401)
        return damaging("status", for_ever=False)(turn, reply)

    with breaking(withdrawn) as (connector, _), pytest.raises(ConnectorError) as caught:
        items(connector)
    assert caught.value.kind in ("credentials", "expired")
