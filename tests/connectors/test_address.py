"""Which addresses a connection may have."""

from ipaddress import ip_address

import pytest

from delivery.connectors import address
from delivery.connectors.contract import ConnectorError
from tests.connectors.pretend import Reply, http_to, scripted

PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.9",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "::7f00:1",
    "240.0.0.1",
    "fec0::1",  # of a site, in the old way
    "::ffff:0:127.0.0.1",  # translated: ::ffff:0:7f00:1
    "::ffff:0:10.0.0.1",
    "64:ff9b:1:7f00:0:100:808:808",  # 127.0.0.1 in its middle, 8.8.8.8 at its end
    "64:ff9b:1::5db8:d70e",
    "5f00::1",
    "3fff::1",
    "4000::1",
]
NEVER = [
    "169.254.169.254",
    "fd00:ec2::254",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "::a9fe:a9fe",
    "::ffff:0:a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001:0:102:304:0:0:5601:5601",  # Teredo of 169.254.169.254
    "168.63.129.16",
    "255.255.255.255",
    "0.0.0.0",
    "224.0.0.1",
]


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_allowed(ip):
    assert address.refusal(ip_address(ip), allow_private=False) == ""


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_addresses_are_the_operators_choice(ip):
    assert "private" in address.refusal(ip_address(ip), allow_private=False)
    assert address.refusal(ip_address(ip), allow_private=True) == ""


@pytest.mark.parametrize("ip", NEVER)
def test_link_local_and_metadata_addresses_are_never_allowed(ip):
    assert address.refusal(ip_address(ip), allow_private=True)
    assert address.refusal(ip_address(ip), allow_private=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
)
def test_no_spelling_of_a_private_address_gets_through(host):
    """Resolved by the machine, as a connection would be, and checked after that."""
    with scripted(Reply()) as server:
        port = server.url.rpartition(":")[2]
        with http_to(f"http://{host}:{port}", allow_private=False) as http, pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert server.asked == []
    assert caught.value.kind == "address"


def test_one_private_address_among_public_ones_refuses_the_name():
    with pytest.raises(ConnectorError) as caught:
        address.allowed("jira.example.test", 443, allow_private=False, lookup=lambda *_: [PUBLIC[0], "10.0.0.1"])
    assert caught.value.kind == "address"
    assert str(caught.value).startswith("Headway does not connect to jira.example.test: its address is private")


@pytest.mark.parametrize(
    "text",
    ["", "jira.example.test", "ftp://jira.example.test", "file:///etc/passwd", "https://", "https://me:pw@jira.example.test",
     "https://jira.example.test/?a=1", "https://jira.example.test/#x", "http://[::1", "https://jira.example.test:port",
     "http://0177.0.0.1"],
)  # fmt: skip
def test_what_is_no_address_of_a_source_is_refused(text):
    with pytest.raises(ConnectorError) as caught:
        address.base_url(text)
    assert caught.value.kind == "address"


@pytest.mark.parametrize(
    ("text", "base"),
    [
        (" https://jira.example.test/ ", "https://jira.example.test/"),
        ("https://jira.example.test/jira/", "https://jira.example.test/jira"),
    ],
)
def test_a_base_has_no_slash_at_its_end(text, base):
    assert str(address.base_url(text)) == base


def test_the_address_is_checked_again_on_every_connection():
    """A name server that first gives a good address and then a bad one does not get through."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    with scripted(Reply()) as server:
        url = server.url.replace("127.0.0.1", "rebind.example.test")
        with http_to(url, lookup=lambda *_: answers.pop(0)) as http:
            assert http.get("/once").json == {}
            with pytest.raises(ConnectorError) as caught:
                http.get("/twice")
        assert caught.value.kind == "address"
        assert [asked.path for asked in server.asked] == ["/once"]


def test_a_private_server_is_refused_unless_allowed():
    with scripted(Reply()) as server, http_to(server.url, allow_private=False) as http:
        with pytest.raises(ConnectorError) as caught:
            http.get("/things")
        assert server.asked == []
    assert caught.value.kind == "address"


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("https://Acme.atlassian.net", "acme.atlassian.net"),
        ("https://acme.atlassian.net:443/", "acme.atlassian.net"),
        ("http://jira.example.com:8080/jira/", "jira.example.com:8080/jira"),
        ("http://127.0.0.1:4711/cloud", "localhost/cloud"),
        ("http://localhost:8123/cloud", "localhost/cloud"),
        ("http://[::1]:8123", "localhost"),
        ("", ""),
        ("no address", ""),
    ],
)
def test_a_server_is_known_by_its_address_without_scheme_and_without_ports_of_this_machine(text, is_):
    assert address.identity(text) == is_
