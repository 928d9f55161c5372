"""A server that breaks, is slow, says nothing, hangs up or sends somewhere else."""

from __future__ import annotations

from dataclasses import replace

from simulator.faults.turn import Answer, Turn
from simulator.web import SILENCE, Reply, json_reply

BROKEN = (500, 502, 503, 504)


def http500(turn: Turn, answer: Answer) -> Reply:
    """An internal server error in place of the answer."""
    return _broken(500)


def burst(turn: Turn, answer: Answer) -> Reply:
    """One of the 5xx, best several in a row (``length``)."""
    return _broken(BROKEN[turn.number % len(BROKEN)])


def slow(turn: Turn, answer: Answer, *, seconds: float = 0.1) -> Reply:
    """The right answer, late."""
    turn.rest(seconds)
    return answer()


def timeout(turn: Turn, answer: Answer, *, seconds: float = 600.0) -> Reply:
    """No answer at all; after so many seconds the connection ends."""
    turn.rest(seconds)
    return SILENCE


def cut(turn: Turn, answer: Answer) -> Reply:
    """The whole length is promised, half of the body comes, then the connection closes (J35)."""
    reply = answer()
    return replace(reply, cut=len(reply.body) // 2)


def redirect(turn: Turn, answer: Answer, *, to: str = "") -> Reply:
    """302 to another host (scheme and authority ``to``); without one, to this server under its other local name.

    Whether credentials came along is in the other host's list of requests: ``Seen.signed``.
    """
    host = turn.request.headers.get("host", "")
    name, _, port = host.partition(":")
    other = to or f"http://{'127.0.0.1' if name == 'localhost' else 'localhost'}:{port}"
    return Reply(302, b"", headers={"Location": f"{other.rstrip('/')}{turn.request.target}"})


def _broken(status: int) -> Reply:
    return json_reply({"message": "Server Error", "errorMessages": ["Internal server error"]}, status)
