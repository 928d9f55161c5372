"""Python's search for garbage in circles, made rare while pages are turned."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (100_000, 20, 100)  # containers made before the young are looked at; a page of a hundred issues makes 25,000

_lock = threading.Lock()
_usual: list[tuple[int, int, int]] = []  # what was set before, once for each block that is open


@contextmanager
def rarely_sought() -> Iterator[None]:
    """Inside the block the collector runs seldom: pages are trees, which go by their counts alone.

    At its usual pace it walks through every dict of a page dozens of times: half of the time that reading one takes.
    Threads may be inside at once; the last one out sets back what was.
    """
    with _lock:
        _usual.append(gc.get_threshold())
        gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        with _lock:
            before = _usual.pop()  # of the last one out it is what the first one found
            if not _usual:
                gc.set_threshold(*before)
