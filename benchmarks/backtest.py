"""How long the nightly backtest of an organisation takes: 30 made-up teams, two years of questions, all on one core.

    python -m benchmarks.backtest

The whole record is asked at once here; a night only asks what became due. The bar is five minutes.
"""

import time

import numpy as np

from delivery.core.backtest import answers, tables
from delivery.core.questions import EVERY_NIGHT, FIRST_DAYS, RECORD_DAYS, asked_on
from delivery.core.track_record import account, accounts_by

TEAMS = 30
DAYS = RECORD_DAYS + FIRST_DAYS
BAR_SECONDS = 300


def main() -> None:
    rng = np.random.default_rng(7)
    start = time.perf_counter()
    questions = []
    for number in range(TEAMS):
        a_week = float(rng.uniform(3, 15))
        done = np.sort(rng.integers(0, DAYS, int(a_week * DAYS / 7)))
        days = range(FIRST_DAYS, DAYS, EVERY_NIGHT.apart)
        questions += list(asked_on(days, done, DAYS, EVERY_NIGHT, ("", f"team {number}")))
    found, unanswered = answers(questions)
    asked = time.perf_counter() - start
    made = tables(found)
    account(made)
    for part in ("team", "span", "quarter"):
        accounts_by(made, part)
    told = time.perf_counter() - start - asked
    print(
        "| teams | questions | not answered | asked and scored, s | all accounts, s | bar, s |\n|---|---|---|---|---|---|"
    )
    print(f"| {TEAMS} | {len(questions):,} | {unanswered} | {asked:.1f} | {told:.1f} | {BAR_SECONDS} |")


if __name__ == "__main__":
    main()
