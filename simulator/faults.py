"""Trouble on purpose, named after the pitfalls in CONNECTORS.md.

A fault stands around an answer: it is given the turn (the request, its number, a seeded random source) and a way to
get the true answer, and returns what the client receives.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simulator.web import Reply, Request, json_reply


@dataclass(frozen=True, slots=True)
class Turn:
    """One request as a fault sees it; ``number`` counts from 1 over the server's life."""

    number: int
    request: Request
    rng: random.Random


Answer = Callable[[], Reply]
Fault = Callable[[Turn, Answer], Reply]
Options = Mapping[str, str]


def is_due(turn: Turn, every: int) -> bool:
    return turn.number % every == 0


def rate(turn: Turn, answer: Answer, *, every: int = 10, wait: int = 1) -> Reply:
    """429 with ``Retry-After`` seconds, as Jira Cloud's burst limit and GitHub's secondary limit give it."""
    if not is_due(turn, every):
        return answer()
    message = "You have exceeded a secondary rate limit. Please wait before you try again."
    headers = {"Retry-After": str(wait), "RateLimit-Reason": "jira-burst-based"}
    return json_reply({"message": message, "errorMessages": ["Rate limit exceeded."]}, 429, headers)


def http500(turn: Turn, answer: Answer, *, every: int = 10) -> Reply:
    """An internal server error in place of the answer."""
    if not is_due(turn, every):
        return answer()
    return json_reply({"message": "Server Error", "errorMessages": ["Internal server error"]}, 500)


def html(turn: Turn, answer: Answer, *, every: int = 10) -> Reply:
    """A proxy's login page, with 200 (J35)."""
    if not is_due(turn, every):
        return answer()
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
    return Reply(200, page, "text/html;charset=UTF-8")


def truncate(turn: Turn, answer: Answer, *, every: int = 10) -> Reply:
    """The whole length is promised, half of the body comes, then the connection closes (J35)."""
    reply = answer()
    return replace(reply, cut=len(reply.body) // 2) if is_due(turn, every) else reply


def slow(turn: Turn, answer: Answer, *, every: int = 1, seconds: float = 0.1) -> Reply:
    """The right answer, late."""
    if is_due(turn, every):
        time.sleep(seconds)
    return answer()


FAULTS: dict[str, Callable[..., Reply]] = {
    "rate": rate,
    "http500": http500,
    "html": html,
    "truncate": truncate,
    "slow": slow,
}
WHOLE = {"every", "wait"}


def parse(text: str) -> tuple[Fault, ...]:
    """Faults of ``rate:every=10:wait=2,html:every=50``; ValueError names what is not understood."""
    return tuple(parse_one(part.strip()) for part in text.split(",") if part.strip())


def parse_one(text: str) -> Fault:
    name, *options = text.split(":")
    if name not in FAULTS:
        raise ValueError(f"unknown fault {name!r}: choose from {', '.join(sorted(FAULTS))}")
    fault = FAULTS[name]
    settings = dict(option.partition("=")[::2] for option in options)
    allowed = fault.__kwdefaults__ or {}
    if wrong := sorted(set(settings) - set(allowed)):
        raise ValueError(f"fault {name!r} has no option {wrong[0]!r}: choose from {', '.join(sorted(allowed))}")
    return partial(fault, **{key: number(name, key, value) for key, value in settings.items()})


def number(fault: str, key: str, value: str) -> float:
    try:
        amount = int(value) if key in WHOLE else float(value)
    except ValueError:
        raise ValueError(f"fault {fault!r}: {key} must be a number, not {value!r}") from None
    if amount <= 0:
        raise ValueError(f"fault {fault!r}: {key} must be above 0")
    return amount


def rehearsal(faults: Sequence[Fault], rng: random.Random) -> Callable[[Request, Answer], Reply]:
    """All faults around every answer, the first named outermost; each sees the same number of the request."""
    lock = threading.Lock()
    count = 0

    def rehearse(request: Request, answer: Answer) -> Reply:
        nonlocal count
        if not faults:
            return answer()
        with lock:
            count += 1
            turn = Turn(count, request, random.Random(rng.random()))  # noqa: S311 - pretend trouble, not secrets
        for fault in reversed(faults):
            answer = partial(fault, turn, answer)
        return answer()

    return rehearse
