"""The four charts of a team; None where there is nothing to draw, with the reason beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from dashboards.charts import ageing, cycle_time, review_wait, throughput
from dashboards.charts.common import Figure
from dashboards.charts.cycle_time import Finished
from dashboards.definitions import COUNTED
from delivery.core import flow
from delivery.core.measure import Spread
from delivery.core.zoned import day_of
from delivery.queries import OpenItem

# A guess at the order of a team's statuses, for the picture only: no number rests on it.
STEPS: Final = (("progress", "develop", "doing", "dev"), ("block", "wait", "hold"), ("review",))
LATER: Final = (("test", "qa", "valid", "verif"), ("ready", "stag", "merge", "release", "deploy", "rollout"))
ORDER: Final = {word: place for place, words in enumerate(STEPS + LATER) for word in words}


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart, or its title and why it cannot be drawn; ``metric`` as ``definitions`` names it."""

    metric: str
    title: str
    figure: Figure | None
    why: str = ""

    @property
    def counted(self) -> str:
        """How its number is counted."""
        return COUNTED[self.metric]


def finished_a_week(weeks: Sequence[tuple[date, int]], begins: str = "") -> Panel:
    """``begins``: the day the record begins, where that shortens the ``weeks``."""
    title = "How much gets finished?"
    if not weeks:
        return Panel("throughput", title, None, "No whole week is known yet.")
    if not sum(count for _, count in weeks):
        return Panel("throughput", title, None, "No item was finished in this time.")
    return Panel("throughput", title, throughput.figure(weeks, begins))


def cycle_times(done: pd.DataFrame, zone: str) -> Panel:
    """``done``: the finished items of the period, with their cycle time where they have a start."""
    title = "How long does an item take?"
    usual = flow.cycle_times(done)
    known = done[done["cycle"].notna() & (done["cycle"] >= pd.Timedelta(0))]
    items = [
        Finished(key, day_of(finished.to_pydatetime(), zone), took.to_pytimedelta())
        for key, finished, took in known[["key", "finished", "cycle"]].itertuples(index=False)
    ]
    if not items:
        return Panel(
            "cycle_time", title, None, f"No finished item has a known start{f': {usual.why}' if usual.why else ''}."
        )
    return Panel("cycle_time", title, cycle_time.figure(items, usual.p50, usual.p85, usual.why))


def ages(found: Sequence[OpenItem], usual: Spread) -> Panel:
    items = [ageing.Open(one.key, one.status, one.age) for one in found if one.age is not None]
    title = "What is getting old?"
    if not items:
        return Panel("age", title, None, "No item is in progress.")
    statuses = sorted({item.status for item in items}, key=lambda status: (_place(status), status))
    return Panel("age", title, ageing.figure(items, statuses, usual.p50, usual.p85))


def review_waits(waits: pd.Series, spread: Spread) -> Panel:
    """``waits``: working time until the first review, NaT where it is not known."""
    title = "How long until a first review?"
    known: list[timedelta] = [wait.to_pytimedelta() for wait in waits.dropna()]
    if not known:
        return Panel(
            "review_wait", title, None, f"No change has a known first review{f': {spread.why}' if spread.why else ''}."
        )
    return Panel("review_wait", title, review_wait.figure(known, spread.p50, spread.why))


def _place(status: str) -> int:
    found = [place for word, place in ORDER.items() if word in status.lower()]
    return max(found) if found else len(STEPS)
