"""One bank of random numbers for a whole portfolio, drawn once and read at offsets (FORECAST.md 3.5).

Who draws what is addressed by a key (a team, a deliverable, a person) and a stream, never by order: leaving one
deliverable out, or changing another one's items, changes no other number. Trial i of everything is the same future.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from delivery.core.draws import Floats

Cells = npt.NDArray[np.intp]
"""Places in a table, as they are looked up."""
Kept = npt.NDArray[np.unsignedinteger]
"""The same as they are kept: reading them anew from memory costs more than widening them."""

LENGTH: Final = 524_287
"""Prime, so that every address has an offset of its own; shifted copies of one row are as good as independent."""
STEP: Final = 324_027
"""Coprime to LENGTH and near its golden section: neighbouring addresses lie far apart."""
KINDS: Final = 16
REACH: Final = 4.0
FINE: Final = 256
COARSE: Final = 128
"""Cells of a normal between -REACH and REACH; what lies beyond is in the outermost."""
SHARED_CELLS: Final = 12
SHARED_REACH: Final = 3.0
"""The same for what items have in common, which need not be told apart as well."""


class Draw(IntEnum):
    """What a row is for; below KINDS."""

    LUCK = 0  # of a team's throughput
    STALL = 1
    ITEM = 2
    SCOPE = 3
    NEWCOMER = 4
    RATE = 5
    WORK = 6
    POOL = 7
    SIZE = 8
    TRIES = 9
    ATTEMPT = 10  # and the following ones, one for each attempt


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Standard normals, and the cells they fall in; read-only, shape (LENGTH + trials,)."""

    trials: int
    normals: Floats
    fine: Kept
    coarse: Kept
    shared: Kept  # the first place of a row of COARSE

    def fine_of(self, key: int, draw: int) -> Cells:
        """The fine cells of ``key`` for ``draw``."""
        return self.fine[self.of(key, draw)].astype(np.intp)

    def coarse_of(self, key: int, draw: int) -> Cells:
        """The coarse cells of ``key`` for ``draw``."""
        return self.coarse[self.of(key, draw)].astype(np.intp)

    def of(self, key: int, draw: int) -> slice:
        """Where the row of ``key`` for ``draw`` lies."""
        start = (key * KINDS + int(draw)) * STEP % LENGTH
        return slice(start, start + self.trials)


@lru_cache(maxsize=2)
def open_bank(seed: int, trials: int) -> Bank:
    """The bank of a seed: the same numbers for the same seed, however often it is opened."""
    normals: Floats = np.random.default_rng(seed).standard_normal(LENGTH + trials, dtype=np.float32)
    fine = fine_cells(normals)
    coarse, shared = fine // np.uint8(FINE // COARSE), shared_places(normals)
    for array in (normals, fine, coarse, shared):
        array.flags.writeable = False
    return Bank(trials, normals, fine, coarse, shared)


def fine_cells(normals: Floats) -> Kept:
    """The fine cell of each normal."""
    cells = (normals + np.float32(REACH)) * np.float32(FINE / (2 * REACH))
    return np.clip(cells, 0, FINE - 1, out=cells).astype(np.uint8)


def shared_places(normals: Floats) -> Kept:
    """Where the row of COARSE of each normal begins."""
    cells = (normals + np.float32(SHARED_REACH)) * np.float32(SHARED_CELLS / (2 * SHARED_REACH))
    return np.clip(cells, 0, SHARED_CELLS - 1, out=cells).astype(np.uint16) * np.uint16(COARSE)


def middles(cells: int, reach: float = REACH) -> npt.NDArray[np.float64]:
    """The normal values in the middle of each of ``cells`` cells."""
    return np.asarray((np.arange(cells) + 0.5) * (2 * reach / cells) - reach, dtype=np.float64)
