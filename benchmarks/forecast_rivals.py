"""What others do: the baselines a forecast must beat on the same events (FORECAST.md 6)."""

from collections.abc import Sequence

import numpy as np

from benchmarks.forecast_cases import EPOCH, Deliverable, Next

WEEKS = 12
TRIALS = 2000
NEVER = 3650.0
GRID = (np.arange(400) + 0.5) / 400


def thin(days: np.ndarray, horizon: float) -> np.ndarray:
    """400 evenly spaced quantiles, clipped at the horizon: scored like all trials, but quickly."""
    found: np.ndarray = np.quantile(np.minimum(days, horizon), GRID, method="inverted_cdf")
    return found


def weekly(case: Next) -> np.ndarray:
    """Items finished in each of the last twelve weeks."""
    ages = case.today - (case.done - EPOCH).astype(int)
    return np.bincount(ages[ages < 7 * WEEKS] // 7, minlength=WEEKS)


def velocity(case: Next) -> np.ndarray:
    """One sure date from the mean of the last twelve weeks."""
    mean = weekly(case).mean()
    return np.array([min(np.ceil(7 * case.size / mean) if mean else NEVER, case.horizon)])


def bootstrap(case: Next, rng: np.random.Generator) -> np.ndarray:
    """The field's standard: draw weeks of the last twelve with replacement until it is done."""
    counts = weekly(case)
    most = int(min(521, 8 + 4 * np.ceil(case.size / max(counts.mean(), 1e-9))))
    drawn = counts[rng.integers(0, WEEKS, (TRIALS, most))]
    total = drawn.cumsum(axis=1)
    week, trial = (total >= case.size).argmax(axis=1), np.arange(TRIALS)
    before = total[trial, week] - drawn[trial, week]
    share = (case.size - before) / np.maximum(drawn[trial, week], 1)
    days = np.where(total[:, -1] >= case.size, np.ceil(7 * (week + share)), NEVER)
    return thin(np.maximum(days, 1), case.horizon)


def outside_view(cases: Sequence[Next]) -> list[np.ndarray]:
    """Expected duration times how much longer it took elsewhere: the other sources' ratios."""
    ratios = np.array([case.outcome / case.expected for case in cases])
    sources = np.array([case.source for case in cases])
    elsewhere = {one: np.quantile(ratios[sources != one], GRID) for one in set(sources.tolist())}
    return [np.clip(np.ceil(elsewhere[case.source] * case.expected), 1, case.horizon) for case in cases]


def outside_view_of_deliverables(cases: Sequence[Deliverable], ends: Sequence[float]) -> list[np.ndarray]:
    """What other deliverables of this age and about as many open items took."""
    took, weeks = np.array(ends), np.array([case.weeks for case in cases])
    names = np.array([f"{case.source} {case.team}" for case in cases])
    sizes = np.log([case.n_open for case in cases])
    found = []
    for row, case in enumerate(cases):
        others = (names != names[row]) & (weeks == case.weeks)
        alike = others & (np.abs(sizes - sizes[row]) < 0.75)
        found.append(np.minimum(took[alike if alike.sum() >= 20 else others], case.horizon))
    return found
