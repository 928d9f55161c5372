"""Answers that are cut, slow, packed or swollen, over real sockets: the truth comes through, or one plain sentence."""

from __future__ import annotations

import gzip
import time
import zlib

import pytest

from delivery.connectors import wire
from delivery.connectors.contract import ConnectorError
from tests.connectors.pretend import Reply, Waits, http_to, scripted, value
from tests.connectors.raw import Talk, saying, talking, whole

GOOD = saying(whole(b'{"ok": true}'))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(wire.MOST_BYTES + 1000))


def answer_of(*talks: Talk, **options: object) -> object:
    with talking(*talks) as server, http_to(server.url, policy=Waits().policy(**options)) as http:
        return http.get("/things").json


def error_of(*talks: Talk, **options: object) -> tuple[ConnectorError, int]:
    """What is told when it never gets better, and how often it was tried."""
    with talking(*talks) as server, http_to(server.url, policy=Waits().policy(**options)) as http:
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
        return caught.value, len(server.asked)


@pytest.mark.parametrize(
    "cut",
    [
        HEAD + b'Content-Length: 100\r\n\r\n{"ok": tr',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"ok": tr',
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"ok": tr\r\n',
        HEAD + b'Connection: close\r\n\r\n{"ok": tr',
        HEAD[:20],
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        whole(gzip.compress(b'{"ok": false, "long": "' + b"x" * 999)[:40], "Content-Encoding: gzip"),
        whole(b"not packed at all", "Content-Encoding: gzip"),
    ],
    ids=["length", "in a chunk", "between chunks", "at the end", "in the head", "before", "no HTTP", "packed", "unpacked"],
)  # fmt: skip
def test_an_answer_cut_anywhere_is_asked_for_again(cut):
    """J35"""
    assert answer_of(saying(cut), GOOD) == {"ok": True}


def test_answers_that_are_always_cut_are_an_error_about_what_stands_between():
    error, asked = error_of(saying(HEAD + b"Content-Length: 100\r\n\r\n{"))
    assert (error.kind, asked) == ("answer", 6)
    assert "sends answers that cannot be used" in str(error)
    assert str(error).endswith("check what stands between.")


def test_a_server_that_hangs_up_is_unreachable():
    error, asked = error_of(saying(b""))
    assert (error.kind, asked) == ("unreachable", 6)
    assert "hangs up without an answer" in str(error)


@pytest.mark.parametrize(
    "drip",
    [
        saying(HEAD + b"Content-Length: 999\r\n\r\n", *[b" "] * 200, every=0.05),
        saying(*[bytes([byte]) for byte in HEAD * 4], every=0.05),
        saying(*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 200, every=0.05),
    ],
    ids=["body", "head", "hints"],
)
def test_a_server_that_only_drips_does_not_hold_a_worker(drip):
    """Each read is in time, the whole is not."""
    began = time.monotonic()
    error, asked = error_of(drip, tries=2, longest_request=0.4)
    assert time.monotonic() - began < 3
    assert (error.kind, asked) == ("unreachable", 2)
    assert "takes too long to answer" in str(error)


def test_after_a_request_that_took_too_long_the_next_has_its_own_time():
    drip = saying(HEAD + b"Content-Length: 999\r\n\r\n", *[b" "] * 100, every=0.05)
    assert answer_of(drip, GOOD, longest_request=0.4) == {"ok": True}


@pytest.mark.parametrize("packing", ["gzip", "deflate", "raw deflate", "twice"])
def test_packed_answers_are_unpacked(packing):
    body = b'{"ok": true}'
    raw = zlib.compressobj(wbits=-15)
    packed, name = {
        "gzip": (gzip.compress(body), "gzip"),
        "deflate": (zlib.compress(body), "deflate"),
        "raw deflate": (raw.compress(body) + raw.flush(), "deflate"),
        "twice": (gzip.compress(gzip.compress(body[:5]) + gzip.compress(body[5:])), "gzip, gzip"),
    }[packing]
    with scripted(Reply(200, packed, {"Content-Encoding": name})) as server, http_to(server.url) as http:
        assert http.get("/things").json == {"ok": True}
        assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip"])
def test_an_answer_that_swells_is_refused_before_it_fills_the_memory(packing):
    body = gzip.compress(BOMB) if "," in packing else BOMB
    error, asked = error_of(saying(whole(body, f"Content-Encoding: {packing}")))
    assert (error.kind, asked) == ("answer", 3)
    assert "larger than any page asked for" in str(error)


def test_an_answer_in_ever_more_pieces_is_refused_before_it_takes_all_day():
    """Each piece costs a copy of what follows it: 25 000 of them take a core for minutes."""
    several = [gzip.compress(b'{"ok": '), *[gzip.compress(b"")] * 6, gzip.compress(b"true}")]
    assert answer_of(saying(whole(b"".join(several), "Content-Encoding: gzip"))) == {"ok": True}
    body = gzip.compress(b"") * 25_000 + gzip.compress(b"{}")
    began = time.monotonic()
    error, asked = error_of(saying(whole(body, "Content-Encoding: gzip")))
    assert (error.kind, asked) == ("answer", 3)
    assert "too many pieces" in str(error)
    assert time.monotonic() - began < 5


def test_a_packing_nobody_asked_for_is_refused():
    error, _ = error_of(saying(whole(b"x", "Content-Encoding: br")))
    assert error.kind == "answer"
    assert "packed as br" in str(error)


def test_a_body_without_end_is_cut_off():
    part = b"10000\r\n" + b" " * 65536 + b"\r\n"
    endless = saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[part] * (wire.MOST_BYTES // 65536 + 2))
    error, asked = error_of(endless, tries=1)
    assert (error.kind, asked) == ("answer", 1)


def test_headers_without_end_are_cut_off():
    error, _ = error_of(saying(b"HTTP/1.1 200 OK\r\n", *[b"X-Long: " + b"y" * 4000 + b"\r\n"] * 100), tries=1)
    assert error.kind == "answer"


def test_a_description_of_three_megabytes_comes_whole():
    text = "é" * 1_500_000
    with scripted(value({"description": text})) as server, http_to(server.url) as http:
        assert http.get("/things").json == {"description": text}
