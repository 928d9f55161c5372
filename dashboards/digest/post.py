"""The talk with the mail server, cut in two where it matters: before ``finish`` it surely has nothing, after it the
message is its own, and in between nobody can know.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from typing import Any, Final

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

LONGEST: Final = 300
LINE_START: Final = re.compile(rb"^\.", re.MULTILINE)
GO_ON: Final = 354


class Outcome(StrEnum):
    SENT = "sent"  # the server has taken it
    LATER = "later"  # it surely has not: a later try is safe
    NEVER = "never"  # nor will it ever
    LOST = "lost"  # its answer never came


@dataclass(frozen=True, slots=True)
class Answer:
    """``reason`` in words for people; ``code``: the server's own, where it gave one."""

    outcome: Outcome
    reason: str = ""
    code: int | None = None


class Post:
    """One talk for many messages. A server that cannot be reached is not tried again for each of them."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._down: Answer | None = None

    def prepare(self, message: EmailMultiAlternatives) -> Answer | None:
        """Everything up to the text itself. None: it may be finished; else why not, and nothing was handed over."""
        if self._down is not None:
            return self._down
        for again in (False, True):
            try:
                return self._prepare(message)
            except smtplib.SMTPServerDisconnected:
                self.close()  # it may have waited too long for us: once more from the start
                if again:
                    return Answer(Outcome.LATER, "The mail server ended the talk before the message.")
            except (OSError, smtplib.SMTPException) as error:
                self.close()
                self._down = Answer(Outcome.LATER, f"The mail server cannot be reached: {plain(error)}")
                return self._down
        return None

    def _prepare(self, message: EmailMultiAlternatives) -> Answer | None:
        if self._backend is None:
            self._backend = get_connection()
            self._backend.open()
        if not isinstance(self._backend, EmailBackend):
            return None  # a file or a screen takes it whole
        line = self._backend.connection
        sender, to = (envelope(one) for one in (message.from_email, message.to[0]))
        for code, said in self._steps(line, sender, to):
            if code not in (250, 251, GO_ON):
                self._start_over(line, code)
                return _refused(code, said)
        return None

    def _steps(self, line: Any, sender: str, to: str) -> Iterator[tuple[int, bytes]]:
        line.ehlo_or_helo_if_needed()
        yield line.mail(sender)
        yield line.rcpt(to)
        yield line.docmd("data")

    def _start_over(self, line: Any, code: int) -> None:
        if code == 421:
            self.close()
            return
        with suppress(smtplib.SMTPException, OSError):
            line.rset()

    def finish(self, message: EmailMultiAlternatives) -> Answer:
        """The message itself, after ``prepare``. LOST where the server does not say whether it took it."""
        if not isinstance(self._backend, EmailBackend):
            self._backend.send_messages([message])
            return Answer(Outcome.SENT)
        line: Any = self._backend.connection
        told = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        try:
            line.send(LINE_START.sub(b"..", told.rstrip(b"\r\n")) + b"\r\n.\r\n")
            code, said = line.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Answer(Outcome.LOST, f"The mail server’s answer was lost: {plain(error)}")
        if code == 250:
            return Answer(Outcome.SENT, code=code)
        self._start_over(line, code)
        return _refused(code, said)

    def close(self) -> None:
        if self._backend is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._backend.close()
            self._backend = None


@contextmanager
def talking() -> Iterator[Post]:
    post = Post()
    try:
        yield post
    finally:
        post.close()


def envelope(told: str) -> str:
    """The bare address; a domain with letters beyond ASCII as servers know it."""
    name, _, domain = parseaddr(told)[1].rpartition("@")
    return f"{name}@{domain.encode('idna').decode('ascii') if domain else ''}"


def _refused(code: int, said: bytes) -> Answer:
    """4xx is for now, all else for good (RFC 5321 4.2.1)."""
    outcome = Outcome.LATER if 400 <= code < 500 else Outcome.NEVER
    return Answer(outcome, f"The mail server answers: {code} {plain(said.decode('utf-8', 'replace'))}"[:LONGEST], code)


def plain(said: object) -> str:
    """In one line, without what is no letter: no row takes a NUL."""
    return "".join(letter for letter in " ".join(str(said).split()) if letter.isprintable())[: LONGEST - 60]
