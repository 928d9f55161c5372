"""Which addresses Headway may talk to: a connection is typed in by a person, the requests leave from our machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from delivery.connectors.contract import ConnectorError

Resolve = Callable[[str, int], list[str]]
IPAddress = IPv4Address | IPv6Address

# Clouds answer with the machine's own credentials here. Not all are link-local, so they are named.
METADATA = tuple(
    ip_network(net) for net in ("169.254.0.0/16", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16")
)
BROADCAST = ip_address("255.255.255.255")
LOCAL_NAT = ip_network("64:ff9b:1::/48")  # translates within a site only, wherever in it the IPv4 address stands
# Networks whose last 32 bits are an IPv4 address: translated (also within a site), and of the old compatible form.
WRAPPING = (*(ip_network(net) for net in ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96")), LOCAL_NAT)
# Of IPv6 only this is given to anybody, but for what is for examples; Python's ``is_global`` takes in more.
GIVEN, EXAMPLES = ip_network("2000::/3"), ip_network("3fff::/20")

LAST_PORT = 65_535


def base_url(text: str) -> httpx.URL:
    """The address of a source as typed in, without a trailing slash. Raises ConnectorError(kind="address")."""
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError):
        raise _refused("That is not a web address: write it as https://jira.example.com.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise _refused("The address must start with https:// (or http://) and name a host.")
    if url.port is not None and not 0 < url.port <= LAST_PORT:
        raise _refused(f"The port must be from 1 to {LAST_PORT}.")
    if url.userinfo:
        raise _refused("The address must not hold a user or password: put the token into its own field.")
    if url.query or url.fragment:
        raise _refused("The address must end with the path: leave out everything from “?” or “#” on.")
    return url.copy_with(raw_path=url.raw_path.rstrip(b"/") or b"/")


def identity(text: str) -> str:
    """Which server an address that a server gives as its own means: no scheme, no name and no port of this machine.

    The demo's simulator is one organisation behind whatever port was free at its start. A loopback address reaches
    our own machine only, so another server there was put there by who runs Headway; its path still tells sites apart.
    """
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError):
        return ""
    path = url.path.rstrip("/")
    if not url.host:
        return ""
    if _is_loopback(url.host):
        return f"localhost{path}"
    port = f":{url.port}" if url.port else ""  # the usual one of the scheme is None
    return f"{url.host.lower()}{port}{path}"


def _is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def resolve(host: str, port: int) -> list[str]:
    """Every IP address of ``host`` as the machine's resolver gives them. Raises OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def allowed(host: str, port: int, *, allow_private: bool, lookup: Resolve = resolve) -> list[str]:
    """The addresses of ``host`` to connect to, all of them checked: one bad one refuses the host.

    Raises ConnectorError(kind="address"), or OSError when the name has no address. Connect to what comes back and
    not to the name: asked again, a hostile name server would give another answer.
    """
    addresses = lookup(host, port)
    for text in addresses:
        reason = refusal(ip_address(text.split("%")[0]), allow_private=allow_private)
        if reason:
            raise _refused(f"Headway does not connect to {host}: {reason}.")
    return addresses


def refusal(ip: IPAddress, *, allow_private: bool) -> str:
    """Why not to connect to ``ip``, in words; empty when nothing speaks against it."""
    local = ip in LOCAL_NAT
    ip = _inner(ip)
    if any(ip in net for net in METADATA) or ip.is_link_local:
        return "its address is link-local or a cloud's metadata service, which is never allowed"
    if ip.is_multicast or ip.is_unspecified or ip == BROADCAST:
        return "its address is not one of a single machine"
    if (local or not _is_public(ip)) and not allow_private:
        return "its address is private; an operator can allow private addresses"
    return ""


def _is_public(ip: IPAddress) -> bool:
    return ip.is_global and (isinstance(ip, IPv4Address) or (ip in GIVEN and ip not in EXAMPLES))


def _inner(ip: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one only wraps: a private one must not slip through in a wrapping."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.is_loopback or ip.is_unspecified:  # ::1 and :: wrap nothing
        return ip
    if any(ip in net for net in WRAPPING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _refused(message: str) -> ConnectorError:
    return ConnectorError(message, kind="address")
