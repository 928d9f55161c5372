"""Which kinds of action worked here: what was expected of them beside what was measured."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Final

from delivery import access
from delivery.models import Action
from people.access import User

FEWEST: Final = 5
"""Measured actions of a kind below which nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Worked:
    """One kind of action. ``count``: of those measured; the rest is None below ``FEWEST``.

    ``expected`` and ``measured`` are medians in points (0-1), ``expected`` of ``foretold`` of them. ``beyond`` of
    ``compared`` brought more than the usual spread of deliverables without an action.
    """

    kind: str
    label: str
    count: int
    expected: float | None
    foretold: int
    measured: float | None
    beyond: int | None
    compared: int


def by_kind(user: User) -> tuple[Worked, ...]:
    """Every kind of which ``user`` may see a measured action, the most often measured first; one query."""
    rows = access.visible_actions(user).filter(measured__isnull=False)
    found: dict[str, list[tuple[float | None, float, float | None]]] = defaultdict(list)
    for kind, expected, measured, high in rows.values_list("kind", "expected", "measured", "measured_high"):
        found[kind].append((expected, measured or 0.0, high))  # never null: the filter above
    return tuple(sorted((_worked(kind, told) for kind, told in found.items()), key=lambda one: (-one.count, one.label)))


def _worked(kind: str, told: list[tuple[float | None, float, float | None]]) -> Worked:
    label, enough = str(Action.Kind(kind).label), len(told) >= FEWEST
    expected = [one for one, _, _ in told if one is not None]
    compared = [(measured, high) for _, measured, high in told if high is not None]
    return Worked(
        kind=kind,
        label=label,
        count=len(told),
        expected=median(expected) if enough and expected else None,
        foretold=len(expected),
        measured=median(measured for _, measured, _ in told) if enough else None,
        beyond=sum(measured > high for measured, high in compared) if enough and compared else None,
        compared=len(compared),
    )
