"""The demo's mailbox: a mail server on this machine that takes every e-mail, and the files it keeps them in."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

MOST: Final = 500  # e-mails that are kept
NAME: Final = re.compile(r"\d{1,25}")


class CatchAll:
    """What aiosmtpd asks for: takes everything, for everybody."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answers only once the e-mail is on the disk under its name, as a mail server must."""
        name = str(time.time_ns())
        half = self._folder / f"{name}.part"
        half.write_bytes(cast(bytes, envelope.content))
        os.replace(half, self._folder / f"{name}.eml")
        for old in sorted(self._folder.glob("*.eml"))[:-MOST]:
            old.unlink(missing_ok=True)
        return "250 Kept"


async def serve(folder: Path, port: int, host: str = "127.0.0.1") -> None:
    """Take e-mails until the process ends."""
    handler = CatchAll(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, ident="Headway demo"), host, port)
    async with server:
        await server.serve_forever()


@dataclass(frozen=True, slots=True)
class Kept:
    """An e-mail of the mailbox."""

    name: str
    came: datetime
    to: str
    subject: str


def kept(folder: Path) -> Iterator[Kept]:
    """What is there, the newest first."""
    for path in sorted(folder.glob("*.eml"), reverse=True):
        letter = _read(path)
        came = datetime.fromtimestamp(int(path.stem) / 1e9).astimezone()
        yield Kept(path.stem, came, str(letter["To"] or ""), str(letter["Subject"] or ""))


def letter(folder: Path, name: str) -> EmailMessage | None:
    """One of them by its name; None where it is not there."""
    path = folder / f"{name}.eml"
    return _read(path) if NAME.fullmatch(name) and path.exists() else None


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def part(told: EmailMessage, kind: str) -> str:
    """The ``html`` or ``plain`` part; empty where there is none."""
    found = told.get_body((kind,))
    return str(found.get_content()) if found else ""
