"""Measure the forecast against its bar (FORECAST.md 4) on real histories.

    python -m benchmarks.forecast_bar [--data FOLDER] [--sources N] [--quick]

Where the bar speaks of held-out sources this shows the sources in FOLDER.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from benchmarks import forecast_cases as cases
from benchmarks import forecast_rivals as rivals
from delivery.core import rivals as plain
from delivery.core import scoring
from delivery.core.forecast import NotEnoughHistory, completion_days, deliverable_days
from delivery.core.questions import Question, as_date

Case = Question | cases.Deliverable
C = TypeVar("C", bound=Case)
DATA = Path(__file__).parent.parent / "../shared/forecast-data"


@dataclass(frozen=True, slots=True)
class Scores:
    """One method's scores: a row per forecast, and every (chance, happened) of its events."""

    rows: pd.DataFrame
    said: list[float]
    came: list[bool]

    def mean(self, column: str) -> float:
        """Over teams within a source, then over sources, so that no big one decides."""
        return float(self.by_source(column).mean())

    def by_source(self, column: str) -> "pd.Series[float]":
        return self.rows.groupby(["source", "team"])[column].mean().groupby("source").mean()


def score(forecasts: Sequence[np.ndarray], questions: Sequence[Case], ends: Sequence[float]) -> Scores:
    """Score quantiles of days against what it took; `ends` are clipped at each case's horizon."""
    rng = np.random.default_rng(5)
    rows, said, came = [], [], []
    for days, case, end in zip(forecasts, questions, ends, strict=True):
        took = min(end, case.horizon)
        chances = [chance(days, day) for day in case.events]
        happened = [took <= day for day in case.events]
        said += chances
        came += happened
        rows.append(
            {
                "source": group_of(case)[0],
                "team": group_of(case)[1],
                "pit": scoring.pit(days, took, rng.random()),
                "log_crps": scoring.log_crps(days, took),
                "width": scoring.sharpness(days),
                "late": np.log(took) - np.log(np.maximum(days, 0.5)).mean(),
                "brier": scoring.brier(chances, happened) if chances else np.nan,
            }
        )
    table = pd.DataFrame(rows)
    for level in (50, 80, 95):
        table[f"in{level}"] = (table.pit - 0.5).abs() <= level / 200
    return Scores(table, said, came)


def group_of(case: Case) -> tuple[str, str]:
    """Scores are means over teams within a source, then over sources; deliverables are all alike: most sources hold a few."""
    if isinstance(case, Question):
        return case.source, case.team
    return "all", f"{case.source} {case.team} {case.weeks}"


def chance(days: np.ndarray, day: float) -> float:
    """(k + 1/2) / (S + 1); a single sure date is taken at its word."""
    done = int(np.count_nonzero(days <= day))
    return float(done) if len(days) == 1 else (done + 0.5) / (len(days) + 1)


def show(name: str, scores: Scores) -> None:
    inside = "/".join(f"{100 * scores.mean(f'in{level}'):5.1f}" for level in (50, 80, 95))
    numbers = "  ".join(f"{scores.mean(column):6.3f}" for column in ("log_crps", "width", "brier"))
    ece = scoring.ece(scores.said, scores.came)
    print(f"  {name:26s} {len(scores.rows):6d}  {inside}  {numbers}  {ece:6.3f}")


def head(title: str) -> None:
    print(
        f"\n{title}\n  {'':26s} {'n':>6s}  {'50/80/95 % hold':17s}  {'l-CRPS':>6s}  {'width':>6s}  {'Brier':>6s}  {'ECE':>6s}"
    )


def compare(ours: Scores, theirs: Scores, name: str, goal: str) -> None:
    """Skill over a rival with a 95 % interval from resampling sources."""
    mine, other = ours.by_source("brier"), theirs.by_source("brier")
    rng = np.random.default_rng(7)
    picks = rng.integers(0, len(mine), (1000, len(mine)))
    skills = 1 - mine.to_numpy()[picks].mean(axis=1) / other.to_numpy()[picks].mean(axis=1)
    low, high = np.quantile(skills, (0.025, 0.975))
    log_skill = scoring.skill(ours.mean("log_crps"), theirs.mean("log_crps"))
    better = 100 * float((mine < other).mean())
    print(
        f"  skill over {name:22s} Brier {scoring.skill(mine.mean(), other.mean()):+.3f} [{low:+.3f}, {high:+.3f}]"
        f"  log-CRPS {log_skill:+.3f}  better in {better:.0f} % of sources   (bar {goal})"
    )


def measure_next(items: pd.DataFrame, every: int, trials: int) -> None:
    head("Next N items: bar 48-53/78-82/92.5-96 %, ECE <= .03")
    questions = list(cases.next_items(items, every))
    ours, questions = answer(questions, partial(next_days, trials=trials))
    ends = [case.outcome for case in questions]
    scored = score(ours, questions, ends)
    show("this forecast", scored)
    rng = np.random.default_rng(1)
    boot = score([plain.bootstrap(case, rng) for case in questions], questions, ends)
    outside = score(rivals.outside_view(questions), questions, ends)
    sure = score([plain.velocity(case) for case in questions], questions, ends)
    for name, other in (("bootstrap, 12 weeks", boot), ("outside view", outside), ("velocity", sure)):
        show(name, other)
    compare(scored, boot, "bootstrap, 12 weeks", ">= +.12, log-CRPS +.09, 90 %")
    compare(scored, outside, "outside view", ">= +.06")
    compare(scored, sure, "velocity", ">= +.36")
    by_size(scored, questions)
    december(scored, boot, questions)


def by_size(scored: Scores, questions: Sequence[Question]) -> None:
    held = scored.rows.in80.groupby([case.size for case in questions]).mean()
    print("  80 % holds by N:", ", ".join(f"{size}: {100 * share:.0f} %" for size, share in held.items()))


def december(scored: Scores, boot: Scores, questions: Sequence[Question]) -> None:
    soon = np.array([case.expected <= 30 for case in questions])
    at_year_end = np.array([as_date(case.today).month == 12 for case in questions])
    for name, chosen in (("December", soon & at_year_end), ("other months", soon & ~at_year_end)):
        if chosen.any():
            late = [float(each.rows.late[chosen].mean()) for each in (scored, boot)]
            print(
                f"  bias of log T, up to 30 days ahead, {name}: {late[0]:+.3f} (bar .05),"
                f" bootstrap {late[1]:+.3f}; n {chosen.sum()}"
            )


def measure_short_history(items: pd.DataFrame, every: int, trials: int) -> None:
    head("Little history: bar 75 % in the 80 % interval at 4 weeks")
    for weeks in (4, 8, 13):
        asked = list(cases.next_items(items, every, weeks))
        ours, questions = answer(asked, partial(next_days, trials=trials))
        show(f"{weeks} weeks known", score(ours, questions, [case.outcome for case in questions]))
        print(f"    too little to answer: {len(asked) - len(questions)} of {len(asked)}")


def measure_deliverables(items: pd.DataFrame, folder: Path, trials: int) -> None:
    asked = list(cases.deliverables(items, folder))
    if not asked:
        print("\nDeliverables: none in these sources")
        return
    for known, bar in ((True, "77-84 %, ECE <= .02, skill >= +.20"), (False, "75-83 %, ECE <= .02, skill >= +.10")):
        head(f"Deliverables, {'known' if known else 'growing'} scope: bar {bar}")
        ours, questions = answer(asked, partial(own_days, trials=trials, known=known))
        ends = [case.known_end if known else case.end for case in questions]
        scored = score(ours, questions, ends)
        show("this forecast", scored)
        outside = score(rivals.outside_view_of_deliverables(questions, ends), questions, ends)
        show("outside view", outside)
        print(f"  skill over the outside view: Brier {scoring.skill(scored.mean('brier'), outside.mean('brier')):+.3f}")


def next_days(case: Question, trials: int) -> np.ndarray:
    return completion_days(case.done, as_date(case.today), case.size, trials=trials)


def own_days(case: cases.Deliverable, trials: int, known: bool) -> np.ndarray:
    team, own = (
        (cases.as_days(table.created), cases.as_days(table.completed)) for table in (case.team_items, case.items)
    )
    return deliverable_days(team, own, as_date(case.today), trials=trials, scope_known=known)


def answer(asked: Sequence[C], ask: Callable[[C], np.ndarray]) -> tuple[list[np.ndarray], list[C]]:
    """Quantiles for every question that can be answered, and those questions."""
    found, answered = [], []
    for case in asked:
        try:
            found.append(plain.thin(ask(case), case.horizon))
        except NotEnoughHistory:
            continue
        answered.append(case)
    return found, answered


def measure_time(items: pd.DataFrame, folder: Path) -> None:
    print("\nOne call, 10,000 trials, ms (median, slowest of 60)")
    some = list(cases.next_items(items, 40))[:60]
    show_time("completion_days", [seconds(partial(next_days, case, 10_000)) for case in some])
    goals = list(cases.deliverables(items, folder))[:60]
    show_time("deliverable_days", [seconds(partial(own_days, case, 10_000, False)) for case in goals])


def show_time(name: str, took: list[float]) -> None:
    if took:
        print(f"  {name:18s} {1000 * np.median(took):6.1f} {1000 * max(took):6.1f}")


def seconds(ask: Callable[[], np.ndarray]) -> float:
    start = time.perf_counter()
    with suppress(NotEnoughHistory):
        ask()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("FORECAST_DATA", DATA)))
    parser.add_argument("--sources", type=int, help="only the first N sources")
    parser.add_argument("--quick", action="store_true", help="every fifth cut-off, 1,000 trials")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"there are no histories at {options.data}; name their folder with --data or FORECAST_DATA")
    items = cases.read_items(options.data)
    if options.sources:
        items = items[items.source.isin(sorted(items.source.unique())[: options.sources])]
    every, trials = (5, 1000) if options.quick else (1, 10_000)
    measure_next(items, every, trials)
    measure_short_history(items, 2 * every, min(trials, 2000))
    measure_deliverables(items, options.data, trials)
    measure_time(items, options.data)


if __name__ == "__main__":
    main()
