"""Faults come when they are due, and are named when they are wrong."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from simulator.faults import FAULTS, parse
from tests.simulator.pretend import Pretend, cloud, github, issue, running


def statuses(faults: str, count: int) -> list[int]:
    with running(Pretend([issue(1)]), faults=faults) as (_, client):
        return [cloud(client, "api/3/myself").status_code for _ in range(count)]


def test_every_third_request_is_too_many() -> None:
    with running(Pretend([]), faults="rate:every=3:wait=7") as (server, client):
        answers = [github(client, "/user") for _ in range(6)]
        assert [seen.status for seen in server.requests] == [200, 200, 429] * 2
    assert answers[2].headers["Retry-After"] == "7"


def test_faults_combine() -> None:
    assert statuses("http500:every=2,rate:every=3", 6) == [200, 500, 429, 500, 200, 500]


def test_a_burst_is_several_in_a_row_of_different_kinds() -> None:
    assert statuses("burst:every=4:length=3", 8) == [200, 200, 200, 500, 502, 503, 200, 500]


def test_a_fault_begins_and_ends() -> None:
    assert statuses("http500:every=1:after=2:until=4", 6) == [200, 200, 500, 500, 200, 200]


def test_a_fault_meets_only_what_it_names_and_counts_that_alone() -> None:
    with running(Pretend([]), faults="http500:every=2:only=SERVERINFO") as (_, client):
        found = [
            cloud(client, path).status_code for path in ("api/3/myself", "api/3/serverInfo", "api/3/serverInfo") * 2
        ]
    assert found == [200, 200, 500, 200, 200, 500]


def test_chances_come_from_the_seed_and_not_from_the_order_of_threads() -> None:
    def drawn(seed: int) -> list[int]:
        with (
            running(Pretend([]), faults="http500:chance=0.5", seed=seed) as (server, client),
            ThreadPoolExecutor(4) as pool,
        ):
            list(pool.map(lambda _: cloud(client, "api/3/serverInfo"), range(40)))
            return sorted(seen.status for seen in server.requests)

    assert drawn(1) == drawn(1)
    assert drawn(1).count(500) in range(8, 33)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1


def test_other_faults_may_follow_while_the_server_runs() -> None:
    with running(Pretend([]), faults="http500:every=1") as (server, client):
        assert cloud(client, "api/3/myself").status_code == 500
        server.trouble("rate:every=1")
        assert cloud(client, "api/3/myself").status_code == 429
        server.trouble()
        assert cloud(client, "api/3/myself").status_code == 200


def test_a_limit_may_keep_silent_about_when_it_ends() -> None:
    with running(Pretend([]), faults="rate:every=2:silent=1,secondary:every=3:silent=1") as (_, client):
        answers = [github(client, "/user") for _ in range(3)][1:]
    assert [answer.status_code for answer in answers] == [429, 403]
    assert not any("retry-after" in answer.headers for answer in answers)
    assert "secondary rate limit" in answers[1].json()["message"]


def test_a_token_is_refused_now_and_then() -> None:
    assert statuses("unauthorised:every=2", 4) == [200, 401, 200, 401]


def test_silence_ends_the_connection_and_lasts_no_longer_than_the_server() -> None:
    with running(Pretend([]), faults="timeout:every=1:seconds=0.05") as (server, client):
        with pytest.raises(httpx.RemoteProtocolError):
            cloud(client, "api/3/myself")
        assert [seen.status for seen in server.requests] == [0]
    with running(Pretend([]), faults="timeout:every=1") as (server, client):
        asking = threading.Thread(target=lambda: pytest.raises(httpx.HTTPError, cloud, client, "api/3/myself"))
        asking.start()
        time.sleep(0.1)
        before = time.monotonic()
        server.stop()
        asking.join()
        assert time.monotonic() - before < 3


def test_a_redirect_leads_to_another_host_that_sees_what_came_along() -> None:
    with running(Pretend([]), faults="redirect:every=2") as (server, client):
        cloud(client, "api/3/myself")
        answer = cloud(client, "api/3/myself", a="b:c")
        port = server.url.rpartition(":")[2]
        assert (answer.status_code, answer.headers["location"]) == (
            302,
            f"http://localhost:{port}/cloud/rest/api/3/myself?a=b%3Ac",
        )
        client.get(answer.headers["location"])
        assert [(seen.host, seen.signed) for seen in server.requests] == [
            (f"127.0.0.1:{port}", True),
            (f"127.0.0.1:{port}", True),
            (f"localhost:{port}", False),
        ]
        server.trouble(f"redirect:every=1:to={server.url}/other")
        assert cloud(client, "api/3/myself").headers["location"].startswith(f"{server.url}/other/cloud/")


def test_slow_is_slow() -> None:
    before = time.monotonic()
    assert statuses("slow:seconds=0.1", 1) == [200]
    assert time.monotonic() - before >= 0.1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fire", "unknown fault 'fire'"),
        ("rate:often=1", "no option 'often'"),
        ("rate:every=x", "every must be a number"),
        ("rate:every=0", "every must be above 0"),
        ("edited:wait=1", "no option 'wait'"),
        ("long:wait=1", "fault 'long' has no option 'wait'"),
    ],
)
def test_wrong_faults_are_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words), running(Pretend([]), faults=text):
        pass


def test_no_faults_are_none() -> None:
    assert parse("") == ()


def test_every_fault_can_be_asked_for_by_its_name_alone() -> None:
    with running(Pretend([issue(1)]), faults=",".join([*FAULTS, "long"])) as (_, client):
        assert cloud(client, "api/3/serverInfo").status_code == 200


def test_stopping_ends_idle_connections_and_frees_the_port() -> None:
    with running(Pretend([])) as (server, client):
        port = int(server.url.rpartition(":")[2])
        client.get("/cloud/rest/api/3/serverInfo")
        idle = socket.create_connection(("127.0.0.1", port))
        client.get("/nowhere")
        server.stop()
        assert idle.recv(1) == b""
        idle.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
