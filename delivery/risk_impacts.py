"""What risks weigh: how likely they come true, and how much rests on what they threaten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from delivery.core.risk import (
    DeliverableEvidence,
    Evidence,
    GoalEvidence,
    TeamEvidence,
    impact_of_deliverable,
    impact_of_goal,
    impact_of_team,
)
from delivery.models import Deliverable, Goal


@dataclass(frozen=True, slots=True)
class Impacts:
    """By id: the levels of the goals a deliverable serves (and whether committed), goals, and open promises of teams."""

    serves: Mapping[int, Mapping[str, bool]]
    goals: Mapping[int, tuple[str, bool]]
    promises: Mapping[str, int]

    def of(self, one: Evidence) -> float:
        """How much rests on it, 0-1 (delivery.core.risk has the formulas)."""
        if isinstance(one, DeliverableEvidence):
            return impact_of_deliverable(len(one.promise.waited_for_by), self.serves.get(one.promise.id, {}))
        if isinstance(one, TeamEvidence):
            return impact_of_team(self.promises.get(one.name, 0))
        return impact_of_goal(*self.goals[one.id])

    def probability(self, one: Evidence) -> float | None:
        """The chance of missing what it threatens; None for a team, of which nothing of the kind is known."""
        if isinstance(one, DeliverableEvidence):
            return one.promise.missing
        if isinstance(one, GoalEvidence):
            return None if one.chance is None else 1 - one.chance
        return None


def load_impacts(evidence: Sequence[Evidence], day: date) -> Impacts:
    """Two queries for any number."""
    mine = [one.promise for one in evidence if isinstance(one, DeliverableEvidence)]
    serves: dict[int, dict[str, bool]] = {}
    links = Deliverable.goals.through.objects.filter(
        deliverable__in=[one.id for one in mine], goal__start__lte=day, goal__end__gt=day
    )
    for pk, level, ambition in links.values_list("deliverable_id", "goal__level", "goal__ambition"):
        levels = serves.setdefault(pk, {})
        levels[level] = levels.get(level, False) or ambition == Goal.Ambition.COMMITTED
    ids = [one.id for one in evidence if isinstance(one, GoalEvidence)]
    goals = {
        pk: (level, ambition == Goal.Ambition.COMMITTED)
        for pk, level, ambition in Goal.objects.filter(pk__in=ids).values_list("pk", "level", "ambition")
    }
    return Impacts(serves, goals, Counter(one.team for one in mine))
