"""Where labels go so that none lies on a mark, on another label or outside the picture. All lengths in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

LETTER: Final = 6.4
LINE: Final = 16.0
GAP: Final = 6.0

Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark: its middle, from the lower left corner of the plot, and its radius."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    bottom: float
    right: float
    top: float

    def touches(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def inside(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.bottom >= 0 and self.right <= width and self.top <= height


@dataclass(frozen=True, slots=True)
class Placed:
    """A label's shift from the middle of its mark, and which end of the text stands there."""

    text: str
    xshift: float
    yshift: float
    xanchor: Anchor


def place(
    spots: Sequence[Spot], texts: Sequence[str], *, width: float, height: float, taken: Sequence[Box] = ()
) -> list[Placed | None]:
    """A place for each of ``texts``, the labels of the first of ``spots``; None where there is no room."""
    marks = [_around(spot) for spot in spots]
    boxes: list[Box] = list(taken)
    found: list[Placed | None] = []
    for number, text in enumerate(texts):
        others = [mark for place, mark in enumerate(marks) if place != number]
        placed = _first_free(spots[number], text, [*others, *boxes], width, height)
        found.append(placed)
        if placed:
            boxes.append(_box(spots[number], placed))
    return found


def _first_free(spot: Spot, text: str, boxes: Sequence[Box], width: float, height: float) -> Placed | None:
    for option in _options(spot, text):
        box = _box(spot, option)
        if box.inside(width, height) and not any(box.touches(other) for other in boxes):
            return option
    return None


def _options(spot: Spot, text: str) -> list[Placed]:
    """Right, left, above, below; then the four corners."""
    side, above = spot.radius + GAP, spot.radius + LINE / 2 + 2
    return [
        Placed(text, side, 0, "left"),
        Placed(text, -side, 0, "right"),
        Placed(text, 0, above, "center"),
        Placed(text, 0, -above, "center"),
        *(Placed(text, across * side * 0.7, up * above * 0.8, end) for across, end in _ENDS for up in (1, -1)),
    ]


_ENDS: Final[tuple[tuple[int, Anchor], ...]] = ((1, "left"), (-1, "right"))


def _box(spot: Spot, placed: Placed) -> Box:
    length = LETTER * len(placed.text)
    left = spot.x + placed.xshift - {"left": 0.0, "center": length / 2, "right": length}[placed.xanchor]
    middle = spot.y + placed.yshift
    return Box(left, middle - LINE / 2, left + length, middle + LINE / 2)


def _around(spot: Spot) -> Box:
    return Box(spot.x - spot.radius, spot.y - spot.radius, spot.x + spot.radius, spot.y + spot.radius)
