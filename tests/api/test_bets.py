"""Bets through the API: who reads, lays, changes and decides them; versions, filters, errors in the words of the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from delivery.models import Bet, Goal
from tests import builders
from tests.api.world import DAY, NOW, World, bet
from tests.builders import TODAY

ROLES = ("director", "manager", "lead", "engineer", "executive", "admin", "anonymous")
LEADS = {"director", "manager", "lead"}
NEW = {
    "title": "New", "hypothesis": "H", "team": "own", "success_signal": "S", "kill_criterion": "K", "cost_cap": 5,
    "started": "2026-11-20", "decide_by": "2026-12-20",
}  # fmt: skip
VERDICT = {"verdict": "disproved", "lesson": "Not like this", "cost": 4}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def the(title: str) -> Bet:
    return Bet.objects.get(title=title)


def send(world: World, role: str, method: str, path: str, body: Any, etag: str | None = "*") -> Any:
    client = APIClient() if role == "anonymous" else world.client(role)
    headers = {} if etag is None else {"If-Match": etag}
    return getattr(client, method)(f"/api/v1/{path}/", body, format="json", headers=headers)


@pytest.mark.parametrize("role", ROLES)
def test_everyone_reads_them_but_those_on_goals_that_are_not_theirs_to_see(role: str, world: World) -> None:
    if role == "anonymous":
        assert APIClient().get("/api/v1/bets/").status_code == 401
        return
    secret = {"On the secret"} if role in LEADS else set()
    assert set(world.names(role, "bets", "title")) == {"On nothing", "On the open"} | secret
    answer = world.client(role).get(f"/api/v1/bets/{the('On the secret').pk}/")
    assert answer.status_code == (200 if secret else 404)
    about = Goal.objects.get(title="Secret").pk
    assert set(world.names(role, "bets", "title", goal=about)) == secret


CASES = [
    ("post", "bets", NEW, "own", LEADS),
    ("post", "bets", NEW | {"team": "other"}, "other", {"director"}),
    ("patch", "bets/{ours}", {"title": "Renamed"}, "own", LEADS),
    ("patch", "bets/{theirs}", {"title": "Renamed"}, "other", {"director"}),
    ("patch", "bets/{ours}", {"team": "other"}, "moved", {"director"}),
    ("patch", "bets/{secret}", {"title": "Renamed"}, "hidden", LEADS),
    ("post", "bets/{ours}/decide", VERDICT, "own", LEADS),
    ("post", "bets/{theirs}/decide", VERDICT, "other", {"director"}),
    ("post", "bets/{secret}/decide", VERDICT, "hidden", LEADS),
]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path", "body", "whose", "may"), CASES)
def test_who_runs_the_team_writes(
    role: str, method: str, path: str, body: dict[str, Any], whose: str, may: set[str], world: World
) -> None:
    theirs = bet(world.other, "Of others")
    path = path.format(ours=the("On nothing").pk, theirs=theirs.pk, secret=the("On the secret").pk)
    before = list(Bet.objects.order_by("pk").values())
    answer = send(world, role, method, path, body)
    if role in may:
        assert answer.status_code in (200, 201), answer.content
        assert list(Bet.objects.order_by("pk").values()) != before
        return
    hidden = 404 if whose == "hidden" else 403
    assert answer.status_code == (401 if role == "anonymous" else hidden)
    assert answer["Content-Type"] == "application/problem+json"
    assert list(Bet.objects.order_by("pk").values()) == before


def test_a_goal_that_one_may_not_see_cannot_be_named(world: World) -> None:
    manager = builders.person(role="manager")
    builders.team("Far", slug="far", group=builders.group("Far"), manager=manager)
    world.people["far"] = manager
    answer = send(world, "far", "post", "bets", NEW | {"team": "far", "goal": Goal.objects.get(title="Secret").pk})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"goal"})


def test_a_bet_is_laid_as_it_is_told(world: World) -> None:
    owner = world.people["engineer"]
    answer = send(world, "lead", "post", "bets", NEW | {"owner": owner.pk, "cost_so_far": 2})
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    told = answer.json()
    assert {name: told[name] for name in NEW} == NEW
    assert (told["owner"]["name"], told["cost_so_far"], told["verdict"], told["decided_on"]) == (
        owner.name,
        2,
        "",
        None,
    )


def test_errors_are_those_of_the_form(world: World) -> None:
    sent = NEW | {"title": " ", "hypothesis": "", "cost_cap": 0, "decide_by": "2026-11-01"}
    answer = send(world, "lead", "post", "bets", sent)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"title", "hypothesis", "cost_cap", "decide_by"}
    assert answer.json()["errors"]["cost_cap"] == ["Enter whole working days of people from 1 to 9,999, such as 15."]


def test_of_two_clients_the_later_one_is_told_and_loses_nothing(world: World) -> None:
    path = f"bets/{the('On nothing').pk}"
    read = world.client("lead").get(f"/api/v1/{path}/")
    first = send(world, "lead", "patch", path, {"cost_so_far": 3}, read["ETag"])
    assert (first.status_code, first["ETag"], first.json()["version"]) == (200, '"2"', 2)
    for method, where, body in (("patch", path, {"cost_so_far": 4}), ("post", f"{path}/decide", VERDICT)):
        late = send(world, "manager", method, where, body, read["ETag"])
        assert (late.status_code, late["Content-Type"]) == (412, "application/problem+json")
        assert send(world, "manager", method, where, body, None).status_code == 428
    assert (the("On nothing").cost_so_far, the("On nothing").verdict) == (3, "")


def test_a_verdict_keeps_what_was_not_sent_and_says_who_and_when(world: World) -> None:
    path = f"bets/{the('On nothing').pk}"
    send(world, "lead", "patch", path, {"cost_so_far": 3, "reuse": "Search"})
    answer = send(world, "lead", "post", f"{path}/decide", {"verdict": "validated", "lesson": "It works"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["verdict"], told["cost_so_far"], told["reuse"]) == ("validated", 3, "Search")
    assert (told["decided_on"], told["decided_by"]["name"]) == (TODAY.isoformat(), "Lead")
    back = send(world, "lead", "post", f"{path}/decide", {"verdict": "dropped", "cost": None})
    assert (back.json()["verdict"], back.json()["lesson"], back.json()["cost_so_far"]) == ("dropped", "It works", None)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"lesson": ""}, "lesson"),
        ({"cost": 11}, "verdict"),
        ({"day": "2026-11-24"}, "day"),
        ({"day": "2026-11-01"}, "day"),
    ],
)
def test_a_verdict_that_does_not_hold_is_refused(sent: dict[str, Any], field: str, world: World) -> None:
    answer = send(world, "lead", "post", f"bets/{the('On nothing').pk}/decide", VERDICT | sent)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert the("On nothing").verdict == ""


def test_what_was_wagered_stays_once_it_is_decided(world: World) -> None:
    path = f"bets/{the('On nothing').pk}"
    send(world, "lead", "post", f"{path}/decide", VERDICT)
    answer = send(world, "lead", "patch", path, {"cost_cap": 99, "title": "Renamed"})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"cost_cap"})
    assert send(world, "lead", "patch", path, {"title": "Renamed"}).status_code == 200


def test_filters_find_what_was_asked_for(world: World) -> None:
    bet(world.other, "Of others")
    decided = {"verdict": "overran", "decided_on": TODAY - 2 * DAY}
    bet(world.team, "Over", owner=world.people["lead"], **decided)

    def found(**query: Any) -> set[str]:
        return set(world.names("engineer", "bets", "title", **query))

    still_open = {"On nothing", "On the open"}
    assert found(team="other") == {"Of others"}
    assert found(open="true") == still_open | {"Of others"}
    assert found(open="false") == found(verdict="overran") == found(owner=world.people["lead"].pk) == {"Over"}
    assert found(decided_from=TODAY - 2 * DAY) == found(decided_before=TODAY - DAY) == {"Over"}
    assert found(decided_from=TODAY - DAY) == found(decided_before=TODAY - 2 * DAY) == set()
    assert world.client("engineer").get("/api/v1/bets/?verdict=moon").status_code == 400


def test_the_number_of_queries_does_not_grow(world: World, django_assert_num_queries: Any) -> None:
    client = world.client("engineer")
    with django_assert_num_queries(1) as few:
        client.get("/api/v1/bets/")
    for number in range(9):
        bet(world.team, f"More {number}", owner=builders.person(), goal=Goal.objects.get(title="Open"))
    with django_assert_num_queries(len(few)):
        client.get("/api/v1/bets/")
