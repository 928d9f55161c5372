"""A real mail server in the tests' process, which can be told to refuse, to put off, and to hang up."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test.utils import override_settings

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
HANG_UP, ACCEPT_AND_HANG_UP = "hang up", "accept and hang up"


@dataclass
class MailServer:
    """``rules``: what recipients get, one after the other: an answer to RCPT, or one of the words above at the end of DATA.

    ``data``: answers to the end of DATA instead. ``taken``: what was accepted, with the address of its envelope.
    """

    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    rules: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    data: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    talks: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for to, letter in self.taken if to == address]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rules[address]:
            return self.rules[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        self.talks += 1
        session.host_name = name
        return answers

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        told = self.data[address].pop(0) if self.data[address] else ""
        if told not in ("", ACCEPT_AND_HANG_UP, HANG_UP):
            return told
        if told != HANG_UP:
            content: Any = envelope.content
            self.raw.append(content)
            self.taken.append((address, message_from_bytes(content, policy=policy.default)))
        if told:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 Kept"


@contextmanager
def running() -> Iterator[MailServer]:
    """On a port of its own, with Django's settings pointing to it."""
    taken, loop = MailServer(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)  # the test's own thread may run the browser's loop
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_listening(taken), loop).result(10)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        with override_settings(
            EMAIL_BACKEND=SMTP_BACKEND,
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=taken.port,
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            EMAIL_TIMEOUT=5,
        ):
            yield taken
    finally:
        loop.call_soon_threadsafe(_close, loop, server)
        thread.join(5)
        loop.close()


async def _listening(taken: MailServer) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(taken, ident="tests", loop=loop), "127.0.0.1", 0)


def _close(loop: asyncio.AbstractEventLoop, server: asyncio.AbstractServer) -> None:
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.call_soon(loop.stop)
