"""What lies around Jira's issues: boards and sprints (J14, J21, J29), worklogs (J27), rights, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from delivery.connectors.contract import Check, Connector, Slice
from delivery.core.records import AccountRecord, BoardRecord, SprintRecord, WorklogRecord
from simulator.faults import Answer, Turn
from simulator.jira_records import Board
from simulator.records import Sprint
from simulator.server import Limits, serve
from simulator.tokens import DEMO_JIRA_TOKEN, Token, Tokens
from simulator.web import Reply, json_reply
from tests.connectors import simulated
from tests.connectors.changing import FIRST, SECOND, Changing, changing, gaps, items, records
from tests.connectors.simulated import NOW, opened

SITES = {"cloud": simulated.cloud, "datacenter": simulated.datacenter}
both = pytest.mark.parametrize("site", SITES)
SPRINTS, WORKLOGS = Slice("sprints", FIRST), Slice("worklogs", FIRST)
TEAMS = {team.project: team for team in simulated.world().teams}
OWN = TEAMS[FIRST].board_id


@contextmanager
def jira(office: Changing, site: str = "cloud", **options: Any) -> Iterator[Connector]:
    with opened("jira", SITES[site](office.server), **options) as connector:
        yield connector


def sprints(connector: Connector, part: Slice = SPRINTS) -> dict[str, SprintRecord]:
    return {one.native_id: one for one in records(connector, part) if isinstance(one, SprintRecord)}


@both
def test_j29_one_sprint_on_several_boards_comes_once_and_names_them(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        office.world.add_board(Board(901, "Everything", (FIRST, SECOND), shows=(OWN,)))
        found = sprints(connector)
        assert found
        assert {one.boards for one in found.values()} == {(str(OWN), "901")}
        other = sprints(connector, Slice("sprints", SECOND))
        assert all(other[id].boards == ("901",) for id in found)
        boards = {one.native_id: one for one in records(connector, SPRINTS) if isinstance(one, BoardRecord)}
        assert boards["901"] == BoardRecord("901", "Everything", "scrum", FIRST)


@both
def test_j29_a_kanban_board_has_no_sprints_and_is_no_trouble(site: str) -> None:
    """It would answer 400 to the question; test_jira_scripted has a board that does."""
    with changing() as office, jira(office, site) as connector:
        office.world.add_board(Board(902, "Flow", (FIRST,)))
        boards = {one.native_id: one.kind for one in records(connector, SPRINTS) if isinstance(one, BoardRecord)}
        assert boards == {str(OWN): "scrum", "902": "kanban"}
        assert not gaps(connector, SPRINTS)
        assert {one.boards for one in sprints(connector).values()} == {(str(OWN),)}


@both
def test_j29_j14_sprints_closed_late_opened_again_and_without_dates(site: str) -> None:
    """Data Center writes an offset with a colon; both leave out what there is not."""
    start = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)
    late = Sprint(7001, OWN, "Late, of all [things]", "closed", start, start + timedelta(days=14), NOW, "Ship")
    bare = Sprint(7002, OWN, "Some day", "future", None, None, None, "")
    with changing() as office, jira(office, site) as connector:
        office.world.set_sprint(late)
        office.world.set_sprint(bare)
        found = sprints(connector)
        assert (found["7001"].end, found["7001"].completed) == (start + timedelta(days=14), NOW)
        assert (found["7001"].start, found["7001"].name) == (start, "Late, of all [things]")
        assert (found["7002"].start, found["7002"].end, found["7002"].state) == (None, None, "future")
        office.world.set_sprint(replace(late, state="active", completed=None))
        assert (sprints(connector)["7001"].state, sprints(connector)["7001"].completed) == ("active", None)


@both
def test_j21_the_issues_own_field_names_the_same_sprints_and_the_changelog_tells_who_left(site: str) -> None:
    """`<null>` dates, commas and brackets in names are in Data Center's texts; devlake#1752: who left is told."""
    with changing() as office, jira(office, site) as connector:
        office.world.set_sprint(Sprint(7002, OWN, "Next, or so]", "future", None, None, None, ""))
        key = office.keys()[2]
        before = office.world.get(key).sprints
        joined = office.world.edit(key, sprints=(*before, 7002))
        found = items(connector)[str(joined.id)]
        assert found.sprints == tuple(str(id) for id in (*before, 7002))
        office.wait(minutes=1)
        office.world.edit(key, sprints=before)
        found = items(connector, since=office.now)[str(joined.id)]
        assert found.sprints == tuple(str(id) for id in before)
        ends = [(one.from_value, one.to_value) for one in found.changes if one.field == "sprint"][-2:]
        ids = ",".join(str(id) for id in before)
        with_it = ",".join(str(id) for id in (*before, 7002))
        assert ends == [(ids, with_it), (with_it, ids)]


@both
@pytest.mark.parametrize("part", ["/board", "/sprint"])
def test_boards_and_sprints_the_token_may_not_read_are_gaps(part: str, site: str) -> None:
    def refuse(turn: Turn, answer: Answer) -> Reply:
        return json_reply({"errorMessages": ["No."]}, 403) if turn.request.path.endswith(part) else answer()

    with (
        serve(simulated.world(), clock=lambda: NOW, faults=[refuse]) as server,
        opened("jira", SITES[site](server)) as connector,
    ):
        (gap,) = gaps(connector, SPRINTS)
        assert "may not read" in gap.why
        assert gap.what == (f"boards of {FIRST}" if part == "/board" else f"sprints of {FIRST} board")


def worklogs(connector: Connector, since: datetime | None = None) -> dict[str, WorklogRecord]:
    return {one.native_id: one for one in records(connector, WORKLOGS, since) if isinstance(one, WorklogRecord)}


@both
def test_j27_worklogs_come_by_what_changed_and_removed_ones_are_told(site: str) -> None:
    with changing() as office, jira(office, site, worklogs=True) as connector:
        assert WORKLOGS in connector.slices([FIRST])
        key = office.keys()[1]
        first, second = office.world.log_work(key, seconds=3600), office.world.log_work(key, seconds=600)
        office.wait(minutes=5)
        found = worklogs(connector)
        issue = str(office.world.get(key).id)
        assert {one.native_id: (one.item, one.seconds, one.started) for one in found.values()} == {
            str(first.id): (issue, 3600, NOW),
            str(second.id): (issue, 600, NOW),
        }
        people = [one.native_id for one in records(connector, WORKLOGS) if isinstance(one, AccountRecord)]
        assert people == [found[str(first.id)].author]
        office.wait(hours=1)
        mark = office.now
        assert worklogs(connector, since=mark) == {}
        office.world.change_work(first.id, removed=True)
        office.world.change_work(second.id, seconds=1200)
        office.wait(minutes=2)
        found = worklogs(connector, since=mark)
        assert found[str(first.id)].removed
        assert (found[str(second.id)].seconds, found[str(second.id)].removed) == (1200, False)


@both
def test_j27_the_last_minute_is_not_told_yet_and_comes_with_the_next_read(site: str) -> None:
    with changing() as office, jira(office, site, worklogs=True) as connector:
        log = office.world.log_work(office.keys()[1])
        office.wait(seconds=30)
        assert worklogs(connector) == {}
        mark = office.now
        office.wait(minutes=5)
        assert worklogs(connector, since=mark).keys() == {str(log.id)}


@both
def test_j27_many_worklogs_come_page_by_page_and_a_killed_read_goes_on(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.jira.worklogs.PAGE", 4)
    with changing() as office, jira(office, site, worklogs=True) as connector:
        logs = []
        for number, key in enumerate(office.keys()[:11]):
            if number % 3 == 0:  # three share an instant, also across a page's end
                office.wait(seconds=10)
            logs.append(office.world.log_work(key))
        office.world.change_work(logs[-1].id, removed=True)
        office.wait(minutes=5)
        wanted = {str(log.id) for log in logs}
        pages = list(connector.read(WORKLOGS, since=None))
        assert len(pages) > 3
        assert {one.native_id for page in pages for one in page.records if isinstance(one, WorklogRecord)} == wanted
        for number in range(1, len(pages)):
            rest = list(connector.read(WORKLOGS, since=None, cursor=pages[number - 1].cursor))
            came = [*pages[:number], *rest]
            assert {one.native_id for page in came for one in page.records if isinstance(one, WorklogRecord)} == wanted


@both
def test_j27_worklogs_are_read_only_where_somebody_asked_for_them(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        assert WORKLOGS not in connector.slices([FIRST])


@both
def test_j20_an_administrators_field_for_points_counts_alone_and_null_is_not_0(site: str) -> None:
    """Rich text and choices hold numbers, too (J19)."""
    forms = [5, "8", {"value": "13"}, None, "unsure", _document("3"), 0]

    def answer(turn: Turn, ask: Answer) -> Reply:
        reply = ask()
        path = turn.request.path
        if not path.endswith(("/search", "/search/jql")):
            return reply
        body = orjson.loads(reply.body)
        for form, issue in zip(forms, body["issues"], strict=False):
            issue["fields"]["customfield_99"] = form
        return replace(reply, body=orjson.dumps(body))

    with (
        serve(simulated.world(), clock=lambda: NOW, faults=[answer]) as server,
        opened("jira", SITES[site](server), story_points_field="customfield_99") as connector,
    ):
        page = next(iter(connector.read(Slice("issues", FIRST), since=None)))
        found = [one.story_points for one in page.records if hasattr(one, "story_points")]
    assert found[: len(forms)] == [5.0, 8.0, 13.0, None, None, 3.0, 0.0]
    assert set(found[len(forms) :]) == {None}


def _document(text: str) -> dict[str, Any]:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


@both
def test_j20_a_change_of_points_is_kept_with_its_instant(site: str) -> None:
    with changing() as office, jira(office, site) as connector:
        edited = office.world.edit(office.keys()[1], points=40.0)
        change = [one for one in items(connector)[str(edited.id)].changes if one.field == "points"][-1]
        assert (change.at, change.to_value) == (NOW, "40.0")


def checked(site: str, faults: list[Any] | None = None, **options: Any) -> Check:
    token = Token(DEMO_JIRA_TOKEN, expires=NOW + timedelta(days=20))
    with (
        serve(simulated.world(), clock=lambda: NOW, faults=faults or [], tokens=Tokens(jira=(token,))) as server,
        opened("jira", SITES[site](server), **options) as connector,
    ):
        return connector.check([FIRST, SECOND])


def test_j32_a_check_says_which_kind_of_token_it_is_and_when_it_runs_out() -> None:
    cloud, datacenter = checked("cloud"), checked("datacenter")
    assert (cloud.token_kind, cloud.expires, cloud.lacks) == ("api", None, ())
    assert (datacenter.token_kind, datacenter.expires, datacenter.lacks) == ("personal", NOW + timedelta(days=20), ())
    assert checked("cloud", renew=lambda token: token).token_kind == "oauth"


@both
def test_a_check_says_in_sentences_what_will_be_missing(site: str) -> None:
    def refuse(turn: Turn, answer: Answer) -> Reply:
        refused = ("agile/1.0/board" in turn.request.path, "worklog/updated" in turn.request.path)
        return json_reply({"errorMessages": ["scope does not match"]}, 401) if any(refused) else answer()

    lacks = checked(site, [refuse], worklogs=True).lacks
    assert len(lacks) == 3
    assert lacks[0].startswith(f"The token may not read the boards of {FIRST}, so its sprints will be missing")
    assert lacks[2].startswith("The token may not read worklogs")


@both
@pytest.mark.parametrize(("status", "said"), [(404, "This Jira has no boards"), (200, f"sees no board of {FIRST}")])
def test_a_jira_without_boards_is_told_of_once(status: int, said: str, site: str) -> None:
    def without(turn: Turn, answer: Answer) -> Reply:
        if "agile/1.0/board" not in turn.request.path:
            return answer()
        return json_reply({"values": [], "isLast": True}, status)

    assert said in checked(site, [without]).lacks[0]
    assert len(checked(site, [without]).lacks) == (1 if status == 404 else 2)


@both
def test_d4_the_budget_is_what_the_last_answer_told(site: str) -> None:
    with (
        serve(simulated.world(), clock=lambda: NOW, limits=Limits(datacenter=500)) as server,
        opened("jira", SITES[site](server)) as connector,
    ):
        assert connector.budget() is None
        connector.check([FIRST])
        budget = connector.budget()
    if site == "datacenter":
        assert budget is not None
        assert budget.remaining is not None
        assert (budget.limit, budget.remaining < 500) == (500, True)
    else:
        assert budget is None
