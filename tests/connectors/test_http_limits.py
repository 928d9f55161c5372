"""Limits of every kind: obeyed, shared through the gate, and told from refusals."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from delivery.connectors.contract import ConnectorError
from tests.connectors.heard import asking
from tests.connectors.pretend import NOW, Reply, Waits, value

GOOD = value({"ok": True})


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


def test_a_limit_is_one_also_where_a_refusal_is_expected():
    """It would read as "this site has no such thing"."""
    spent = value({"message": "API rate limit exceeded"}, 403, x_ratelimit_remaining="0", Retry_After="1")
    with asking(spent, GOOD) as (http, gate, _):
        assert http.get("/optional", passing=(403, 404)).status == 200
    assert gate.limits == ["core"]


def test_failures_are_told_to_the_gate_and_are_no_limits():
    with asking(Reply(502, b""), GOOD) as (http, gate, _):
        http.get("/things")
    assert (gate.statuses, gate.limits, gate.holds) == ([502, 200], [], [])
