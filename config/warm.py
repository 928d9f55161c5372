"""What a server process does before its first request, so that no reader waits for it."""

from __future__ import annotations

import gc

from django.urls import get_resolver


def warm_up() -> None:
    """Load all pages, and take what is loaded out of the garbage collector's rounds: it stays until the end.

    A full round over it takes 20 to 50 ms, in the middle of somebody's request. And rounds come more rarely than Python
    would have them: a page of thousands of rows makes as many objects, all of them gone when it is sent.
    """
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
