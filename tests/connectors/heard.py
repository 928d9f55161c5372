"""A gate that lets everything through and keeps what it was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from delivery.connectors.http import Http
from tests.connectors.pretend import Asked, Reply, Waits, http_to, scripted

LANES = (("/search", "search"), ("", "core"))


@dataclass
class Heard:
    """Turns (lane, cost, patience), how many are out, and what was told."""

    turns: list[tuple[str, int, float]] = field(default_factory=list)
    out: int = 0
    limits: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    holds: list[tuple[str, float]] = field(default_factory=list)
    more: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> Iterator[None]:
        self.turns.append((lane, cost, patience))
        self.out += 1
        try:
            yield
        finally:
            self.out -= 1

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        assert self.out == 0, "the turn is over when the answer is told of"
        self.statuses.append(status)
        if limited:
            self.limits.append(lane)

    def spent(self, lane: str, more: int) -> None:
        self.more.append((lane, more))

    def hold(self, lane: str, seconds: float) -> None:
        self.holds.append((lane, seconds))


@contextmanager
def asking(*replies: Reply, waits: Waits | None = None, **options: object) -> Iterator[tuple[Http, Heard, list[Asked]]]:
    """A transport, its gate, and what it was asked, before a server that answers with these in turn."""
    gate = Heard()
    with scripted(*replies) as server, http_to(server.url, waits, gate=gate, **options) as http:
        http.site = replace(http.site, lanes=LANES)
        yield http, gate, server.asked
