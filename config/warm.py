"""What a server process does before its first request, so that no reader waits for it."""

from __future__ import annotations

import gc

from django.urls import get_resolver


def warm_up() -> None:
    """Load all pages, and take what is loaded out of the garbage collector's rounds: it stays until the end.

    A full round over it takes 20 to 50 ms, in the middle of somebody's request.
    """
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()
