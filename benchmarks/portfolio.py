"""How long a whole portfolio takes: 10,000 futures of 300 deliverables in 30 teams, jointly, on one core.

    python -m benchmarks.portfolio

Every team has an order of work, every fourth deliverable waits for another, scope still grows. The floor is what drawing
the random numbers alone takes.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

import numpy as np

from delivery.core import attribution, bank
from delivery.core.ahead import Found, Habit, TeamAhead, WorkAhead, open_items
from delivery.core.calibration import Correction, Marks, marks_of
from delivery.core.comparing import compare
from delivery.core.counterfactual import Ahead
from delivery.core.levers import Lever, LeverKind
from delivery.core.pace import Pace
from delivery.core.portfolio import TRIALS, simulate
from delivery.core.search import search

TEAMS, DELIVERABLES, SEED = 30, 300, 1
TODAY = date(2026, 11, 23)
RECORD = Correction(-0.4, Marks(0.3, -0.2), 0.7, 60)


def organisation(*, learnt: bool) -> Ahead:
    """Teams with a year of lead times, ten deliverables each of 3 to 13 open items."""
    rng = np.random.default_rng(1)
    teams = {
        number: TeamAhead(
            id=number,
            leads=np.sort(np.ceil(rng.lognormal(2.2, 1.0, 250))),
            pace=Pace(2.0, 0.05, 2.1),
            size=7.0,
            reviews=Habit(2.0, 1.0),
            unplanned=Habit(0.4, 0.3),
        )
        for number in range(1, TEAMS + 1)
    }
    return Ahead(teams, {number: _work(number, rng, learnt) for number in range(1, DELIVERABLES + 1)})


def _work(number: int, rng: np.random.Generator, learnt: bool) -> WorkAhead:
    ages = np.ceil(rng.exponential(30, int(rng.integers(3, 14))))
    found = Found(len(ages) + 6, float(np.exp(-ages / 35).sum()))
    flags = {"added": rng.random(len(ages)) < 0.3, "stuck": ages > 60, "begun": rng.random(len(ages)) < 0.5}
    away = ((TODAY + timedelta(days=20), 0.7), (TODAY + timedelta(days=34), 1.0))
    return WorkAhead(
        id=number,
        team=1 + number % TEAMS,
        target=TODAY + timedelta(days=int(rng.integers(20, 120))),
        items=open_items(ages, ids=range(len(ages)), **flags),
        found=found,
        found_before=replace(found, known=found.known - 3),
        seen=3.0,
        exposure=4.0,
        usual_items=len(ages),
        needs=(number - 1,) if number % 4 == 0 else (),
        priority=1 + number // TEAMS,
        correction=RECORD if learnt else Correction(),
        marks=marks_of(len(ages), 2),
        steps=away,
        late=4.0,
        added=3,
        at_commitment=9,
        done=2,
    )


def timed(act: Callable[[], object], times: int = 9) -> str:
    """Median and least of some runs, in ms of processor time."""
    act()
    took = []
    for _ in range(times):
        began = time.process_time()
        act()
        took.append(1000 * (time.process_time() - began))
    return f"{median(took):7.1f} {min(took):7.1f}"


def main() -> None:
    print(f"{TRIALS:,} futures x {DELIVERABLES} deliverables x {TEAMS} teams, one core, ms (median, least)")
    for learnt, name in ((False, "jointly"), (True, "… and corrected by the organisation's record")):
        ahead = organisation(learnt=learnt)
        works = list(ahead.works.values())
        bank.open_bank(SEED, TRIALS)
        print(f"  {name:46s} {timed(lambda: simulate(ahead.teams, works, today=TODAY, seed=SEED))}")  # noqa: B023
    print(f"  {'drawing the random numbers alone':46s} {timed(lambda: bank.open_bank.__wrapped__(SEED, TRIALS))}")
    base = simulate(ahead.teams, works, today=TODAY, seed=SEED)
    one = ahead.works[8]
    levers = {
        "what if: leave two items for later": Lever(LeverKind.REMOVE_SCOPE, 8, items=2),
        "what if: borrow two people": Lever(
            LeverKind.ADD_PEOPLE, team=one.team, people=2.0, day=TODAY + timedelta(days=9), lender=2
        ),
    }
    for name, lever in levers.items():
        print(f"  {name:46s} {timed(lambda: compare(ahead, base, 8, [lever], seed=SEED))}")  # noqa: B023
    explain = timed(lambda: attribution.explain(one, ahead.teams[one.team], base, usual=0.43, usual_n=30, seed=SEED))
    print(f"  {'drivers of one deliverable, 256 combinations':46s} {explain}")
    found = timed(
        lambda: search(ahead, base, one, lambda pulled: compare(ahead, base, 8, pulled, seed=SEED), wanted=0.15), 3
    )
    print(f"  {'suggestions for one deliverable':46s} {found}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  at most {most:.0f} MiB")


if __name__ == "__main__":
    main()
