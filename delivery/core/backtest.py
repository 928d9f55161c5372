"""The walk-forward backtest: the same questions put to the forecast and to the plain methods, scored on the same events.

A question that the forecast cannot answer is left out for all methods, and counted. The outside view (what others took,
relative to what was expected) is no answer of its own time but the best constant in hindsight: a hard rival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from delivery.core import rivals
from delivery.core.calendar import Calendar
from delivery.core.forecast import NotEnoughHistory, completion_days
from delivery.core.questions import Question, as_date, day_in_quarter
from delivery.core.scoring import SHORTEST_DAYS

Floats = npt.NDArray[np.float64]

BACKTEST_VERSION: Final = 1
"""Raised when the throughput forecast or a score changes: stored answers are then made again."""
METHODS: Final = ("headway", "bootstrap", "velocity")
TRIALS: Final = 2000
SPANS: Final = {"short": 14.0, "medium": 42.0, "long": 91.0, "longest": np.inf}
"""Classes of horizon, by the expected days up to which they reach."""

Calendars = Callable[[str, date], Calendar | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A scored question. Every score is by method, in the order of ``METHODS``; days, or shares from 0 to 1."""

    source: str
    team: str
    day: date
    size: int
    expected: float
    horizon: float
    outcome: float
    events: tuple[int, ...]
    said: tuple[tuple[float, ...], ...]  # by method: the chance of each event
    pits: tuple[float, ...]
    crps: tuple[float, ...]
    log_crps: tuple[float, ...]
    widths: tuple[float, ...]

    @property
    def came(self) -> tuple[bool, ...]:
        return tuple(self.outcome <= event for event in self.events)


def answer(question: Question, calendar: Calendar | None = None) -> Answer:
    """Put a question to every method and score the answers; raises NotEnoughHistory."""
    day = as_date(question.today)
    seed = crc32(f"{question.source}:{question.team}:{day}".encode())
    rng = np.random.default_rng([seed, question.size])
    days = completion_days(question.done, day, question.size, trials=TRIALS, seed=seed, calendar=calendar)
    found = (rivals.thin(days, question.horizon), rivals.bootstrap(question, rng), rivals.velocity(question))
    took, tie = question.outcome, float(rng.random())
    return Answer(
        question.source,
        question.team,
        day,
        question.size,
        question.expected,
        question.horizon,
        took,
        tuple(question.events),
        tuple(tuple(chances(one, question.events)) for one in found),
        tuple(_pit(one, took, tie) for one in found),
        tuple(_crps(one, took) for one in found),
        tuple(_crps(np.log(np.maximum(one, SHORTEST_DAYS)), np.log(max(took, SHORTEST_DAYS))) for one in found),
        tuple(_width(one) for one in found),
    )


def answers(
    questions: Iterable[Question], calendars: Calendars | None = None, told: Callable[[int], None] | None = None
) -> tuple[list[Answer], int]:
    """All that can be answered, and how many could not; ``told`` hears how many have been asked."""
    found, unanswered = [], 0
    for question in questions:
        try:
            found.append(answer(question, calendars(question.team, as_date(question.today)) if calendars else None))
        except NotEnoughHistory:
            unanswered += 1
        if told:
            told(len(found) + unanswered)
    return found, unanswered


def chances(ordered: Floats, events: Sequence[int]) -> list[float]:
    """(k + 1/2) / (S + 1) for each event; a single sure date is taken at its word."""
    done = np.searchsorted(ordered, np.asarray(events, dtype=np.float64), side="right")
    shares = done.astype(np.float64) if len(ordered) == 1 else (done + 0.5) / (len(ordered) + 1)
    return [float(share) for share in shares]


def _pit(ordered: Floats, took: float, tie: float) -> float:
    below, upto = (np.searchsorted(ordered, took, side=side) / len(ordered) for side in ("left", "right"))
    return float(below + tie * (upto - below))


def _crps(ordered: Floats, took: float) -> float:
    n = len(ordered)
    spread = float((2 * np.arange(1, n + 1) - n - 1) @ ordered) / n**2
    return float(np.abs(ordered - took).mean() - spread)


def _width(ordered: Floats) -> float:
    """log(q90 / q10)."""
    low, high = np.quantile(np.maximum(ordered, SHORTEST_DAYS), (0.1, 0.9))
    return float(np.log(high / low))


def span_of(expected: float) -> str:
    """The class of horizon of an expected duration in days."""
    return next(name for name, upto in SPANS.items() if expected <= upto)


@dataclass(frozen=True, slots=True)
class Tables:
    """Answers as columns: a row per question, and a row per event of a question (``question`` is its place)."""

    questions: pd.DataFrame
    events: pd.DataFrame
    methods: tuple[str, ...]


def tables(found: Sequence[Answer]) -> Tables:
    """Columns for reports, with the outside view where there are two teams (or sources) to look at."""
    questions = _question_table(found)
    events = pd.DataFrame(
        [
            (place, event, came, *said)
            for place, one in enumerate(found)
            for event, came, *said in zip(one.events, one.came, *one.said, strict=True)
        ],
        columns=["question", "event", "came", *METHODS],
    )
    column = "source" if questions["source"].nunique() > 1 else "team"
    outside = rivals.outside_ratios(
        (questions["outcome"] / questions["expected"]).to_numpy(np.float64), questions[column].to_numpy()
    )
    if not outside:
        return Tables(questions, events, METHODS)
    events["outside"] = _outside(events, questions, outside, column)
    return Tables(questions, events, (*METHODS, "outside"))


def _question_table(found: Sequence[Answer]) -> pd.DataFrame:
    rows = [
        (one.source, one.team, one.size, one.outcome, one.expected, one.outcome >= one.horizon)
        + (day_in_quarter(one.day), span_of(one.expected), one.day)
        for one in found
    ]
    table = pd.DataFrame(
        rows, columns=["source", "team", "size", "outcome", "expected", "late", "quarter", "span", "day"]
    )
    for place, method in enumerate(METHODS):
        for name, values in (("pit", "pits"), ("crps", "crps"), ("log_crps", "log_crps"), ("width", "widths")):
            table[f"{name}_{method}"] = [getattr(one, values)[place] for one in found]
    return table


def _outside(
    events: pd.DataFrame, questions: pd.DataFrame, outside: dict[str, Floats], column: str
) -> npt.NDArray[Any]:
    """Chance of each event by how much longer than expected it took elsewhere."""
    places = events["question"].to_numpy()
    shares = events["event"].to_numpy(np.float64) / questions["expected"].to_numpy(np.float64)[places]
    groups = questions[column].to_numpy()[places]
    said = np.empty(len(events))
    for group, ratios in outside.items():
        here = groups == group
        said[here] = (np.searchsorted(ratios, shares[here], side="right") + 0.5) / (len(ratios) + 1)
    return said
