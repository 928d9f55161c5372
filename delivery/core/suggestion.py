"""A small change that would bring a deliverable back to a wanted chance, as Headway proposes it."""

from __future__ import annotations

from dataclasses import dataclass

from delivery.core.levers import Lever
from delivery.core.what_if import Outcome


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Levers and what they would do. ``reaches``: the wanted chance is met; else it is the furthest that this goes."""

    levers: tuple[Lever, ...]
    outcome: Outcome
    reaches: bool
