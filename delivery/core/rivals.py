"""What others do: the plain methods a forecast must beat on the same events (FORECAST.md 6).

Each answers as sorted quantiles of days, clipped at the question's horizon.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from delivery.core.questions import EPOCH, Question

Floats = npt.NDArray[np.float64]

WEEKS: Final = 12
TRIALS: Final = 2000
NEVER: Final = 3650.0
LONGEST_WEEKS: Final = 521
GRID: Final = (np.arange(400) + 0.5) / 400


def thin(days: Floats, horizon: float) -> Floats:
    """400 evenly spaced quantiles, clipped at the horizon: scored like all trials, but quickly."""
    ordered = np.sort(np.minimum(days, horizon))
    places = np.ceil(GRID * len(ordered)).astype(np.int64) - 1
    return ordered[np.maximum(places, 0)]


def weekly(question: Question) -> npt.NDArray[np.int64]:
    """Items finished in each of the last twelve weeks."""
    ages = question.today - (question.done - EPOCH).astype(np.int64)
    return np.bincount(ages[ages < 7 * WEEKS] // 7, minlength=WEEKS)


def velocity(question: Question) -> Floats:
    """One sure date from the mean of the last twelve weeks."""
    mean = float(weekly(question).mean())
    return np.array([min(np.ceil(7 * question.size / mean) if mean else NEVER, question.horizon)])


def bootstrap(question: Question, rng: np.random.Generator) -> Floats:
    """The field's standard: draw weeks of the last twelve with replacement until it is done."""
    counts = weekly(question)
    most = int(min(LONGEST_WEEKS, 8 + 4 * np.ceil(question.size / max(float(counts.mean()), 1e-9))))
    drawn = counts[rng.integers(0, WEEKS, (TRIALS, most))]
    total = drawn.cumsum(axis=1)
    week, trial = (total >= question.size).argmax(axis=1), np.arange(TRIALS)
    before = total[trial, week] - drawn[trial, week]
    share = (question.size - before) / np.maximum(drawn[trial, week], 1)
    days: Floats = np.where(total[:, -1] >= question.size, np.ceil(7 * (week + share)), NEVER)
    return thin(np.maximum(days, 1), question.horizon)


def outside_ratios(ratios: Floats, groups: npt.NDArray[Any]) -> dict[str, Floats]:
    """How much longer than expected it took the others, as sorted ratios by group; empty with one group."""
    names = set(groups.tolist())
    return {one: np.sort(ratios[groups != one]) for one in names} if len(names) > 1 else {}
