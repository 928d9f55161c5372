"""What every command has in common: exit codes, plain sentences on stderr, one JSON object, a line of progress.

Exit codes: 0 done, 1 failed, 2 wrong use (as argparse has it).
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser, OutputWrapper
from django.db import OperationalError, ProgrammingError

FAILED, WRONG_USE = 1, 2
WIDTH = 24
OFTEN = 0.1  # seconds between two drawings


def stop(command: BaseCommand, sentence: str, code: int = FAILED) -> NoReturn:
    """End the command: one sentence on stderr, and the exit code."""
    command.stderr.write(sentence)
    raise SystemExit(code)


def add_day(parser: CommandParser) -> None:
    """``--date``: the day that is looked at; None where it is not given."""
    parser.add_argument("--date", type=_day, metavar="D", help="the day, as 2026-11-23; today unless given")


def write_json(command: BaseCommand, result: dict[str, Any]) -> None:
    """The one JSON object of ``--json``."""
    command.stdout.write(json.dumps(result, default=_plain))


@contextmanager
def database_sentences(command: BaseCommand) -> Iterator[None]:
    """A database without our tables, or none at all, is a sentence and no stack trace."""
    try:
        yield
    except ProgrammingError as error:
        if "does not exist" not in str(error):
            raise
        stop(command, "The database has not been set up for this version: run manage.py migrate.")
    except OperationalError as error:
        stop(command, f"PostgreSQL does not answer: look at DATABASE_URL. It says: {str(error).strip()}")


class Line:
    """A line that redraws itself on a terminal, and writes nothing elsewhere: bar, count, rate, estimate."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._live = out.isatty()
        self._part = ""
        self._began = self._drawn = time.monotonic()
        self._before = 0

    def show(self, part: str, done: int, expected: int | None) -> None:
        """``done`` of ``expected`` (None: not known) items of ``part``."""
        if part != self._part:  # a read that goes on where another ended was not that fast
            self._part, self._began, self._before = part, time.monotonic(), done
        if not self._live or time.monotonic() - self._drawn < OFTEN:
            return
        self._drawn = time.monotonic()
        self._write(sentence(part, done, expected, (done - self._before) / max(self._drawn - self._began, OFTEN)))

    def clear(self) -> None:
        """Make room for an ordinary line."""
        if self._live:
            self._write("")

    def _write(self, text: str) -> None:
        self._out.write(f"\r\033[K{text}", str, ending="")  # stderr would be red on a terminal
        self._out.flush()


def sentence(part: str, done: int, expected: int | None, rate: float) -> str:
    speed = f"{rate:,.0f} a second" if rate else "…"
    if not expected:
        return f"{part}: {done:,} · {speed}"
    full = min(WIDTH, round(WIDTH * done / expected))
    left = f" · {spoken((expected - done) / rate)} left" if rate and expected > done else ""
    return f"[{'█' * full}{'·' * (WIDTH - full)}] {part}: {done:,} of {expected:,} · {speed}{left}"


def spoken(seconds: float) -> str:
    """A duration for a person: ``45 s``, ``3 min``, ``2 h 5 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2026-11-23.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{value!r} has no place in JSON")
