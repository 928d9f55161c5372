"""The outside view that a forecast must beat on the same events (FORECAST.md 6): how long things took elsewhere."""

from collections.abc import Sequence

import numpy as np

from benchmarks.forecast_cases import Deliverable
from delivery.core.questions import Question
from delivery.core.rivals import GRID


def outside_view(cases: Sequence[Question]) -> list[np.ndarray]:
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
