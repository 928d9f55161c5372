"""How far key results have come, and whether what counts towards one adds up to it (METRICS.md "Plans")."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from delivery.core.measure import Measure

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a key result stands at, in its own unit, with its ``n``; without a value ``unknown`` says why."""

    value: float | None
    n: int | None = None
    left_out: int = 0
    unknown: str = ""


def progress(start: float, target: float, current: float | None) -> float | None:
    """The share of the way from ``start`` to ``target``, 0–1, up or down; None where it is not known."""
    if current is None:
        return None
    return min(max((current - start) / (target - start), 0.0), 1.0)


def goal_score(found: Iterable[float | None]) -> Measure:
    """The mean progress of a goal's key results, 0–1, over those that are known."""
    every = list(found)
    known = [one for one in every if one is not None]
    left_out = len(every) - len(known)
    why = f"{left_out} without a value" if left_out else ""
    if not known:
        return Measure(None, 0, left_out, why or "no key results")
    return Measure(sum(known) / len(known), len(known), left_out, why)


def deliverables_progress(shares: Iterable[float | None]) -> Measure:
    """The mean share of items done over deliverables, 0–1; those without any item (None) are left out."""
    every = list(shares)
    known = [one for one in every if one is not None]
    left_out = len(every) - len(known)
    why = f"{left_out} without items" if left_out else ""
    if not known:
        return Measure(None, 0, left_out, why or "no deliverables")
    return Measure(sum(known) / len(known), len(known), left_out, why)


def parts_sum(start: float, parts: Sequence[tuple[float, float | None]]) -> Measure:
    """``start`` and all that the parts, each (start, current), have come since theirs; unknown ones are left out."""
    known = [current - begun for begun, current in parts if current is not None]
    left_out = len(parts) - len(known)
    why = f"{left_out} without a value" if left_out else ""
    if not known:
        return Measure(None, 0, left_out, why or "nothing counts towards it")
    return Measure(start + sum(known), len(known), left_out, why)


def shortfall(start: float, target: float, parts: Sequence[tuple[float, float]]) -> float:
    """By how much the targets of the parts, each (start, target), fall short of the way to ``target``; 0 if they do not."""
    way = target - start
    together = sum(end - begun for begun, end in parts)
    missing = way - together if way > 0 else together - way
    return missing if missing > 1e-9 * abs(way) else 0.0


def parts_first(parts: Mapping[Node, Iterable[Node]]) -> tuple[list[Node], set[Node]]:
    """The keys of ``parts``, each behind those of its parts that are keys themselves; and those that never end.

    A part counts towards one whole only, so what is left over is in a circle and not merely behind one.
    """
    waiting = {whole: {part for part in mine if part in parts} for whole, mine in parts.items()}
    order = [whole for whole, mine in waiting.items() if not mine]
    wholes: dict[Node, list[Node]] = {}
    for whole, mine in waiting.items():
        for part in mine:
            wholes.setdefault(part, []).append(whole)
    for part in order:
        for whole in wholes.get(part, ()):
            waiting[whole].discard(part)
            if not waiting[whole]:
                order.append(whole)
    return order, waiting.keys() - set(order)
