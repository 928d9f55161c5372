"""Faults come when they are due, and are named when they are wrong."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from simulator.faults import parse
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


def test_a_page_of_html_comes_with_200() -> None:
    with running(Pretend([]), faults="html:every=1") as (_, client):
        answer = cloud(client, "api/3/myself")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")


def test_a_body_is_cut_and_the_next_request_is_whole() -> None:
    with running(Pretend([issue(1)]), faults="truncate:every=2") as (_, client):
        assert cloud(client, "api/3/myself").status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            cloud(client, "api/3/myself")
        assert cloud(client, "api/3/myself").json()["displayName"]


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
    ],
)
def test_wrong_faults_are_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_no_faults_are_none() -> None:
    assert parse("") == ()


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
