"""Where labels go so that none lies on a mark, a line or another label, or leaves the picture. All lengths in pixels.

A place that is free in a small plot stays free in a bigger one: marks move apart, while labels keep their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

LETTER: Final = 6.8  # a wide guess at 12 px: the reader's own font may stand in for ours
LINE: Final = 16.0
GAP: Final = 6.0
AIR: Final = 1.0

Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark: its middle, from the lower left corner of the plot, and its radius."""

    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        return Box(self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line between two points."""

    x0: float
    y0: float
    x1: float
    y1: float

    def crosses(self, other: Line) -> bool:
        ends = _side(self, other.x0, other.y0) * _side(self, other.x1, other.y1)
        return ends <= 0 and _side(other, self.x0, self.y0) * _side(other, self.x1, self.y1) <= 0 and self._near(other)

    def _near(self, other: Line) -> bool:
        return self.frame.touches(other.frame)

    @property
    def frame(self) -> Box:
        x, y = sorted((self.x0, self.x1)), sorted((self.y0, self.y1))
        return Box(x[0] - 0.5, y[0] - 0.5, x[1] + 0.5, y[1] + 0.5)


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

    def with_air(self) -> Box:
        """A little larger all around: places are rounded on their way into a figure."""
        return Box(self.left - AIR, self.bottom - AIR, self.right + AIR, self.top + AIR)

    def inside(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.bottom >= 0 and self.right <= width and self.top <= height

    def met_by(self, line: Line) -> bool:
        """Whether any of ``line`` lies in the box: its frame touches, and not all corners are on one side of it."""
        if not self.touches(line.frame):
            return False
        corners = [_side(line, x, y) for x in (self.left, self.right) for y in (self.bottom, self.top)]
        return min(corners) <= 0 <= max(corners)


@dataclass(frozen=True, slots=True)
class Label:
    """A text of one or more lines, ``length`` letters wide."""

    spot: Spot
    length: int
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Offer:
    """A label's shift from the middle of its mark, which end of it stands there, and whether a line leads to it."""

    xshift: float
    yshift: float
    xanchor: Anchor
    led: bool = False


@dataclass(slots=True)
class Room:
    """A plot and what is drawn in it. Labels that found a place are added to it; only their leaders may cross lines."""

    width: float
    height: float
    spots: Sequence[Spot] = ()
    lines: Sequence[Line] = ()
    boxes: list[Box] = field(default_factory=list)
    leaders: list[Line] = field(default_factory=list)

    def place(self, label: Label, offers: Iterable[Offer]) -> Offer | None:
        """The first of ``offers`` where the label is free, which then is taken; None where there is none."""
        others = [spot.box for spot in self.spots if spot != label.spot]
        for offer in offers:
            box, way = box_of(label, offer), _way(label.spot, offer)
            if self.is_free(box, others) and not self._blocked(way, others, led=offer.led):
                self.boxes.append(box)
                self.leaders += [way] if offer.led else []
                return offer
        return None

    def is_free(self, box: Box, marks: Sequence[Box]) -> bool:
        roomy = box.with_air()
        if not box.inside(self.width, self.height) or any(roomy.touches(one) for one in (*self.boxes, *marks)):
            return False
        return not any(box.met_by(line) for line in (*self.lines, *self.leaders))

    def _blocked(self, way: Line, marks: Sequence[Box], *, led: bool) -> bool:
        """Whether something lies between a mark and its label."""
        lines = self.leaders if led else (*self.leaders, *self.lines)
        return any(box.met_by(way) for box in (*self.boxes, *marks)) or any(way.crosses(line) for line in lines)


def beside(spot: Spot, lines: int = 1) -> list[Offer]:
    """Right, left, above, below; then the four corners."""
    side, above = spot.radius + GAP, spot.radius + lines * LINE / 2 + 2
    return [
        Offer(side, 0, "left"),
        Offer(-side, 0, "right"),
        Offer(0, above, "center"),
        Offer(0, -above, "center"),
        *(Offer(across * side * 0.7, up * above * 0.8, end) for across, end in _ENDS for up in (1, -1)),
    ]


def further(spot: Spot) -> list[Offer]:
    """In rings around the mark, each with a line that leads to it."""
    return [
        Offer(sign * across * (reach + spot.radius), up * (reach + spot.radius), end, led=True)
        for reach in _REACHES
        for across, up in _WAYS
        for sign, end in _ENDS
    ]


_ENDS: Final[tuple[tuple[int, Anchor], ...]] = ((1, "left"), (-1, "right"))
_REACHES: Final = (16, 28, 42, 58, 76, 96)
_WAYS: Final = ((0.87, 0.5), (0.87, -0.5), (1.0, 0.0), (0.97, 0.26), (0.97, -0.26), (0.5, 0.87), (0.5, -0.87))


def box_of(label: Label, offer: Offer) -> Box:
    """What a label covers at an offered place."""
    length, half = LETTER * label.length, LINE * label.lines / 2
    left = label.spot.x + offer.xshift - {"left": 0.0, "center": length / 2, "right": length}[offer.xanchor]
    middle = label.spot.y + offer.yshift
    return Box(left, middle - half, left + length, middle + half)


def _way(spot: Spot, offer: Offer) -> Line:
    """The line from the rim of a mark to its label."""
    length = max((offer.xshift**2 + offer.yshift**2) ** 0.5, 1.0)
    part = min((spot.radius + 2) / length, 1.0)
    rim = (spot.x + part * offer.xshift, spot.y + part * offer.yshift)
    return Line(*rim, spot.x + offer.xshift, spot.y + offer.yshift)


def _side(line: Line, x: float, y: float) -> float:
    """On which side of a line a point is: the sign."""
    return (line.x1 - line.x0) * (y - line.y0) - (line.y1 - line.y0) * (x - line.x0)
