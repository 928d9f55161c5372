"""A process that hands messages over and is killed at a named moment: ``python -m tests.digest.handing_process MOMENT ID…``"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django
from django.apps import apps

if not apps.ready:  # run as a process of its own
    django.setup()

from dashboards.digest import handing  # noqa: E402 - after Django is ready
from dashboards.digest.post import Post  # noqa: E402

MOMENTS = ("taken", "composed", "prepared", "begun", "halfway", "accepted", "ended")
"""In their order: with the lock held, the words kept, the server waiting for the text, the row saying so, half of the text
sent, the server's answer read, the row written."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(word: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
    def instead(*args: Any, **named: Any) -> Any:
        if before:
            die()
        answer = word(*args, **named)
        die()
        return answer

    return instead


def main(moment: str, ids: list[int]) -> None:
    if moment == "taken":
        handing.content_of = dying(handing.content_of, before=True)
    elif moment == "composed":
        handing.content_of = dying(handing.content_of, before=False)
    elif moment == "prepared":
        Post.prepare = dying(Post.prepare, before=False)  # type: ignore[method-assign]
    elif moment == "begun":
        handing._begin = dying(handing._begin, before=False)
    elif moment == "halfway":
        Post.finish = halfway  # type: ignore[method-assign,assignment]
    elif moment == "accepted":
        Post.finish = dying(Post.finish, before=False)  # type: ignore[method-assign]
    elif moment == "ended":
        handing._end = dying(handing._end, before=False)
    handing.hand_over(ids)


def halfway(post: Any, message: Any) -> None:
    post._backend.connection.send(message.message().as_bytes(linesep="\r\n")[:2000])
    die()


if __name__ == "__main__":
    main(sys.argv[1], [int(one) for one in sys.argv[2:]])
