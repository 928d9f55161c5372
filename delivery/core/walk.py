"""A whole history walked forward: which questions can be put to it, thinned to what a run can afford."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from delivery.core.questions import FIRST_DAYS, Question, Rules, asked_on, cut_offs

FEWEST_FINISHED: Final = 5
MOST_QUESTIONS: Final = 12_000
"""About two minutes of one core."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team's sorted finish days; ``end`` is the last day that its source tells of."""

    source: str
    name: str
    done: npt.NDArray[np.int64]
    end: int
    number: int

    @property
    def title(self) -> str:
        return f"{self.source}/{self.name}" if self.source else self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: the questions, how many there are, one cut-off in ``thinned`` kept, and who has too little."""

    teams: tuple[Team, ...]
    questions: tuple[Question, ...]
    thinned: int
    short: dict[str, str]


def teams_of(items: pd.DataFrame) -> tuple[list[Team], dict[str, str]]:
    """Teams of a frame of source, team, created, completed (days), and what those without finished work lack."""
    latest = items.groupby("source")[["created", "completed"]].max().max(axis=1).to_dict()
    found, short = [], {}
    for number, ((source, name), group) in enumerate(items.groupby(["source", "team"], sort=True)):
        done = np.sort(group["completed"].dropna().to_numpy(np.int64))
        team = Team(str(source), str(name), done, int(latest[source]), number)
        span = int(done[-1] - done[0]) if len(done) else 0
        if len(done) < FEWEST_FINISHED or team.end - done[0] <= FIRST_DAYS:
            short[team.title] = (
                f"not enough history: {len(done)} finished item{'' if len(done) == 1 else 's'} over {span} days; "
                f"at least {FEWEST_FINISHED} and {FIRST_DAYS} days before the first question are needed"
            )
            continue
        found.append(team)
    return found, short


def plan(items: pd.DataFrame, *, since: int | None = None, rules: Rules | None = None) -> Plan:
    """All questions about all teams from ``since`` on; every second cut-off, every third ... where there are too many."""
    asked = rules or Rules()
    teams, short = teams_of(items)
    days = [(team, cut_offs(team.done, team.end, asked, team.number)) for team in teams]
    total = sum(len(one) for _, one in days)
    thinned = max(1, -(-total * 3 // MOST_QUESTIONS))
    questions: list[Question] = []
    for team, all_days in days:
        kept = [day for day in all_days[team.number % thinned :: thinned] if since is None or day >= since]
        of_team = list(asked_on(kept, team.done, team.end, asked, (team.source, team.name)))
        if not of_team:
            short.setdefault(team.title, "no question of 3 to 240 expected days has ended within the record")
        questions += of_team
    return Plan(tuple(teams), tuple(questions), thinned, short)
