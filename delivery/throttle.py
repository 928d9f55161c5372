"""Manners towards a source, shared by all workers that use one credential: whose turn it is, and what was answered.

A word of the app: it knows Redis and the Source row; the pure half is delivery.connectors.setup.Gate and Memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from delivery.connectors.setup import Gate, Memory, OpenGate
from delivery.models import Source


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What is left of a source's quota and how much of it was ours. None: the source does not say.

    ``ours`` counts requests (or points) of all our workers in the present window; ``share`` is the most of ``limit``
    that Headway takes, in per cent; ``concurrency`` how many requests may be out at once just now.
    """

    limit: int | None
    remaining: int | None
    resets: datetime | None
    ours: int
    share: int
    concurrency: int
    held_until: datetime | None


def gate_for(source: Source) -> Gate:
    """Whose turn it is among all workers that use the credential of ``source`` (give it to open_connector)."""
    return OpenGate()


def memory_for(source: Source) -> Memory | None:
    """Answers kept with their ETag, for exactly the token of ``source`` (G14)."""
    return None


def budget_of(source: Source) -> BudgetState:
    """What is known of the quota of ``source`` without asking it; never raises."""
    return BudgetState(None, None, None, 0, source.share, 1, None)
