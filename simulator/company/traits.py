"""How a team works, as numbers; and the stories some deliverables are there to show."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Story:
    """A deliverable with a purpose. Days are relative to the anchor; ``target`` None lets the manager estimate."""

    name: str
    commit: int  # day of the commitment
    items: int  # found at commitment
    target: int | None = None
    growth: float = 0.2  # items still to be found, per item known
    focus: float = 1.0  # weight in the team's choice of next work, times that of its rank
    first: bool = False  # goes to the top of the team's list
    opens: int | None = None  # no work before this day
    scoped: int | None = None  # no items before this day
    waits: bool = False  # for the team's previous story
    away: tuple[int, int] | None = None  # one engineer does all of it, and is away on these days, half-open
    optimism: float = 1.0  # target = estimate times this
    moves: tuple[tuple[int, int, str, str], ...] = ()  # (day, new target, cause, note)


@dataclass(frozen=True, slots=True)
class Traits:
    """A team's way of working. Rates are per working day."""

    rate: float = 0.32  # items per full-time person
    drift: float = 0.005  # variance added to the log pace each week
    noise: float = 0.12  # variance of a week's pace around it (Gamma, mean 1)
    unplanned: float = 0.35  # arrivals outside epics, as a share of the rate
    unplanned_cap: float = 0.62  # largest share of starts given to them
    wip: float = 0.82  # items in progress per person
    wip_growth: float = 0.0  # added to ``wip`` over the years, per year
    slots: int = 5  # deliverables open at once
    growth: float = 0.2
    optimism: float = 1.0
    reviewer: float = 0.0  # share of reviews held by the lead
    late_hours: float = 0.04  # share of commits and reviews outside working hours
    sprints: bool = True
    tests: bool = False  # has a Testing column
    migrates: bool = False  # its done items were moved to another done status one day
    code: float = 1.0  # pull requests, times the usual
    scale: float = 1.0  # items, times the usual (load tests)
    stories: tuple[Story, ...] = field(default=())


_SLIPS = (
    (-42, 2, "dependency", "The upstream export came three weeks late."),
    (-9, 95, "scope", "Two more sources turned out to be needed for the audit."),
)
# By team, as the default organisation has them; a smaller one shows as many as it has teams. A world begins on the
# first of a month, so today is up to thirty days past the anchor: each story holds for all of them.
STORIES: tuple[tuple[Story, ...], ...] = (
    (Story("grows", -58, 12, target=46, growth=2.4, first=True), Story("early", -110, 8, optimism=1.6, first=True)),
    (Story("watermelon", -72, 40, target=45, growth=0.3),),
    (),
    (
        Story("early", -120, 9, optimism=1.6, first=True),
        Story("alone", -40, 20, target=84, growth=0.1, first=True, away=(3, 78)),
    ),
    (Story("no_scope", -12, 8, target=105, scoped=62),),
    (Story("slips", -104, 23, target=-37, growth=0.3, moves=_SLIPS),),
    (Story("late_start", -38, 7, target=96, opens=36),),
    (Story("no_scope", -9, 10, target=112, scoped=66),),
    (Story("blocks", -40, 36, first=True), Story("waits", -25, 5, target=84, waits=True)),
)
HOLDS = 33  # days past the anchor before a story's manager may move its date
_WAYS: tuple[dict[str, object], ...] = (
    {"tests": True},
    {"optimism": 0.97},
    {"unplanned": 0.66, "unplanned_cap": 0.46, "wip_growth": 0.75, "late_hours": 0.16, "slots": 5},
    {"sprints": False},
    {"drift": 0.006, "tests": True},
    {"drift": 0.009, "noise": 0.2},
    {"migrates": True},
    {"reviewer": 0.72},
    {"sprints": False, "tests": True},
)


def way(seed: int, team: int, *, rate: float, code: float) -> Traits:
    """The traits of the ``team``-th team; ``rate`` and ``code`` multiply its items and pull requests."""
    rng = random.Random(f"traits:{seed}:{team}")
    base = Traits(
        rate=0.32 * rate * rng.uniform(0.9, 1.12),
        slots=rng.choice((4, 4, 5)),
        optimism=rng.uniform(0.92, 1.08),
        stories=STORIES[team] if team < len(STORIES) else (),
        scale=rate,
        code=code,
    )
    return replace(base, **_WAYS[team % len(_WAYS)])  # type: ignore[arg-type]
