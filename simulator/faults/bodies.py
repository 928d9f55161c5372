"""Bodies that are not what they say they are (J35)."""

from __future__ import annotations

from dataclasses import replace

from simulator.faults.turn import Answer, Turn
from simulator.web import Reply


def html(turn: Turn, answer: Answer) -> Reply:
    """A proxy's login page, with 200."""
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
    return Reply(200, page, "text/html;charset=UTF-8")


def truncate(turn: Turn, answer: Answer) -> Reply:
    """Half of the JSON, under a length that is right for it: only reading it shows that it breaks off."""
    reply = answer()
    return replace(reply, body=reply.body[: len(reply.body) // 2])
