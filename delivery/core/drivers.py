"""Why the chance of missing is what it is: signed shares that add up to it (FORECAST.md 3.6).

    missing = usual + sum of shares

``usual`` is how often promises are missed here; every share belongs to one measured cause. A driver is an accounting
of the model, not a proof of cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Cause(StrEnum):
    """What a share belongs to. The facts that come with each are named beside it."""

    SIZE = "size"  # the work against the time given: items_open, days_left
    SCOPE = "scope"  # grew since the promise: grown, at_commitment
    PACE = "pace"  # the team's own pace against its usual one: now, usual (items per normal week)
    AGEING = "ageing"  # blocked and very old items: blocked, old, items (ids)
    REVIEWS = "reviews"  # wait for a first review: days, usual (median days)
    UNPLANNED = "unplanned"  # unplanned share of what the team finishes: now, usual (0-1)
    ABSENCE = (
        "absence"  # people away or gone, by their part in this work: days_lost, people (ids), alone (share of one)
    )
    WAITING = "waiting"  # for other deliverables: needs (ids)
    LATE_START = "late_start"  # begun later (below 0: earlier) than is usual: days


@dataclass(frozen=True, slots=True)
class Share:
    """One cause: by how much it raises (below 0: lowers) the chance of missing, and what was measured of it."""

    cause: Cause
    share: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drivers:
    """The chance of missing taken apart; ``shares`` in order of their size. ``usual_n``: promises that ``usual`` rests on."""

    usual: float
    usual_n: int
    shares: tuple[Share, ...]
    missing: float


def as_json(drivers: Drivers) -> dict[str, Any]:
    """As a forecast keeps them."""
    return {
        "usual": drivers.usual,
        "usual_n": drivers.usual_n,
        "shares": [{"cause": one.cause.value, "share": one.share, "facts": dict(one.facts)} for one in drivers.shares],
        "missing": drivers.missing,
    }


def from_json(kept: Mapping[str, Any]) -> Drivers | None:
    """The reverse of ``as_json``; None for a forecast that keeps none."""
    if not kept:
        return None
    shares = tuple(Share(Cause(one["cause"]), one["share"], one["facts"]) for one in kept["shares"])
    return Drivers(kept["usual"], kept["usual_n"], shares, kept["missing"])
