"""What the workers of a credential know together: turns, holds and quotas; over a real Redis of the test's own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis

from delivery import gate, throttle
from delivery.connectors.contract import ConnectorError
from tests.connectors.pretend import Asked, Reply, answering, http_to, value
from tests.delivery.sharing import asked, cloud, good, quota, source


def test_good_answers_raise_how_many_may_be_out_and_a_limit_halves_it(redis_server):
    one = cloud()
    assert throttle.budget_of(one).concurrency == 2
    good(one, 20 * (2 + 3 + 4 + 5 + 6 + 7))
    assert throttle.budget_of(one).concurrency == 8
    good(one, 200)
    assert throttle.budget_of(one).concurrency == 8
    for _ in range(3):  # the answers of one moment are one piece of news
        throttle.gate_for(one).told("search", {}, 429, limited=True)
    assert throttle.budget_of(one).concurrency == 4


def test_failures_do_not_raise_it(redis_server):
    one = cloud()
    for _ in range(100):
        throttle.gate_for(one).told("search", {}, 502)
    assert throttle.budget_of(one).concurrency == 2


def test_threads_ask_side_by_side_up_to_what_the_source_bears(redis_server):
    out, most, lock = 0, 0, threading.Lock()

    def answer(_: Asked) -> Reply:
        nonlocal out, most
        with lock:
            out, most = out + 1, max(most, out + 1)
        time.sleep(0.03)
        with lock:
            out -= 1
        return value({})

    with answering(answer) as server:
        one = cloud(url=server.url)
        good(one, 20 * (2 + 3 + 4 + 5 + 6 + 7))
        with http_to(server.url, gate=throttle.gate_for(one)) as http, ThreadPoolExecutor(12) as threads:
            assert len(list(threads.map(lambda _: http.get("/things").json, range(60)))) == 60
        assert http.requests == 60
    assert 5 <= most <= 8


def test_who_waits_is_served_in_turn_and_people_first(redis_server):
    """A worker never starves in a crowd, and a person is next; who was killed while waiting keeps nobody."""
    one = source(kind="github", url="https://ghe.example.test")
    shared, served, lock = throttle.gate_for(one), [], threading.Lock()

    def ask(name: str, patience: float) -> None:
        with shared.turn("core", patience=patience):
            with lock:
                served.append(name)
            time.sleep(0.05)

    with ThreadPoolExecutor(9) as threads, shared.turn("core"):
        for number in range(6):
            threads.submit(ask, f"worker {number}", 90.0)
            time.sleep(0.03)
        threads.submit(ask, "person", 10.0)
        time.sleep(0.1)
        shared._verdict("core", 1, "killed while waiting", 1.0)  # type: ignore[attr-defined]
    assert served == ["person", *(f"worker {number}" for number in range(6))]


def test_a_turn_that_is_given_back_while_leases_are_renewed_does_not_come_back(redis_server):
    """With one turn at a time, nobody would ask for the eight seconds until it lapses."""
    renewing = threading.Event()

    class Slow(redis.Redis):
        def eval(self, *words: object) -> object:  # type: ignore[override]
            renewing.set()
            time.sleep(0.3)
            return super().eval(*words)  # type: ignore[arg-type]

    leases, client = gate.Leases(Slow.from_url(redis_server.url)), redis_server.client
    client.zadd("key:out", {"a-lease": 1})
    leases.add("a-lease", "key")
    assert renewing.wait(10)
    leases.drop("a-lease")
    client.zrem("key:out", "a-lease")
    time.sleep(0.6)
    assert client.zcard("key:out") == 0


def test_a_hold_of_one_lane_leaves_the_others_alone(redis_server):
    """J30: bursts are counted for each endpoint."""
    one = cloud()
    throttle.gate_for(one).hold("search", 30)
    assert (asked(one, lane="search"), asked(one, lane="issue")) == (0, 1)
    throttle.gate_for(one).hold("", 30)
    assert asked(one, lane="issue") == 0
    held = throttle.budget_of(one).held_until
    assert held is not None
    assert timedelta(seconds=25) < held - datetime.now(UTC) <= timedelta(seconds=31)


def test_a_person_who_waits_is_told_instead_of_kept_waiting(redis_server):
    one = cloud()
    throttle.gate_for(one).hold("", 30)
    began = time.monotonic()
    with pytest.raises(ConnectorError) as caught, throttle.gate_for(one).turn("search", patience=10.0):
        pass
    assert time.monotonic() - began < 5
    assert caught.value.kind == "limited"
    assert str(caught.value).startswith("Jira at https://jira.example.test is over its rate limit until ")


def test_a_short_hold_is_waited_for(redis_server):
    one = cloud()
    throttle.gate_for(one).hold("", 0.4)
    began = time.monotonic()
    assert asked(one, patience=10.0) == 1
    assert 0.35 < time.monotonic() - began < 2


def test_the_budget_is_what_was_told_and_what_was_ours(redis_server):
    one = source(kind="github", url="https://ghe.example.test", share=60)
    assert throttle.budget_of(one) == throttle.BudgetState(None, None, None, 0, 60, 1, None)
    good(one, 3, lane="core")
    assert throttle.budget_of(one).ours == 3  # of an hour, while no quota is told (G17)
    throttle.gate_for(one).told("core", quota(5000, 4321), 200)
    state = throttle.budget_of(one)
    assert (state.limit, state.remaining, state.ours, state.share) == (5000, 4321, 3, 60)
    assert state.resets is not None
    assert abs(state.resets - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=3)


def test_the_share_counts_for_each_quota_and_points_as_they_cost(redis_server):
    one = source(kind="github", url="https://ghe.example.test")
    shared = throttle.gate_for(one)
    shared.told("core", quota(20, 19), 200)
    shared.told("graphql", quota(20, 19), 200)
    with shared.turn("graphql"):
        pass
    shared.spent("graphql", 7)
    assert asked(one, 20, lane="graphql") == 1  # 8 points and one more; then little is left, and it goes slowly
    assert asked(one, 20, lane="core") >= 8


def test_unchanged_answers_cost_nothing(redis_server):
    """G14"""
    one = source(kind="github", url="https://ghe.example.test")
    shared = throttle.gate_for(one)
    for _ in range(5):
        with shared.turn("core"):
            pass
        shared.told("core", {}, 304)
    assert throttle.budget_of(one).ours == 0


def test_a_window_that_is_over_is_counted_anew(redis_server):
    one = source(kind="github", url="https://ghe.example.test")
    throttle.gate_for(one).told("core", quota(2, 2, seconds=2), 200)
    assert asked(one, 2) == 1
    time.sleep(2.1)
    assert asked(one, 1) == 1


def test_a_quota_that_others_used_up_is_not_asked_again(redis_server):
    """G11"""
    one = source(kind="github", url="https://ghe.example.test")
    throttle.gate_for(one).told("core", quota(5000, 0), 200)
    assert (asked(one, lane="core"), asked(one, lane="graphql")) == (0, 1)


def test_it_goes_slowly_when_little_is_left(redis_server):
    """G11: remaining by seconds left."""
    one = source(kind="github", url="https://ghe.example.test", share=100)
    throttle.gate_for(one).told("core", quota(100, 11, seconds=10), 200)
    began = time.monotonic()
    assert asked(one, 3, patience=10.0) == 3
    assert 1.4 < time.monotonic() - began < 6


def test_a_bucket_is_never_taken_below_what_is_not_ours(redis_server):
    """D4: a Data Center's bucket of 10 fills up by 5 a second; half of it is left to the others."""
    one = source(deployment="datacenter")
    told = {"X-RateLimit-Limit": "10", "X-RateLimit-FillRate": "5", "X-RateLimit-Interval-Seconds": "1"}
    names = {name.lower(): text for name, text in told.items()}
    shared = throttle.gate_for(one)
    shared.told("search", {**names, "x-ratelimit-remaining": "5"}, 200)
    assert asked(one, lane="search") == 1
    shared.told("search", {**names, "x-ratelimit-remaining": "3"}, 200)
    began = time.monotonic()
    assert asked(one, lane="issue", patience=5.0) == 1
    assert 0.3 < time.monotonic() - began < 2


def test_a_limit_without_a_reset_is_asked_slowly_where_the_rest_is_not_ours(redis_server):
    """J30: Jira Cloud names the reset only once it is too late."""
    one = cloud()
    shared = throttle.gate_for(one)
    shared.told("search", {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "51"}, 200)
    assert asked(one, lane="search") == 1
    shared.told("search", {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "49"}, 200)
    began = time.monotonic()
    assert asked(one, lane="search", patience=5.0) == 1
    assert 0.9 < time.monotonic() - began < 3


def test_what_github_does_not_tell_is_kept_too(redis_server):
    """G12: 900 points a minute, in tenths, of which our share is half; an Enterprise Server has no such limit (G17)."""
    assert 45 <= asked(source(kind="github", url="https://api.github.com"), 200) <= 90
    assert asked(source(kind="github", url="https://ghe.example.test"), 200) == 200
