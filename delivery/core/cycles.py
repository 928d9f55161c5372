"""Whether a new arrow would lead back to where it began."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def way(arrows: Mapping[Node, Iterable[Node]], start: Node, end: Node) -> list[Node] | None:
    """The shortest way along ``arrows`` from ``start`` to ``end``, both included; None where there is none."""
    came_from: dict[Node, Node | None] = {start: None}
    queue = [start]
    for here in queue:
        if here == end:
            return _back(came_from, end)
        for there in arrows.get(here, ()):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    return None


def circle(arrows: Mapping[Node, Iterable[Node]], start: Node, onward: Iterable[Node]) -> list[Node] | None:
    """The circle that ``start`` would be in with arrows to ``onward``: start … start; None where there is none."""
    for there in onward:
        found = way(arrows, there, start)
        if found is not None:
            return [start, *found]
    return None


def _back(came_from: Mapping[Node, Node | None], end: Node) -> list[Node]:
    found, here = [end], came_from[end]
    while here is not None:
        found.append(here)
        here = came_from[here]
    return found[::-1]
