"""The transport against a real server with every fault that a proxy, a quota or a bad day brings."""

import logging
import socket

import pytest

from delivery.connectors import refusals
from delivery.connectors.contract import ConnectorError
from tests.connectors.pretend import TOKEN, Reply, Waits, http_to, scripted, value
from tests.connectors.simulated import running

GOOD = value({"ok": True})
PAGE = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})


def answer_after(*faults, waits=None):
    """What the transport makes of some faults and then a good answer."""
    with scripted(*faults, GOOD) as server, http_to(server.url, waits) as http:
        return http.get("/things").json


def error_of(*replies, waits=None, **options):
    """The error when the last reply is all that ever comes."""
    with scripted(*replies) as server, http_to(server.url, waits) as http:
        with pytest.raises(ConnectorError) as caught:
            http.get("/things", **options)
        return caught.value, len(server.asked), server.url


def test_an_answer_is_parsed_and_counted():
    with scripted(GOOD) as server, http_to(server.url) as http:
        answer = http.get("/things", {"q": "a b"})
        assert answer.json == {"ok": True}
        assert (http.requests, http.received) == (1, len(GOOD.body))
        asked = server.asked[0]
    assert asked.path == "/things?q=a+b"
    assert asked.headers["user-agent"].startswith("Headway/")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_context_path_stays_before_every_path():
    with scripted(GOOD) as server, http_to(server.url + "/jira/") as http:
        http.get("/rest/api/2/myself")
    assert server.asked[0].path == "/jira/rest/api/2/myself"


def test_retry_after_is_obeyed():
    waits = Waits()
    assert answer_after(Reply(429, b"{}", {"Retry-After": "7"}), waits=waits) == {"ok": True}
    assert waits.seconds == [pytest.approx(7 * 1.05)]


def test_a_limit_with_an_epoch_reset_is_obeyed():
    waits = Waits()
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1793610020"}  # NOW + 20 s
    assert answer_after(Reply(403, b'{"message": "slow"}', reset), waits=waits) == {"ok": True}
    assert waits.seconds == [pytest.approx(20 * 1.05)]


def test_a_limit_with_an_iso_reset_is_obeyed():
    waits = Waits()
    assert answer_after(Reply(429, b"{}", {"X-RateLimit-Reset": "2026-11-02T09:01Z"}), waits=waits) == {"ok": True}
    assert waits.seconds == [pytest.approx(60 * 1.05)]


def test_a_limit_without_headers_waits_longer_each_time():
    waits = Waits()
    limit = Reply(429, b"{}")
    assert answer_after(limit, limit, limit, waits=waits) == {"ok": True}
    assert waits.seconds == [0.5, 1.0, 2.0]


def test_a_retry_after_of_zero_still_waits_a_little():
    waits = Waits()
    answer_after(Reply(429, b"{}", {"retry-after": "0"}), waits=waits)
    assert waits.seconds == [0.5]


def test_a_secondary_limit_without_a_time_waits_a_minute():
    waits = Waits()
    said = b'{"message": "You have exceeded a secondary rate limit."}'
    assert answer_after(Reply(403, said), waits=waits) == {"ok": True}
    assert waits.seconds == [pytest.approx(63)]


def test_a_long_limit_is_handed_up_with_its_time():
    waits = Waits()
    error, asked, url = error_of(Reply(429, b"{}", {"Retry-After": "3600"}), waits=waits)
    assert (error.kind, asked, waits.seconds) == ("limited", 1, [])
    assert error.retry_at.isoformat() == "2026-11-02T10:03:00+00:00"
    assert str(error) == f"Jira at {url} is over its rate limit until 2026-11-02 10:03 UTC: it goes on then."


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again(status):
    waits = Waits()
    assert answer_after(Reply(status, b"oops"), Reply(status, b""), waits=waits) == {"ok": True}
    assert waits.seconds == [0.5, 1.0]


def test_a_server_that_keeps_failing_is_given_up():
    error, asked, url = error_of(Reply(500, b'{"message": "boom"}'))
    assert (error.kind, asked, error.detail) == ("unreachable", 6, "boom")
    assert str(error).startswith(f"Jira at {url} keeps failing (500)")


def test_a_503_with_retry_after_waits_as_told():
    waits = Waits()
    answer_after(Reply(503, b"{}", {"Retry-After": "4"}), waits=waits)
    assert waits.seconds == [pytest.approx(4.2)]


def test_a_body_cut_short_is_fetched_again():
    assert answer_after(Reply(200, b'{"ok": "a long answer"}', cut=9)) == {"ok": True}


def test_truncated_json_is_fetched_again():
    assert answer_after(Reply(200, b'{"ok": tr')) == {"ok": True}


def test_truncated_json_for_ever_is_an_error():
    error, asked, _ = error_of(Reply(200, b'{"ok": tr'))
    assert (error.kind, asked) == ("answer", 6)


def test_one_web_page_in_between_is_forgiven():
    assert answer_after(PAGE) == {"ok": True}


def test_web_pages_for_ever_say_to_check_the_address():
    error, asked, url = error_of(PAGE)
    assert (error.kind, asked) == ("answer", 3)
    assert str(error) == (
        f"{url} answered a web page instead of Jira's API: check the address, it may be a login page or a proxy."
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "answer"), (401, "credentials"), (403, "permission"), (404, "missing"), (410, "outdated")],
)
def test_a_plain_refusal_is_never_tried_again(status, kind):
    error, asked, _ = error_of(Reply(status, b'{"errorMessages": ["No."]}'), missing="There is no such project.")
    assert (error.kind, asked, error.detail) == (kind, 1, "No." if kind != "answer" else "")


def test_refusals_say_what_to_do():
    error, _, url = error_of(Reply(401, b"<html>"))
    assert str(error) == f"Jira at {url} refused the token: check the e-mail and make a new API token."
    error, _, _ = error_of(Reply(404), missing="There is no project ABC.")
    assert str(error) == "There is no project ABC."


def test_a_status_that_is_expected_is_handed_back():
    with scripted(Reply(400, b'{"message": "kanban"}')) as server, http_to(server.url) as http:
        assert http.get("/sprint", passing=(400,)).status == 400


def test_the_server_cannot_make_us_show_the_token(caplog):
    caplog.set_level(logging.DEBUG)
    error, _, _ = error_of(Reply(400, f'{{"message": "bad header Bearer {TOKEN}"}}'.encode()))
    assert TOKEN not in str(error) + error.detail + repr(error) + caplog.text
    assert "Bearer …" in str(error)


def test_a_redirect_on_the_same_host_is_followed():
    with scripted(Reply(301, b"", {"Location": "/repositories/7"}), GOOD) as server, http_to(server.url) as http:
        assert http.get("/repos/old/name").json == {"ok": True}
        assert [asked.path for asked in server.asked] == ["/repos/old/name", "/repositories/7"]
        assert server.asked[1].headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("target", ["http://login.example.test/", "http://127.0.0.1:1/"])
def test_a_redirect_to_another_host_or_port_is_not_followed(target):
    error, asked, _ = error_of(Reply(302, b"", {"Location": target}))
    assert (error.kind, asked) == ("address", 1)
    assert "another host" in str(error)


def test_a_link_to_another_host_is_not_followed():
    with scripted(GOOD) as server, http_to(server.url) as http, pytest.raises(ConnectorError, match="another host"):
        http.get("http://elsewhere.example.test/repositories/7/issues?after=x")


def test_nothing_behind_the_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    waits = Waits()
    with http_to(url, waits) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "unreachable"
    assert str(caught.value) == f"Nothing answers at {url}: check the address and that this machine can reach it."
    assert len(waits.seconds) == 2


def test_a_name_without_an_address():
    def nowhere(host, port):
        raise OSError("Name or service not known")

    with http_to("https://jira.example.test", lookup=nowhere) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "unreachable"


def test_a_silent_server_is_slow_and_not_wrong():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        waits = Waits()
        with http_to(f"http://127.0.0.1:{silent.getsockname()[1]}", policy=waits.policy(tries=2)) as http:
            http._client.timeout = 0.05
            with pytest.raises(ConnectorError, match="too long to answer"):
                http.get("/things")
    assert len(waits.seconds) == 1


def test_nul_and_half_characters_are_taken_out():
    body = rb'{"nul": "a\u0000b", "kept": "\\u0000", "half": "x\ud83dy", "whole": "\ud83d\ude80"}'
    with scripted(Reply(200, body)) as server, http_to(server.url) as http:
        assert http.get("/things").json == {"nul": "ab", "kept": r"\u0000", "half": "x\ufffdy", "whole": "\U0001f680"}


def test_connections_are_kept_open_between_requests(monkeypatch):
    with running() as server, http_to(server.jira_cloud_url) as http:
        opened = []
        backend = http._client._transport._pool._network_backend
        plain = backend.connect_tcp
        monkeypatch.setattr(backend, "connect_tcp", lambda *a, **k: (opened.append(a), plain(*a, **k))[1])
        for _ in range(3):
            http.get("/rest/api/2/serverInfo")
    assert len(opened) == 1


def test_an_untrusted_certificate_says_how_to_trust_an_authority_of_ones_own():
    site = refusals.Site("Jira", "https://jira.example.com", "", "")
    error = refusals.unreachable(site, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
    assert str(error) == (
        "The certificate of https://jira.example.com is not trusted: check the address; where an authority of your own "
        "signs, let SSL_CERT_FILE name a bundle with it on the machine that runs Headway."
    )


def test_of_clocks_that_do_not_agree_the_earliest_counts() -> None:
    """Behind one address may be several machines, and a bookmark in the future would pass over changes."""
    dates = ["Mon, 02 Nov 2026 09:10:00 GMT", "Mon, 02 Nov 2026 08:59:00 GMT", "Mon, 02 Nov 2026 09:01:00 GMT"]
    with scripted(*(value({}, Date=date) for date in dates)) as server, http_to(server.url) as http:
        for _ in dates:
            http.get("/things")
        assert http.clock is not None
        assert http.clock.isoformat() == "2026-11-02T08:59:00+00:00"
