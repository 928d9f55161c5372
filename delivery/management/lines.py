"""Several lines that redraw themselves on a terminal, one for each part that is read; nothing elsewhere."""

from __future__ import annotations

import time
from threading import Lock

from django.core.management.base import OutputWrapper

from delivery.management import output

KEPT = 5.0  # seconds after which a part that says no more is left out


class Lines:
    """Parts that several threads read at once: bar, count, rate and estimate of each."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._live = out.isatty()
        self._lock = Lock()
        self._parts: dict[str, tuple[float, int, str, float]] = {}  # began, before, sentence, last heard
        self._drawn = 0.0
        self._height = 0

    def show(self, part: str, done: int, expected: int | None) -> None:
        """``done`` of ``expected`` (None: not known) items of ``part``."""
        with self._lock:
            now = time.monotonic()
            began, before, *_ = self._parts.get(part, (now, done))  # a read that goes on was not that fast
            rate = (done - before) / max(now - began, output.OFTEN)
            self._parts[part] = (began, before, output.sentence(part, done, expected, rate), now)
            if self._live and now - self._drawn >= output.OFTEN:
                self._drawn = now
                self._draw([text for *_, text, heard in self._parts.values() if now - heard < KEPT])

    def clear(self) -> None:
        """Make room for ordinary lines."""
        with self._lock:
            if self._live and self._height:
                self._draw([])
            self._parts.clear()

    def _draw(self, texts: list[str]) -> None:
        up = f"\033[{self._height}A" if self._height else ""
        self._out.write(f"\r{up}\033[J" + "".join(f"{text}\n" for text in texts), str, ending="")
        self._out.flush()
        self._height = len(texts)
