"""Redirects and links: the same host only, and the credentials never go to another (G10). Two real servers each time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from delivery.connectors import question
from delivery.connectors.contract import ConnectorError
from delivery.connectors.refusals import Site
from tests.connectors.pretend import TOKEN, Reply, http_to, scripted, value

GOOD = value({"ok": True})


def to(url: str, status: int = 302) -> Reply:
    return Reply(status, b"", {"Location": url})


ASKING = {
    "get": lambda http, other: http.get("/things"),
    "post": lambda http, other: http.post("/things", {"q": 1}),
    "link": lambda http, other: http.get(other + "/stolen"),
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("ask", ASKING)
def test_another_server_is_never_even_asked(status, ask):
    with scripted(GOOD) as other, scripted(to(other.url + "/stolen", status)) as server, http_to(server.url) as http:
        with pytest.raises(ConnectorError) as caught:
            ASKING[ask](http, other.url)
        assert other.asked == []
    assert caught.value.kind == "address"
    assert other.url.partition("//")[2] in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_redirect_that_leaves_after_a_good_one_is_not_followed_either():
    with scripted(GOOD) as other, scripted(to("/on"), to(other.url)) as server, http_to(server.url) as http:
        with pytest.raises(ConnectorError, match="another host"):
            http.get("/things")
        assert [asked.path for asked in server.asked] == ["/things", "/on"]
        assert other.asked == []


@pytest.mark.parametrize(
    "target", ["//evil.example.test/x", "http://127.0.0.1@evil.example.test/", "https://127.0.0.1/"]
)
def test_tricks_with_an_address_are_seen_through(target):
    with scripted(to(target)) as server, http_to(server.url) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "address"


@pytest.mark.parametrize("target", ["http://[::1", "http://x:notaport/"])
def test_a_redirect_to_no_address_is_an_odd_answer(target):
    with scripted(to(target)) as server, http_to(server.url) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "answer"


def test_a_circle_of_redirects_ends():
    with scripted(to("/things")) as server, http_to(server.url) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert (caught.value.kind, len(server.asked)) == ("answer", 5)


@pytest.mark.parametrize(
    ("status", "method", "body"), [(301, "POST", {"q": 1}), (307, "POST", {"q": 1}), (303, "GET", None)]
)
def test_a_question_stays_one_over_a_redirect(status, method, body):
    with scripted(to("/on", status), GOOD) as server, http_to(server.url) as http:
        assert http.post("/things", {"q": 1}).json == {"ok": True}
        asked = server.asked[1]
    assert (asked.method, asked.path, asked.body) == (method, "/on", body)
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    ("base", "url", "fits"),
    [
        ("https://jira.example.test", "https://jira.example.test/x", True),
        ("https://jira.example.test", "https://JIRA.example.test:443/x", True),
        ("http://jira.example.test", "https://jira.example.test/x", True),
        ("https://jira.example.test", "http://jira.example.test/x", False),
        ("https://jira.example.test", "https://jira.example.test:8443/x", False),
        ("http://jira.example.test:8080", "https://jira.example.test:8443/x", False),
        ("https://jira.example.test", "https://jira.example.test.evil.test/x", False),
        ("https://jira.example.test", "https://evil.jira.example.test/x", False),
    ],
)
def test_what_counts_as_the_same_host(base, url, fits):
    site = Site("Jira", base, "", "")
    if fits:
        question.same_host(site, httpx.URL(url))
    else:
        with pytest.raises(ConnectorError):
            question.same_host(site, httpx.URL(url))


@contextmanager
def secured(folder: Path, location: str) -> Iterator[tuple[str, Path]]:
    """An HTTPS server with a certificate of its own, that answers ``/away`` with a redirect."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))

    class Connection(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302 if self.path == "/away" else 200)
            if self.path == "/away":
                self.send_header("Location", location)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Connection)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", file
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_operators_own_authority_is_trusted_and_no_way_leads_down_to_plain_http(tmp_path):
    """D3; and the token does not travel unencrypted because somebody says so."""
    with scripted(GOOD) as plain, secured(tmp_path, plain.url) as (url, file):
        with http_to(url, ca_file=str(file)) as http:
            assert http.get("/things").json == {}
            with pytest.raises(ConnectorError) as caught:
                http.get("/away")
        assert plain.asked == []
        assert caught.value.kind == "address"


def test_the_environment_names_the_operators_own_authority(tmp_path, monkeypatch):
    """D3"""
    with secured(tmp_path, "") as (url, file):
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with http_to(url) as http:
            assert http.get("/things").json == {}


def test_a_bundle_that_cannot_be_read_is_a_sentence_and_no_traceback(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConnectorError, match="SSL_CERT_FILE") as caught, http_to("https://jira.example.test"):
        pass
    assert caught.value.kind == "address"


def test_an_unknown_authority_is_not_trusted(tmp_path):
    with secured(tmp_path, "") as (url, _), http_to(url) as http, pytest.raises(ConnectorError) as caught:
        http.get("/things")
    assert caught.value.kind == "unreachable"
    assert "is not trusted" in str(caught.value)


def test_a_name_that_leads_inside_on_a_redirect_is_refused():
    """SSRF through a redirect: the same host by name, another address by then."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    with scripted(to("/meta")) as server:
        url = server.url.replace("127.0.0.1", "jira.example.test")
        with http_to(url, lookup=lambda *_: answers.pop(0)) as http, pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert len(server.asked) == 1
    assert caught.value.kind == "address"
    assert "metadata" in str(caught.value)


def test_a_port_that_takes_and_says_nothing_is_slow():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with http_to(url) as http:
            http.policy = type(http.policy)(tries=1)
            http._client._transport.seconds = 0.2  # type: ignore[attr-defined]
            with pytest.raises(ConnectorError, match="too long to answer"):
                http.get("/things")
