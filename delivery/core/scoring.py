"""How good were the forecasts? The scores of FORECAST.md 5, each on plain arrays.

`chance` is the forecast probability of an event, `happened` whether it did (True/1 or False/0);
`days` are the simulated days of one forecast, `outcome` the days it really took. Score only
forecasts made before the outcome was known, clip late outcomes at one horizon for all methods, and
count one forecast per deliverable and age. Empty input raises ValueError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating] | npt.NDArray[np.integer] | Sequence[float]
Flags = npt.NDArray[np.bool_] | npt.NDArray[np.integer] | Sequence[bool] | Sequence[int]
Floats = npt.NDArray[np.float64]

HORIZON_DAYS: Final = 3650.0
SURE: Final = 0.995
"""The log score takes no chance as surer than this."""
SHORTEST_DAYS: Final = 0.5
"""Done on the day itself, where a logarithm is needed."""


@dataclass(frozen=True, slots=True)
class Murphy:
    """Brier score taken apart: reliability - resolution + uncertainty (Murphy 1973)."""

    reliability: float
    """How far what was said lies from what happened; 0 is calibrated."""
    resolution: float
    """How far the groups differ from the base rate; larger is more useful."""
    uncertainty: float
    """Of the events themselves: b (1 - b) at base rate b."""


def brier(chance: Numbers, happened: Flags) -> float:
    """Mean squared error of the chances: 0 is perfect, 0.25 is always saying one half."""
    p, o = _pairs(chance, happened)
    return float(np.mean((p - o) ** 2))


def skill(score: float, reference: float) -> float:
    """1 - score / reference on the same events: 1 is perfect, 0 no better, below 0 worse.

    Raises ValueError where the reference made no error, so that there is nothing to improve on.
    """
    if reference <= 0:
        raise ValueError("a perfect reference cannot be improved on")
    return 1 - score / reference


def murphy(chance: Numbers, happened: Flags, bins: int = 10) -> Murphy:
    """Murphy's parts over equal-width bins of the chance.

    They add up to the Brier score exactly where all chances within a bin are equal.
    """
    p, o = _pairs(chance, happened)
    weights, said, came = _bins(p, o, bins)
    base = float(o.mean())
    reliability = float(np.sum(weights * (said - came) ** 2))
    return Murphy(reliability, float(np.sum(weights * (came - base) ** 2)), base * (1 - base))


def ece(chance: Numbers, happened: Flags, bins: int = 10) -> float:
    """Expected calibration error: mean gap between said and happened over bins of the chance."""
    weights, said, came = _bins(*_pairs(chance, happened), bins)
    return float(np.sum(weights * np.abs(said - came)))


def log_score(chance: Numbers, happened: Flags) -> float:
    """Mean of -log(chance given to what happened), in nats; chances clipped to [0.005, 0.995]."""
    p, o = _pairs(chance, happened)
    p = np.clip(p, 1 - SURE, SURE)
    return float(-np.mean(np.where(o == 1, np.log(p), np.log(1 - p))))


def crps(days: Numbers, outcome: float, horizon: float = HORIZON_DAYS) -> float:
    """Continuous ranked probability score in days: E|X - y| - E|X - X'| / 2.

    For a single sure date it is the absolute error. Both sides are clipped at `horizon`.
    """
    return _sample_crps(np.minimum(_samples(days), horizon), min(outcome, horizon))


def log_crps(days: Numbers, outcome: float, horizon: float = HORIZON_DAYS) -> float:
    """The same on log days, hence free of scale: 0.1 is about 10 % off; under half a day is half."""
    clipped = np.clip(_samples(days), SHORTEST_DAYS, horizon)
    return _sample_crps(np.log(clipped), float(np.log(np.clip(outcome, SHORTEST_DAYS, horizon))))


def pit(days: Numbers, outcome: float, tie: float) -> float:
    """Probability integral transform F(y-) + tie (F(y) - F(y-)): where the outcome fell, 0 to 1.

    `tie` is a uniform draw in [0, 1], needed because whole days tie. Over many forecasts a flat
    histogram is calibrated, a U too narrow, a slope biased.
    """
    samples = _samples(days)
    below, upto = np.mean(samples < outcome), np.mean(samples <= outcome)
    return float(below + tie * (upto - below))


def coverage(pits: Numbers, level: float) -> float:
    """Share of outcomes inside the central interval of probability `level`, from their PITs."""
    u = _samples(pits)
    return float(np.mean(np.abs(u - 0.5) <= level / 2))


def sharpness(days: Numbers, horizon: float = HORIZON_DAYS) -> float:
    """log(q90 / q10) of one forecast, the width; compare only calibrated methods."""
    clipped = np.clip(_samples(days), SHORTEST_DAYS, horizon)
    low, high = np.quantile(clipped, (0.1, 0.9))
    return float(np.log(high / low))


def _sample_crps(samples: Floats, outcome: float) -> float:
    n = len(samples)
    ranks = 2 * np.arange(1, n + 1) - n - 1
    spread = np.sum(ranks * np.sort(samples)) / n**2
    return float(np.mean(np.abs(samples - outcome)) - spread)


def _bins(p: Floats, o: Floats, bins: int) -> tuple[Floats, Floats, Floats]:
    """Weight, mean chance and share happened of each bin that is not empty."""
    index = np.minimum((p * bins).astype(np.int64), bins - 1)
    count = np.bincount(index, minlength=bins)
    used = count > 0
    said = np.bincount(index, weights=p, minlength=bins)[used] / count[used]
    came = np.bincount(index, weights=o, minlength=bins)[used] / count[used]
    return count[used] / len(p), said, came


def _samples(values: Numbers) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0:
        raise ValueError("nothing to score")
    return found


def _pairs(chance: Numbers, happened: Flags) -> tuple[Floats, Floats]:
    p, o = _samples(chance), np.asarray(happened, dtype=np.float64)
    if p.shape != o.shape:
        raise ValueError("one outcome is needed for every chance")
    return p, o
