"""One request as a fault sees it, and when it is a fault's turn."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from simulator.web import Reply, Request

Answer = Callable[[], Reply]


@dataclass(frozen=True, slots=True)
class Turn:
    """``number`` counts requests from 1 over the server's life; ``at`` is the server's time.

    ``ask`` puts another question to what stands behind this fault; ``rest`` waits so many seconds, or until the
    server stops, and says whether it does.
    """

    number: int
    request: Request
    rng: random.Random
    at: datetime
    ask: Callable[[Request], Reply]
    rest: Callable[[float], bool]


Fault = Callable[[Turn, Answer], Reply]


@dataclass(frozen=True, slots=True)
class When:
    """Which requests a fault meets.

    Every ``every``-th, and the ``length - 1`` that follow it; or each with ``chance`` (0 to 1), when that is not 0.
    Only those whose target holds ``only``, counted by themselves then; not the first ``after``, none beyond the
    ``until``-th (0: there is no end).
    """

    every: int = 10
    length: int = 1
    chance: float = 0.0
    only: str = ""
    after: int = 0
    until: int = 0

    def meets(self, number: int, rng: random.Random) -> bool:
        if number <= self.after or (self.until and number > self.until):
            return False
        if self.chance:
            return rng.random() < self.chance
        return number >= self.every and number % self.every < self.length


def met(fault: Fault, when: When) -> Fault:
    """The fault where it is due, the true answer elsewhere. Many threads may ask."""
    lock = threading.Lock()
    counted = 0

    def number_of(turn: Turn) -> int:
        nonlocal counted
        if not when.only:
            return turn.number
        with lock:
            counted += 1
            return counted

    def meet(turn: Turn, answer: Answer) -> Reply:
        if when.only.lower() not in turn.request.target.lower():
            return answer()
        return fault(turn, answer) if when.meets(number_of(turn), turn.rng) else answer()

    return meet
