"""What a what-if answers: how each deliverable stands now, and how it would stand with the levers pulled.

Both sides are read from the same simulated futures, so they differ by the levers and not by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

WORTH_TELLING: Final = 0.01
"""Another deliverable is named from a change of one point on."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a deliverable stands: its promise, and what the forecast says. ``missing`` is 0-1, None without a forecast."""

    target: date | None
    missing: float | None
    p50: date | None
    p85: date | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What levers do to one deliverable. ``low`` and ``high`` hold ``change`` in 19 of 20 cases, as far as the model goes."""

    deliverable: int
    now: Outlook
    then: Outlook
    low: float | None = None
    high: float | None = None

    @property
    def change(self) -> float | None:
        """By how much the chance of missing rises (falls, below 0); None where either side has no forecast."""
        if self.now.missing is None or self.then.missing is None:
            return None
        return self.then.missing - self.now.missing


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the deliverable asked about, and of every other one that the levers disturb, the worst hit first."""

    subject: Effect
    others: tuple[Effect, ...] = ()

    @property
    def disturbance(self) -> float:
        """By how much the chances of missing of others rise, summed up."""
        return sum(max(effect.change or 0.0, 0.0) for effect in self.others)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a scenario keeps it."""
    return {"subject": _effect_json(outcome.subject), "others": [_effect_json(one) for one in outcome.others]}


def from_json(kept: Mapping[str, Any]) -> Outcome:
    """The reverse of ``as_json``."""
    return Outcome(_effect(kept["subject"]), tuple(_effect(one) for one in kept["others"]))


def _effect_json(effect: Effect) -> dict[str, Any]:
    return {
        "deliverable": effect.deliverable,
        "now": _outlook_json(effect.now),
        "then": _outlook_json(effect.then),
        "low": effect.low,
        "high": effect.high,
    }


def _outlook_json(one: Outlook) -> dict[str, Any]:
    days = {"target": one.target, "p50": one.p50, "p85": one.p85}
    return {name: day.isoformat() if day else None for name, day in days.items()} | {"missing": one.missing}


def _effect(row: Mapping[str, Any]) -> Effect:
    return Effect(row["deliverable"], _outlook(row["now"]), _outlook(row["then"]), row["low"], row["high"])


def _outlook(row: Mapping[str, Any]) -> Outlook:
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("target", "p50", "p85")}
    return Outlook(missing=row["missing"], **days)
