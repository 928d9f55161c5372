"""A real server on 127.0.0.1 that answers from a script, and a patience that never sleeps."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from delivery.connectors.http import Http
from delivery.connectors.refusals import Site
from delivery.connectors.retry import RetryPolicy
from delivery.connectors.setup import Setup

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOKEN = "secret-token-of-nobody"


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # bytes of the body that really come


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


Answer = Callable[[Asked], Reply]


class Pretend:
    """A running server: its address and what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        self.url = ""

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.answer(asked)


def value(content: Any, status: int = 200, **headers: str) -> Reply:
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(content).encode(), names)


@contextmanager
def answering(answer: Answer) -> Iterator[Pretend]:
    """A server that answers every request by a function of it."""
    pretend = Pretend(answer)

    class Connection(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def go(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            names = {name.lower(): content for name, content in self.headers.items()}
            reply = pretend.reply(Asked(self.command, self.path, names, json.loads(text) if text else None))
            self.send_response_only(reply.status)
            kind = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), "Connection": "close"}
            kind["Date"] = format_datetime(NOW, usegmt=True)  # its clock goes as the tests' own
            for name, content in {**kind, **reply.headers}.items():
                self.send_header(name, content)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])

        do_GET = do_POST = go

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Connection)
    pretend.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield pretend
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def scripted(*replies: Reply) -> Any:
    """A server that answers with these in turn, and with the last one for ever."""
    left = list(replies)
    return answering(lambda asked: left.pop(0) if len(left) > 1 else left[0])


@dataclass
class Waits:
    """A policy's sleeping, remembered instead of slept."""

    seconds: list[float] = field(default_factory=list)

    def policy(self, **more: Any) -> RetryPolicy:
        return RetryPolicy(sleep=self.seconds.append, now=lambda: NOW, jitter=lambda: 0.5, **more)


@contextmanager
def http_to(url: str, waits: Waits | None = None, **options: Any) -> Iterator[Http]:
    site = Site("Jira", url, "check the e-mail and make a new API token.", "ask for permission.", (TOKEN,))
    policy = options.pop("policy", None) or (waits or Waits()).policy()
    setup = Setup(**{"allow_private": True, "policy": policy, **options})
    http = Http(site, {"Authorization": f"Bearer {TOKEN}"}, setup)
    try:
        yield http
    finally:
        http.close()
