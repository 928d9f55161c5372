"""All faults around every answer, and another set of them whenever a test or a person wants one."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from functools import partial

from simulator.faults.turn import Fault, Turn
from simulator.organisation import Clock
from simulator.web import Reply, Request

Site = Callable[[Request], Reply]


class Rehearsal:
    """The first fault named is the outermost; each sees the same number of the request, and a random source that
    depends on the seed and on that number alone, however the threads take turns."""

    def __init__(self, site: Site, clock: Clock, *, faults: Sequence[Fault] = (), seed: int = 0) -> None:
        self.faults = tuple(faults)
        self.stopping = threading.Event()
        self._site, self._clock, self._seed = site, clock, seed
        self._lock = threading.Lock()
        self._count = 0

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self._count += 1
            number, faults = self._count, self.faults
        ask = self._site
        for place, fault in enumerate(reversed(faults)):
            rng = random.Random(f"{self._seed}:{number}:{len(faults) - place}")  # noqa: S311 - pretend trouble
            ask = partial(self._meet, fault, number, rng, ask)
        return ask(request)

    def _meet(self, fault: Fault, number: int, rng: random.Random, ask: Site, request: Request) -> Reply:
        turn = Turn(number, request, rng, self._clock(), ask, self.stopping.wait)
        return fault(turn, partial(ask, request))
