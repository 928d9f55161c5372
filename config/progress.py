"""A progress bar for a terminal, and quiet lines for a log."""

from __future__ import annotations

import time
from typing import TextIO

WIDTH = 24


class Bar:
    """Shows how far something is: part, bar, count, rate. On no terminal: one line for each part."""

    def __init__(self, out: TextIO, title: str) -> None:
        self._out = out
        self._title = title
        self._part = ""
        self._total = 0
        self._in_part = 0
        self._began = time.monotonic()
        self._shown = 0.0
        self._live = bool(getattr(out, "isatty", lambda: False)())

    def show(self, part: str, done: int, expected: int | None) -> None:
        """``done`` of ``expected`` (None: not known) items of ``part``."""
        if part != self._part:
            self._total += self._in_part
            self._part = part
        self._in_part = done
        if not self._live or time.monotonic() - self._shown < 0.1:
            return
        self._shown = time.monotonic()
        self._out.write(f"\r\033[K{self._title}: {self._line(part, done, expected)}", ending="")  # type: ignore[call-arg]
        self._out.flush()

    def _line(self, part: str, done: int, expected: int | None) -> str:
        rate = (self._total + done) / max(time.monotonic() - self._began, 0.1)
        if not expected:
            return f"{part}, {done:,} · {rate:,.0f} a second"
        full = min(WIDTH, round(WIDTH * done / expected))
        return f"[{'█' * full}{'·' * (WIDTH - full)}] {part}, {done:,} of {expected:,} · {rate:,.0f} a second"

    def done(self) -> None:
        """End with one line that stays."""
        total = self._total + self._in_part
        seconds = time.monotonic() - self._began
        start = "\r\033[K" if self._live else ""
        self._out.write(f"{start}{self._title}: {total:,} in {seconds:.0f} seconds.")
        self._out.flush()
