"""The sockets below httpx: every new connection resolves, checks and pins its address, and a body has a top size."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import httpcore
import httpx

from delivery.connectors import address

MOST_BYTES = 64 * 1024 * 1024  # far above any page we ask for; keeps a hostile server from filling the memory


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, on each connection anew: a name may change its address after the check."""

    def __init__(self, *, allow_private: bool, lookup: address.Resolve = address.resolve) -> None:
        self._plain = httpcore.SyncBackend()
        self._allow_private = allow_private
        self._lookup = lookup

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        try:
            addresses = address.allowed(host, port, allow_private=self._allow_private, lookup=self._lookup)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for ip in addresses:
            try:
                return self._plain.connect_tcp(ip, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class Wire(httpx.BaseTransport):
    """httpx's transport over one pool of checked, kept-alive connections. Proxies of the environment are not used."""

    def __init__(self, backend: httpcore.NetworkBackend, tls: ssl.SSLContext | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=4, keepalive_expiry=30.0, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method.encode(),
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        try:
            body = _read(answer.iter_stream())
        finally:
            answer.close()
        return httpx.Response(answer.status, headers=answer.headers, content=body)

    def close(self) -> None:
        self._pool.close()


def tls_context(base: httpx.URL, ca_file: str) -> ssl.SSLContext | None:
    """What to trust when talking to ``base``: the operator's CA bundle (D3), else the usual one."""
    if base.scheme != "https":
        return None
    return ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context()


def _read(chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            raise httpcore.RemoteProtocolError("the answer is larger than any page asked for")
    return bytes(body)
