"""The sockets below httpx: every new connection resolves, checks and pins its address; a request has a last moment,
and a body a top size, packed and unpacked."""

from __future__ import annotations

import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx

from delivery.connectors import address
from delivery.connectors.contract import ConnectorError

MOST_BYTES = 64 * 1024 * 1024  # far above any page we ask for; keeps a hostile server from filling the memory
CONNECTIONS = 16  # more than any number of threads that read one source side by side
MEMBERS = 8  # gzip files in one answer; each costs a copy of what follows it
PACKED = "gzip, deflate"  # what ``unpacked`` understands
WHOLE_REQUEST = 180.0  # seconds; a server that sends a byte now and then must not hold a worker for ever


class Unfit(httpcore.RemoteProtocolError):
    """An answer that came whole and that we do not take: too large, or packed in a way nobody asked for."""


class Clocks(threading.local):
    """When the request of this thread must be over, in seconds of the machine's steady clock."""

    end = float("inf")

    def left(self, timeout: float | None) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole request took too long")
        return left if timeout is None else min(timeout, left)


class TimedStream(httpcore.NetworkStream):
    """A connection on which no wait goes beyond the request's end: each read has its timeout, and all have one."""

    def __init__(self, plain: httpcore.NetworkStream, clocks: Clocks) -> None:
        self._plain = plain
        self._clocks = clocks

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, self._clocks.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, self._clocks.left(timeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._plain.start_tls(ssl_context, server_hostname, self._clocks.left(timeout))
        return TimedStream(secured, self._clocks)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, on each connection anew: a name may change its address after the check."""

    def __init__(self, *, allow_private: bool, lookup: address.Resolve = address.resolve) -> None:
        self._plain = httpcore.SyncBackend()
        self._allow_private = allow_private
        self._lookup = lookup
        self.clocks = Clocks()

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
                stream = self._plain.connect_tcp(ip, port, self.clocks.left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return TimedStream(stream, self.clocks)
        raise failure


class Wire(httpx.BaseTransport):
    """httpx's transport over one pool of checked, kept-alive connections. Proxies of the environment are not used.

    ``seconds``: how long one request may take from its first byte to its last.
    """

    def __init__(self, backend: CheckedBackend, tls: ssl.SSLContext | None, seconds: float = WHOLE_REQUEST) -> None:
        self._clocks = backend.clocks
        self.seconds = seconds
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_connections=CONNECTIONS, keepalive_expiry=30.0, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        self._clocks.end = time.monotonic() + self.seconds
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
        headers = httpx.Headers(answer.headers)
        packing = headers.pop("content-encoding", "")
        return httpx.Response(answer.status, headers=headers, content=unpacked(body, packing))

    def close(self) -> None:
        self._pool.close()


def tls_context(base: httpx.URL, ca_file: str) -> ssl.SSLContext | None:
    """What to trust when talking to ``base``: the operator's CA bundle (D3), in ``ca_file`` or in the environment's
    SSL_CERT_FILE; else the usual one. Raises ConnectorError when there is no bundle in that file."""
    if base.scheme != "https":
        return None
    try:
        return ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one, too
        message = "The file that SSL_CERT_FILE names holds no certificates that can be read: check it on this machine."
        raise ConnectorError(message, kind="address", detail=type(error).__name__) from error


def unpacked(body: bytes, packing: str) -> bytes:
    """``body`` without its Content-Encoding. Raises RemoteProtocolError when it is cut, broken, or a bomb.

    Done here and not by httpx, which unpacks to any size: 64 MB of zeros pack into 64 kB.
    """
    for name in reversed([word.strip().lower() for word in packing.split(",")]):
        if name in ("", "identity"):
            continue
        if name not in UNPACKED:
            raise Unfit(f"the answer is packed as {name[:20]}, which was not asked for")
        body = UNPACKED[name](body) if body else body
    return body


def _gzip(body: bytes) -> bytes:
    """Some gzip files after each other are one."""
    whole = bytearray()
    for _ in range(MEMBERS):
        body = _inflate(body, 16 + zlib.MAX_WBITS, whole)
        if not body:
            return bytes(whole)
    raise Unfit("the answer is packed in too many pieces")


def _deflate(body: bytes) -> bytes:
    """With zlib's frame, as the standard says, or without, as some servers do."""
    whole = bytearray()
    _inflate(body, zlib.MAX_WBITS if body[0] & 0x0F == 8 else -zlib.MAX_WBITS, whole)
    return bytes(whole)


def _inflate(body: bytes, window: int, whole: bytearray) -> bytes:
    """Unpack onto ``whole``; what is left of ``body`` after its end."""
    stream = zlib.decompressobj(window)
    try:
        whole += stream.decompress(body, MOST_BYTES + 1 - len(whole))
    except zlib.error as error:
        raise httpcore.RemoteProtocolError(f"the answer cannot be unpacked: {error}") from None
    if len(whole) > MOST_BYTES:
        raise _too_large()
    if not stream.eof:
        raise httpcore.RemoteProtocolError("the answer breaks off")
    return stream.unused_data


UNPACKED: dict[str, Callable[[bytes], bytes]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}


def _read(chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_BYTES:
            raise _too_large()
    return bytes(body)


def _too_large() -> Unfit:
    return Unfit("the answer is larger than any page asked for")
