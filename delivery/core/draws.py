"""Common random numbers, and the few distributions the simulations need.

Every draw is addressed by seed, stream and row, so two runs of a simulation differ by what was
changed and not by noise. Rows are cached: drawing costs more than using them.
"""

from enum import IntEnum
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

EXACT_SHAPES: Final = 30
"""Up to this shape a Gamma is read off its exact distribution, above it is Wilson-Hilferty."""
CDF_REACH: Final = 6.0
CDF_CELLS: Final = 8192


class Stream(IntEnum):
    """What a row of random numbers is for."""

    LEVEL = 1
    DRIFT = 2
    WEEK = 3
    SLOWDOWN = 4
    WORK = 5
    STALL = 6
    ITEM = 7
    OWN_RATE = 8
    OWN_WORK = 9
    SCOPE = 10
    ARRIVAL = 11
    POOL = 12
    NEWCOMER = 13


@lru_cache(maxsize=256)
def normals(seed: int, stream: Stream, row: int, trials: int) -> Floats:
    """Standard normal draws, always the same for the same address; shape (trials,), read-only."""
    rng = np.random.default_rng((seed, int(stream), row))
    drawn = rng.standard_normal(trials, dtype=np.float32)
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=1)
def _cdf_table() -> Floats:
    normal = NormalDist()
    middles = (np.arange(CDF_CELLS) + 0.5) * (2 * CDF_REACH / CDF_CELLS) - CDF_REACH
    return np.array([normal.cdf(z) for z in middles.tolist()], dtype=np.float32)


def normal_cdf(z: Floats) -> Floats:
    """P(Z <= z) to within 0.0003, strictly between 0 and 1; by table, as NumPy has no erf."""
    return _cdf_table()[_cells(z)]


def _cells(z: Floats) -> npt.NDArray[np.int32]:
    cells = (z + np.float32(CDF_REACH)) * np.float32(CDF_CELLS / (2 * CDF_REACH))
    found: npt.NDArray[np.int32] = np.clip(cells, 0, CDF_CELLS - 1).astype(np.int32)
    return found


def largest_normal(count: int, z: Floats) -> Floats:
    """The largest of `count` independent normals, at the same probability as the normal `z`."""
    return z if count == 1 else _largest_table(count)[_cells(z)]


@lru_cache(maxsize=64)
def _largest_table(count: int) -> Floats:
    return normal_quantile(_cdf_table() ** np.float32(1 / count))


@lru_cache(maxsize=EXACT_SHAPES)
def _gamma_table(shape: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Pairs (z, x) with P(Z <= z) = P(Gamma(shape) <= x), for a whole-numbered shape."""
    x = shape * np.geomspace(1e-7 if shape == 1 else 1e-3, 8 + 16 / shape, 800)
    terms = np.cumprod(np.vstack([np.ones_like(x), *(x / k for k in range(1, shape))]), axis=0)
    p = 1 - np.exp(-x) * terms.sum(axis=0)
    inside = (p > 1e-9) & (p < 1 - 1e-9)
    normal = NormalDist()
    return np.array([normal.inv_cdf(q) for q in p[inside].tolist()]), x[inside]


def gamma_quantile(shape: int, z: Floats) -> Floats:
    """The Gamma(shape, 1) value at the same probability as the standard normal `z`.

    Rises with `shape` for every trial, so more work never ends sooner. Exact up to shape 30, then
    Wilson-Hilferty n (1 - 1/(9n) + z/(3 sqrt n))**3 (FORECAST.md 3.5).
    """
    if shape <= EXACT_SHAPES:
        return np.interp(z, *_gamma_table(shape)).astype(np.float32)
    return wilson_hilferty(np.float32(shape), z)


def wilson_hilferty(shape: Floats | np.float32, z: Floats) -> Floats:
    """Approximate Gamma(shape, 1) value at the standard normal `z`; good from shape 1, exact at none."""
    root = 1 - 1 / (9 * shape) + z / (3 * np.sqrt(shape))
    cubed: Floats = (shape * np.maximum(root, np.float32(0.01)) ** 3).astype(np.float32)
    return cubed


@lru_cache(maxsize=1)
def _quantile_table() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    z = np.linspace(-CDF_REACH, CDF_REACH, 1201)
    return np.array([NormalDist().cdf(at) for at in z.tolist()]), z


def normal_quantile(p: npt.NDArray[np.floating]) -> Floats:
    """The z with P(Z <= z) = `p`, clipped to six standard deviations."""
    z: Floats = np.interp(p, *_quantile_table()).astype(np.float32)
    return z
