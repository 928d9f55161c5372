"""Limits of every kind: obeyed, shared through the gate, told from refusals, and the budget that is left."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
import pytest

from delivery.connectors import budgets
from delivery.connectors.contract import Budget, ConnectorError
from tests.connectors.pretend import NOW, Asked, Reply, Waits, answering, http_to, scripted, value

GOOD = value({"ok": True})
LANES = (("/search", "search"), ("", "core"))


@dataclass
class Heard:
    """A gate that lets everything through and keeps what it was told."""

    turns: list[tuple[str, int, float]] = field(default_factory=list)
    out: int = 0
    limits: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    holds: list[tuple[str, float]] = field(default_factory=list)
    more: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> Iterator[None]:
        self.turns.append((lane, cost, patience))
        self.out += 1
        try:
            yield
        finally:
            self.out -= 1

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        assert self.out == 0, "the turn is over when the answer is told of"
        self.statuses.append(status)
        if limited:
            self.limits.append(lane)

    def spent(self, lane: str, more: int) -> None:
        self.more.append((lane, more))

    def hold(self, lane: str, seconds: float) -> None:
        self.holds.append((lane, seconds))


@contextmanager
def asking(*replies: Reply, waits: Waits | None = None, **options: object):
    """A transport, its gate, and what it was asked, before a server that answers with these in turn."""
    gate = Heard()
    with scripted(*replies) as server, http_to(server.url, waits, gate=gate, **options) as http:
        http.site = replace(http.site, lanes=LANES)
        yield http, gate, server.asked


def test_each_request_takes_a_turn_in_its_lane_and_gives_it_back():
    with asking(GOOD) as (http, gate, _):
        http.get("/search/things")
        http.post("/things", {}, cost=7)
        http.get("/things", lane="own")
    assert gate.turns == [("search", 1, 90.0), ("core", 7, 90.0), ("own", 1, 90.0)]
    assert gate.out == 0
    assert gate.statuses == [200, 200, 200]


def test_a_turn_is_given_back_when_the_connection_breaks():
    with asking(Reply(200, b'{"ok": "a long answer"}', cut=3), GOOD) as (http, gate, _):
        http.get("/things")
    assert (len(gate.turns), gate.out) == (2, 0)


def test_a_person_waits_less_for_a_turn():
    with asking(GOOD, policy=Waits().policy(longest_wait=10.0)) as (http, gate, _):
        http.get("/things")
    assert gate.turns == [("core", 1, 10.0)]


def test_a_burst_holds_its_lane_for_all_and_is_asked_again_with_jitter(caplog):
    """J30"""
    caplog.set_level(logging.WARNING)
    burst = value({}, 429, Retry_After="5", RateLimit_Reason="jira-burst-based", X_RateLimit_Limit="100")
    waits = Waits()
    with asking(burst, GOOD, waits=waits) as (http, gate, _):
        assert http.get("/search").json == {"ok": True}
    assert gate.holds == [("search", 5.0)]
    assert gate.limits == ["search"]
    assert waits.seconds == [pytest.approx(5 * 1.05)]
    assert "jira-burst-based" in caplog.text
    assert "'x-ratelimit-limit': '100'" in caplog.text


@pytest.mark.parametrize("reason", ["jira-quota-global-based", "jira-quota-tenant-based", "jira-cost-based"])
def test_an_hourly_quota_parks_the_job_at_once(reason):
    """J30: also where the wait would be short, and for the whole credential."""
    waits = Waits()
    with asking(value({}, 429, Retry_After="20", RateLimit_Reason=reason), waits=waits) as (http, gate, asked):
        with pytest.raises(ConnectorError) as caught:
            http.get("/search")
        assert len(asked) == 1
    assert (caught.value.kind, waits.seconds, gate.holds) == ("limited", [], [("", 20.0)])
    assert caught.value.retry_at == NOW + timedelta(seconds=21)


def test_an_hourly_quota_without_a_time_waits_for_the_next_hour():
    spent = value({}, 429, RateLimit_Reason="jira-quota-global-based", Date="Mon, 02 Nov 2026 09:20:00 GMT")
    with asking(spent) as (http, gate, _), pytest.raises(ConnectorError):
        http.get("/search")
    assert gate.holds == [("", 2400.0)]


def test_a_retry_after_may_be_a_date_of_the_servers_clock():
    """Its clock is ten minutes ahead of ours."""
    waits = Waits()
    date = {"Date": "Mon, 02 Nov 2026 09:10:00 GMT", "Retry-After": "Mon, 02 Nov 2026 09:10:30 GMT"}
    with asking(Reply(429, b"{}", date), GOOD, waits=waits) as (http, _, _):
        http.get("/things")
    assert waits.seconds == [pytest.approx(30 * 1.05)]


def test_a_reset_is_an_instant_of_the_servers_clock():
    """It is ten minutes behind ours: by ours, the reset would be long past."""
    waits = Waits()
    date = {"Date": "Mon, 02 Nov 2026 08:50:00 GMT", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1793609460"}
    with asking(Reply(403, b"{}", date), GOOD, waits=waits) as (http, gate, _):
        http.get("/things")
    assert gate.holds == [("core", 60.0)]
    assert waits.seconds == [pytest.approx(60 * 1.05)]


@pytest.mark.parametrize(
    ("status", "message", "headers"),
    [
        (403, "You have exceeded a secondary rate limit.", {}),
        (429, "You have exceeded a secondary rate limit.", {}),
        (403, "You have triggered an abuse detection mechanism.", {}),
        (429, "Too many requests.", {"X_GitHub_Request_Id": "1:2"}),
    ],
)
def test_a_secondary_limit_without_a_time_waits_a_minute_and_then_longer(status, message, headers):
    """G12: then two minutes are more than a worker waits, and the job is parked."""
    waits = Waits()
    with asking(value({"message": message}, status, **headers), waits=waits) as (http, gate, asked):
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert len(asked) == 2
    assert waits.seconds == [pytest.approx(63)]
    assert [seconds for _, seconds in gate.holds] == [60.0, 120.0]
    assert caught.value.retry_at == NOW + timedelta(seconds=126)


def test_a_secondary_limit_holds_the_whole_credential_for_as_long_as_it_says():
    reply = value({"message": "You have exceeded a secondary rate limit."}, 403, Retry_After="30")
    with asking(reply, GOOD) as (http, gate, _):
        http.get("/things")
    assert gate.holds == [("", 30.0)]


def test_a_plain_403_with_plenty_left_is_never_asked_again():
    """G13"""
    left = {"x_ratelimit_limit": "5000", "x_ratelimit_remaining": "4990", "x_ratelimit_reset": "1793611200"}
    with asking(value({"message": "Resource not accessible"}, 403, **left)) as (http, gate, asked):
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert len(asked) == 1
    assert (caught.value.kind, gate.holds, gate.limits) == ("permission", [], [])


@pytest.mark.parametrize("text", ["nonsense", "nan", "-5", "1e400"])
def test_a_retry_after_that_makes_no_sense_still_ends_well(text):
    nonsense = Reply(429, b"{}", {"Retry-After": text})
    with asking(nonsense) as (http, _, _), pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "limited"


def test_failures_are_told_to_the_gate_and_are_no_limits():
    with asking(Reply(502, b""), GOOD) as (http, gate, _):
        http.get("/things")
    assert (gate.statuses, gate.limits, gate.holds) == ([502, 200], [], [])


def test_no_headers_mean_no_limit_known():
    """G17"""
    with asking(GOOD) as (http, _, _):
        http.get("/things")
        assert http.budget is None


def test_the_budget_is_the_tightest_that_was_told():
    one = value({}, x_ratelimit_limit="5000", x_ratelimit_remaining="4000", x_ratelimit_reset="1793613600")
    two = value({}, x_ratelimit_limit="30", x_ratelimit_remaining="3", x_ratelimit_reset="1793610060")
    with asking(one, two, one) as (http, _, _):
        http.get("/things")
        assert http.budget == Budget(5000, 4000, NOW + timedelta(hours=1))
        http.get("/search")
        http.get("/things")
        assert http.budget == Budget(30, 3, NOW + timedelta(minutes=1))


def test_graphqls_points_are_told_and_counted():
    with asking(GOOD) as (http, gate, _):
        http.points("graphql", {"limit": 5000, "remaining": 12, "cost": 5, "resetAt": "2026-11-02T10:00:00Z"})
        assert http.budget == Budget(5000, 12, NOW + timedelta(hours=1))
        http.points("graphql", None)  # an Enterprise Server without limits
    assert gate.more == [("graphql", 4)]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, None),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "2026-11-02T09:01Z"}, (100, 9, 60)),
        ({"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "9", "X-RateLimit-Reset": "1793610060"}, (5000, 9, 60)),
        ({"RateLimit-Limit": "10", "RateLimit-Remaining": "3", "RateLimit-Reset": "7"}, (10, 3, 7)),
        ({"RateLimit": '"burst";r=5;t=1', "RateLimit-Policy": '"burst";q=10;w=1'}, (10, 5, 1)),
        (
            {"Beta-RateLimit": '"app";r=130;t=600', "Beta-RateLimit-Policy": '"app";q=650;w=3600', "X-RateLimit-Limit": "9"},
            (650, 130, 600),
        ),
        (
            {"RateLimit": '"b";r=5;t=1, "h";r=70;t=900', "RateLimit-Policy": '"b";q=10;w=1, "h";q=100;w=3600'},
            (100, 70, 900),
        ),
        ({"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "4", "X-RateLimit-FillRate": "2", "X-RateLimit-Interval-Seconds": "1"}, (10, 4, 3)),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "few", "RateLimit": "odd"}, None),
    ],
)  # fmt: skip
def test_quotas_are_read_in_all_their_forms(headers, told):
    """J30, J31, G11, D4"""
    found = budgets.quota(httpx.Headers(headers), NOW)
    assert (found and (found.limit, found.remaining, found.resets)) == told


@dataclass
class Kept:
    """A memory of answers."""

    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def get(self, key: str) -> tuple[str, bytes] | None:
        return self.answers.get(key)

    def put(self, key: str, etag: str, body: bytes) -> None:
        self.answers[key] = etag, body


def test_an_answer_that_stayed_the_same_is_not_sent_again():
    """G14: the same URL and media type, and free."""
    content = {"version": 1}

    def answer(asked: Asked) -> Reply:
        etag = f'W/"{content["version"]}"'
        if asked.headers.get("if-none-match") == etag:
            return Reply(304, b"", {"ETag": etag})
        return value(dict(content), ETag=etag)

    gate, kept = Heard(), Kept()
    with answering(answer) as server, http_to(server.url, gate=gate, memory=kept) as http:
        first = http.get("/fields", remember=True)
        again = http.get("/fields", remember=True)
        content["version"] = 2
        changed = http.get("/fields", remember=True)
        plain = http.get("/fields")
        other = http.get("/fields", {"page": 2}, remember=True)
        asked = server.asked
    assert (first.json, first.unchanged, first.status) == ({"version": 1}, False, 200)
    assert (again.json, again.unchanged, again.status) == ({"version": 1}, True, 200)
    assert (changed.json, changed.unchanged) == ({"version": 2}, False)
    assert (plain.unchanged, other.unchanged) == (False, False)
    assert ["if-none-match" in one.headers for one in asked] == [False, True, True, False, False]
    assert gate.statuses[1] == 304


def test_without_a_memory_or_an_etag_nothing_is_remembered():
    kept = Kept()
    with scripted(GOOD) as server, http_to(server.url, memory=kept) as http:
        http.get("/things", remember=True)
    with scripted(value({}, ETag='"1"')) as server, http_to(server.url) as http:
        assert http.get("/things", remember=True).json == {}
    assert kept.answers == {}


def test_the_time_of_a_budget_is_the_sources():
    told = value(
        {}, Date="Mon, 02 Nov 2026 08:50:00 GMT", RateLimit_Limit="9", RateLimit_Remaining="1", RateLimit_Reset="60"
    )
    with asking(told) as (http, _, _):
        http.get("/things")
        assert http.budget is not None
        assert http.budget.resets == datetime(2026, 11, 2, 8, 51, tzinfo=NOW.tzinfo)
