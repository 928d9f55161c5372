"""The collector is slowed while pages are turned, and only then."""

from __future__ import annotations

import gc
import threading

from delivery import garbage


def test_the_usual_pace_comes_back_when_the_last_one_is_out() -> None:
    usual = gc.get_threshold()
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with garbage.rarely_sought():
            inside.set()
            leave.wait(5)

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(5)
    with garbage.rarely_sought():
        assert gc.get_threshold() == garbage.SELDOM
    assert gc.get_threshold() == garbage.SELDOM
    leave.set()
    thread.join()
    assert gc.get_threshold() == usual
