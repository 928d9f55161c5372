"""A server below HTTP: what it says to each connection, byte by byte, is up to a test."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Talk = Callable[[socket.socket], None]


@dataclass
class Raw:
    """Where it listens, and what each connection asked."""

    url: str
    asked: list[bytes] = field(default_factory=list)


@contextmanager
def talking(*talks: Talk) -> Iterator[Raw]:
    """Each connection is given to the next of ``talks``, the last one for ever, and closed after it."""
    listener = socket.create_server(("127.0.0.1", 0))
    running = Raw(f"http://127.0.0.1:{listener.getsockname()[1]}")
    left = list(talks)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            talk = left.pop(0) if len(left) > 1 else left[0]
            threading.Thread(target=converse, args=(connection, talk), daemon=True).start()

    def converse(connection: socket.socket, talk: Talk) -> None:
        with connection, contextlib.suppress(OSError):
            running.asked.append(connection.recv(65536))
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield running
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def saying(*parts: bytes, every: float = 0.0) -> Talk:
    """These parts, with a pause of ``every`` seconds after each."""

    def talk(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            if every:
                threading.Event().wait(every)

    return talk


def whole(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
