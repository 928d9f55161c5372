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
CODES: Final = range(200, 600)
TAKEN, GO_ON, FOR_NOW, FOR_GOOD = 2, 3, 4, 5  # first digits of answers (RFC 5321 4.2.1)
MOST_CUT: Final = 3


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
    """One talk for many messages. A server that cannot be reached, or falls silent MOST_CUT times in a row before or after
    the text, is not tried again for each of them.
    """

    def __init__(self) -> None:
        self._backend: Any = None
        self._down: Answer | None = None
        self._cut = 0

    def prepare(self, message: EmailMultiAlternatives) -> Answer | None:
        """Everything up to the text itself. None: it may be finished; else why not, and nothing was handed over."""
        fresh = self._backend is None
        if self._down is not None or not self._open():
            return self._down
        try:
            answer = self._prepare(message)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            if not fresh and isinstance(error, smtplib.SMTPServerDisconnected):
                return self.prepare(message)  # it may have waited too long for us: once more from the start
            return self._was_cut(error)
        if answer is not None:
            self._cut = 0
        return answer

    def _open(self) -> bool:
        if self._backend is not None:
            return True
        try:
            self._backend = get_connection()
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            self._down = Answer(Outcome.LATER, f"The mail server cannot be reached: {plain(error)}")
        return self._down is None

    def _was_cut(self, error: Exception) -> Answer:
        answer = Answer(Outcome.LATER, f"The mail server ended the talk before the message: {plain(error)}")
        self._cut += 1
        if self._cut == MOST_CUT:
            self._down = answer
        return answer

    def _prepare(self, message: EmailMultiAlternatives) -> Answer | None:
        if not isinstance(self._backend, EmailBackend):
            return None  # a file or a screen takes it whole
        line = self._backend.connection
        sender, to = (envelope(one) for one in (message.from_email, message.to[0]))
        for (code, said), wanted in self._steps(line, sender, to):
            if code // 100 != wanted:
                self._start_over(line, code)
                return _refused(code, said)
        return None

    def _steps(self, line: Any, sender: str, to: str) -> Iterator[tuple[tuple[int, bytes], int]]:
        """Each answer with the first digit that it must have."""
        line.ehlo_or_helo_if_needed()
        yield line.mail(sender), TAKEN
        yield line.rcpt(to), TAKEN
        yield line.docmd("data"), GO_ON

    def _start_over(self, line: Any, code: int) -> None:
        if code == 421 or code not in CODES:
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
            self._was_cut(error)
            return Answer(Outcome.LOST, f"The mail server’s answer was lost: {plain(error)}")
        self._cut = 0
        if code // 100 == TAKEN:
            return Answer(Outcome.SENT, code=code)
        self._start_over(line, code)
        if code // 100 in (FOR_NOW, FOR_GOOD):
            return _refused(code, said)
        return Answer(
            Outcome.LOST, f"The mail server’s answer says neither yes nor no: {plain(said.decode('utf-8', 'replace'))}"
        )

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
    """5xx is for good, all else for now; what has no code is no answer."""
    told = plain(said.decode("utf-8", "replace"))
    if code not in CODES:
        return Answer(Outcome.LATER, f"The mail server’s answer is none: {told}")
    outcome = Outcome.NEVER if code // 100 == FOR_GOOD else Outcome.LATER
    return Answer(outcome, f"The mail server answers: {code} {told}", code)


def plain(said: object) -> str:
    """In one line, without what is no letter."""
    return "".join(letter for letter in " ".join(str(said).split()) if letter.isprintable())[: LONGEST - 60]
