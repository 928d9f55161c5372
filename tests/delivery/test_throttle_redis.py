"""What lies in Redis: while it is away, whose it is, and what it shows; over a real Redis of the test's own."""

from __future__ import annotations

import logging

from delivery import gate, throttle
from delivery.models import Auth
from tests.delivery.sharing import asked, cloud, good, quota, source


def test_while_redis_is_away_one_thing_at_a_time_is_asked_within_what_is_known(redis_server, caplog):
    caplog.set_level(logging.WARNING)
    one = source(kind="github", url="https://ghe.example.test")
    throttle.gate_for(one).told("core", quota(20, 19), 200)
    assert asked(one, 4) == 4
    redis_server.stop()
    try:
        assert asked(one, 20) == 6  # the share of 10 holds, of which 4 were taken before
        assert throttle.budget_of(one).limit is None
        throttle.memory_for(one).put("key", "etag", b"{}")
        assert throttle.memory_for(one).get("key") is None
    finally:
        redis_server.start()
    assert len([record for record in caplog.records if "Redis does not answer" in record.message]) == 1
    gate.away._until = 0.0
    assert asked(one, 1) == 0  # back, and empty: it is told what was taken
    assert throttle.budget_of(one).ours == 10


def test_while_redis_is_away_a_hold_is_kept_in_the_process(redis_server):
    one = cloud()
    redis_server.stop()
    try:
        throttle.gate_for(one).hold("search", 30)
        assert (asked(one, lane="search"), asked(one, lane="issue")) == (0, 1)
    finally:
        redis_server.start()
    gate.away._until = 0.0
    assert asked(one, lane="search") == 0


def test_sources_of_one_account_share_and_others_do_not(redis_server):
    throttle.gate_for(source()).hold("", 30)
    assert asked(source(token="another-token")) == 0
    assert asked(source(url="https://jira.example.test/")) == 0
    assert asked(source(account="bob")) == 1
    assert asked(source(url="https://other.example.test")) == 1
    assert asked(source(auth=Auth.OAUTH)) == 1


def test_nothing_in_redis_shows_a_token_or_an_account(redis_server):
    one = source(token="very-secret", account="ada-lovelace")
    good(one, 1)
    throttle.memory_for(one).put("application/json https://x/", 'W/"1"', b"{}")
    names = b" ".join(redis_server.client.keys())
    assert b":gate:" in names
    assert b":etag:" in names
    assert b"very-secret" not in names + b"".join(redis_server.client.hgetall(throttle._key(one)))
    assert b"ada" not in names


def test_an_answer_is_kept_for_its_token_only_and_only_so_large(redis_server):
    """G14"""
    one, other = source(), source(token="another-token")
    throttle.memory_for(one).put("key", 'W/"1"', b'{"a": 1}')
    assert throttle.memory_for(one).get("key") == ('W/"1"', b'{"a": 1}')
    assert throttle.memory_for(one).get("another key") is None
    assert throttle.memory_for(other).get("key") is None
    throttle.memory_for(one).put("large", "etag", b"x" * (throttle.MOST_KEPT + 1))
    assert throttle.memory_for(one).get("large") is None
    [name] = redis_server.client.keys("*etag*")
    assert 0 < redis_server.client.ttl(name) <= throttle.KEPT
