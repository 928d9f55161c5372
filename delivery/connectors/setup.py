"""What a connector is given besides its credentials: patience, manners, memory, and an operator's choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from delivery.connectors import address
from delivery.connectors.retry import RetryPolicy


class Gate(Protocol):
    """Whose turn it is to ask, among all workers that use one credential (J30, G12). Pure ones live in this process.

    ``lane`` is what a source counts limits for: an endpoint's family (Site.lanes). Seconds and not instants are told:
    the clocks of workers and sources differ.
    """

    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> AbstractContextManager[None]:
        """Wait for a turn and hold it while a request is out, which costs ``cost`` requests or points.

        Raises ConnectorError(kind="limited", retry_at=…) when it would take longer than ``patience`` (seconds), or
        when our share of the quota is used up.
        """
        ...

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        """What an answer said of limits and budget, for everybody who shares the credential.

        ``limited``: it meant "too fast". A 304 costs nothing (G14).
        """
        ...

    def spent(self, lane: str, more: int) -> None:
        """A question has cost so many points ``more`` than its turn was told (GraphQL says it afterwards)."""
        ...

    def hold(self, lane: str, seconds: float) -> None:
        """Nobody asks in ``lane`` ("": at all) for so long: the source said so."""
        ...


class OpenGate:
    """No manners: for one process that asks one thing at a time."""

    def turn(self, lane: str, cost: int = 1, *, patience: float = 90.0) -> AbstractContextManager[None]:
        return nullcontext()

    def told(self, lane: str, headers: Mapping[str, str], status: int, *, limited: bool = False) -> None:
        pass

    def spent(self, lane: str, more: int) -> None:
        pass

    def hold(self, lane: str, seconds: float) -> None:
        pass


class Memory(Protocol):
    """Answers kept with their ETag, for one credential (G14). ``key`` is the whole URL with its media type."""

    def get(self, key: str) -> tuple[str, bytes] | None: ...

    def put(self, key: str, etag: str, body: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Setup:
    """``renew``: given the token that was refused, the next one (OAuth, GitHub App); raises ConnectorError.

    ``worklogs``: read them, too. ``bots``: logins that are machines though the source does not say so (G21).
    """

    allow_private: bool = False
    policy: RetryPolicy | None = None
    ca_file: str = ""
    lookup: address.Resolve = address.resolve
    gate: Gate = field(default_factory=OpenGate)
    memory: Memory | None = None
    renew: Callable[[str], str] | None = None
    story_points_field: str = ""
    worklogs: bool = False
    bots: tuple[str, ...] = ()
