"""Bodies of webhooks that nobody could have signed, or that only drip in: over real sockets (J34, G25)."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from delivery import hooks
from delivery.api import hooks as views
from delivery.models import HookDelivery, Source
from tests import builders

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clean_cache"),
]
MIB = 1024 * 1024


def status_of(live_server: Any, source: Source, length: int, drip: bytes = b"", seconds: float = 0.0) -> int:
    """The answer to a webhook that tells ``length`` and sends a little at a time for so long."""
    parts = urlsplit(live_server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        head = f"POST {hooks.path_of(source)} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {length}\r\n\r\n"
        line.sendall(head.encode())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            line.sendall(drip)
            time.sleep(0.02)
        return int(line.recv(1000).split()[1])


@pytest.mark.parametrize("fields", [{}, {"hook_secret": "sealed", "disconnected": "2026-11-01T00:00Z"}])
def test_where_no_secret_is_no_body_is_read(live_server: Any, fields: dict[str, Any]) -> None:
    source = builders.source(**fields)
    began = time.monotonic()
    assert status_of(live_server, source, 20 * MIB) == 401  # before a byte of it came
    assert time.monotonic() - began < 5


def test_a_body_that_only_drips_is_waited_for_no_longer_than_senders_wait(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert views.SLOWEST == 10.0
    monkeypatch.setattr(views, "SLOWEST", 0.5)
    source = builders.source()
    hooks.make_secret(source)
    assert status_of(live_server, source, 20 * MIB, drip=b"x" * 8192, seconds=2.0) == 408
    assert not HookDelivery.objects.exists()
