"""How good a set of scored answers is: every score of FORECAST.md 5, overall and by team, horizon and quarter.

Every team counts alike within its source, and every source alike, so that no big one decides; reliability bins and
their counts are of plain events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from delivery.core import reliability, scoring
from delivery.core.backtest import SPANS, Tables
from delivery.core.reliability import ENOUGH, Bin, Held, Skill

Floats = npt.NDArray[np.float64]

LEVELS: Final = (0.5, 0.8, 0.95)
NAMES: Final = {
    "headway": "Headway",
    "bootstrap": "Throughput of the last 12 weeks, redrawn",
    "velocity": "Average velocity",
    "outside": "What other teams took",
}
SPAN_NAMES: Final = {
    "short": "up to 2 weeks",
    "medium": "2 to 6 weeks",
    "long": "6 to 13 weeks",
    "longest": "over 13 weeks",
}


@dataclass(frozen=True, slots=True)
class Scores:
    """One method's scores. Days where it says so; the outside view has chances only, and None for the rest."""

    brier: float
    log_score: float
    ece: float
    murphy: scoring.Murphy
    crps_days: float | None = None
    log_crps: float | None = None
    width: float | None = None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """How good some answers were. With fewer than 20 questions there are no ``scores``, only the counts."""

    questions: int
    events: int
    teams: int
    scores: Mapping[str, Scores] = field(default_factory=dict)
    skills: Mapping[str, Skill] = field(
        default_factory=dict
    )  # of headway's Brier score over each; "base" the base rate
    log_crps_skill: Skill | None = None  # over the bootstrap
    bins: tuple[Bin, ...] = ()
    bins_bootstrap: tuple[Bin, ...] = ()


def account(of: Tables, keep: npt.NDArray[np.bool_] | None = None) -> Account:
    """The account of the questions in ``keep`` (a flag for each), or of all."""
    chosen = np.ones(len(of.questions), dtype=bool) if keep is None else keep
    questions, events = of.questions[chosen], of.events[chosen[of.events["question"].to_numpy(np.int64)]]
    asked = events["question"].to_numpy(np.int64)
    teams = (questions["source"] + "/" + questions["team"]).nunique()
    if len(questions) < ENOUGH or not len(events):
        return Account(len(questions), len(events), int(teams))
    weights = _weights(questions)
    by_place = pd.Series(weights, index=questions.index)
    counts = events.groupby("question").size()
    shares = by_place.loc[asked].to_numpy() / counts.loc[asked].to_numpy()
    clusters = _clusters(questions)
    event_clusters = pd.Series(clusters, index=questions.index).loc[asked].to_numpy()
    came = events["came"].to_numpy(bool)
    said = {method: events[method].to_numpy(np.float64) for method in of.methods}
    scores = {
        method: _scores(method, questions, said[method], came, (weights, shares), clusters) for method in of.methods
    }
    base = np.full(len(came), float(came @ shares / shares.sum()))
    errors = {name: (chance - came) ** 2 for name, chance in {**said, "base": base}.items()}
    over = [name for name in errors if name != "headway"]
    skills = {name: reliability.skill(errors["headway"], errors[name], shares, event_clusters) for name in over}
    log_skill = reliability.skill(
        questions["log_crps_headway"].to_numpy(np.float64),
        questions["log_crps_bootstrap"].to_numpy(np.float64),
        weights,
        clusters,
    )
    return Account(
        len(questions),
        len(events),
        int(teams),
        scores,
        {name: found for name, found in skills.items() if found},
        log_skill,
        reliability.bins(said["headway"], came),
        reliability.bins(said["bootstrap"], came),
    )


def accounts_by(of: Tables, column: str) -> dict[str, Account]:
    """An account for each team, span or quarter, in order."""
    values = of.questions[column]
    order = list(SPANS) if column == "span" else sorted(values.unique())
    found = {str(value): account(of, (values == value).to_numpy(bool)) for value in order}
    return {value: one for value, one in found.items() if one.questions}


def _scores(
    method: str,
    questions: pd.DataFrame,
    said: Floats,
    came: npt.NDArray[np.bool_],
    weights: tuple[Floats, Floats],
    clusters: npt.NDArray[Any],
) -> Scores:
    per_question, per_event = weights

    def mean(name: str) -> float:
        return float(questions[f"{name}_{method}"].to_numpy(np.float64) @ per_question / per_question.sum())

    given = np.where(came, said, 1 - said)
    surprise = -np.log(np.clip(given, 1 - scoring.SURE, scoring.SURE))
    total = per_event.sum()
    basics = (
        float((said - came) ** 2 @ per_event / total),
        float(surprise @ per_event / total),
        scoring.ece(said, came),
        scoring.murphy(said, came),
    )
    if f"pit_{method}" not in questions:
        return Scores(*basics)
    off = np.abs(questions[f"pit_{method}"].to_numpy(np.float64) - 0.5)
    held = tuple(
        reliability.held((off <= level / 2).astype(np.float64), level, per_question, clusters) for level in LEVELS
    )
    return Scores(*basics, mean("crps"), mean("log_crps"), mean("width"), held)


def _weights(questions: pd.DataFrame) -> Floats:
    sources = questions.groupby("source")["team"].nunique()
    sizes = questions.groupby(["source", "team"])["team"].transform("size").to_numpy(np.float64)
    return 1 / (sizes * questions["source"].map(sources).to_numpy(np.float64) * len(sources))


def _clusters(questions: pd.DataFrame) -> npt.NDArray[Any]:
    """Sources where there are many, else teams, else quarters of a team: what hangs together."""
    team = questions["source"] + "/" + questions["team"]
    for names in (questions["source"], team):
        if names.nunique() >= reliability.FEWEST_CLUSTERS:
            return names.to_numpy()
    return (team + "/" + questions["quarter"]).to_numpy()


def sentences(found: Account) -> tuple[str, ...]:
    """The account in plain words, each figure with its n."""
    if not found.scores:
        return (f"Not enough yet: {found.questions} of {ENOUGH} questions have an answer that can be scored.",)
    told = [_largest_bin(found.bins), *_ranges(found.scores["headway"].held)]
    told += [_plain_method(name, found) for name in ("bootstrap", "velocity", "outside") if name in found.skills]
    return tuple(told)


def _largest_bin(bins: Sequence[Bin]) -> str:
    high = [one for one in bins if 0.65 <= one.said < 0.95] or list(bins)
    one = max(high, key=lambda each: each.n)
    return (
        f"Of forecasts that said about {round(10 * one.said)} in 10, {round(100 * one.came)} in 100 came true "
        f"(n {one.n:,}; 95 % band {round(100 * one.band.low)} to {round(100 * one.band.high)})."
    )


def _ranges(held: Sequence[Held]) -> list[str]:
    return [
        f"Ranges meant to hold {round(100 * one.level)} times in 100 held {100 * one.share:.0f} times in 100 "
        f"(n {one.n:,}; 95 % band {100 * one.band.low:.0f} to {100 * one.band.high:.0f})."
        for one in held
        if one.level == LEVELS[1]
    ]


def _plain_method(name: str, found: Account) -> str:
    plain = {
        "bootstrap": "A plain throughput average (12 weeks, redrawn)",
        "velocity": "Average velocity",
        "outside": "What other teams took, taken as the forecast,",
    }[name]
    skill = found.skills[name]
    band = (
        f"; 95 % band {round(100 * skill.band.low)} to {round(100 * skill.band.high)} %".replace("-", "\N{MINUS SIGN}")
        if skill.band
        else ""
    )
    sure = skill.band is not None and skill.band.low * skill.band.high > 0
    word = "larger" if skill.value >= 0 else "smaller"
    hedge = "" if sure else ", too few to tell"
    theirs, ours = found.scores[name].brier, found.scores["headway"].brier
    return (
        f"{plain} would have had a {word} squared error: {theirs:.3f} against our {ours:.3f}; ours is "
        f"{abs(round(100 * skill.value))} % {'less' if skill.value >= 0 else 'more'} (n {found.events:,}{band}{hedge})."
    )
