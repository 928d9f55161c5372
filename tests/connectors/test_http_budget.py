"""What is left of a quota, in every form it is told in; and answers that cost nothing because they stayed the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest

from delivery.connectors import budgets
from delivery.connectors.contract import Budget
from tests.connectors.heard import Heard, asking
from tests.connectors.pretend import NOW, Asked, Reply, answering, http_to, scripted, value

GOOD = value({"ok": True})


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
