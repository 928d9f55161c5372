"""Pull requests on their way (METRICS.md "Pull requests"): stages, cycle time, and who waits for a first review.

Six instants are facts, stages derive from them. A missing instant, or two out of order (a review while it was still a
draft), makes a stage unknown, never 0. Reviews count from somebody who is neither the author nor a bot; the rows say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import pandas as pd

from delivery.core.measure import Spread
from delivery.core.spread import spread
from delivery.core.worktime import WorkingHours, worked
from delivery.core.zoned import instants

STAGES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "coding": ("first_commit", "created"),
        "drafting": ("created", "ready"),
        "pickup": ("ready", "first_review"),
        "review": ("first_review", "approved"),
        "merge": ("approved", "merged"),
    }
)
CYCLE: Final = ("first_commit", "merged")
UNKNOWN: Final = "where this stage is not known"


@dataclass(frozen=True, slots=True)
class Road:
    """The instants of one pull request; its stages add up to its cycle time where all are known."""

    first_commit: datetime | None
    created: datetime
    ready: datetime | None
    first_review: datetime | None
    approved: datetime | None
    merged: datetime | None

    @property
    def coding(self) -> timedelta | None:
        """First commit authored to opened."""
        return _between(self.first_commit, self.created)

    @property
    def drafting(self) -> timedelta | None:
        """Opened to ready for review: 0 where it was never a draft."""
        return _between(self.created, self.ready)

    @property
    def pickup(self) -> timedelta | None:
        """Ready for review to the first review."""
        return _between(self.ready, self.first_review)

    @property
    def review(self) -> timedelta | None:
        """First review to approval."""
        return _between(self.first_review, self.approved)

    @property
    def merge(self) -> timedelta | None:
        """Approval to merged."""
        return _between(self.approved, self.merged)

    @property
    def cycle(self) -> timedelta | None:
        """First commit authored to merged."""
        return _between(self.first_commit, self.merged)

    @property
    def stages(self) -> dict[str, timedelta | None]:
        """The stages by name, in their order."""
        return {name: getattr(self, name) for name in STAGES}

    @property
    def waits_since(self) -> datetime | None:
        """Since when an open pull request waits for its first review; None when it does not."""
        if self.merged or self.first_review:
            return None
        return self.ready


@dataclass(frozen=True, slots=True)
class Spreads:
    """How long each stage took over some merged pull requests."""

    coding: Spread
    drafting: Spread
    pickup: Spread
    review: Spread
    merge: Spread
    cycle: Spread


def spreads(merged: pd.DataFrame, hours: WorkingHours | None = None) -> Spreads:
    """Stages and cycle time of merged pull requests, a frame with the instants of ``Road`` as columns.

    Calendar time, or working time (eight hours a day) where ``hours`` are given. Each stage tells its own n.
    """
    return Spreads(
        **{name: spread(_span(merged, *ends, hours), UNKNOWN) for name, ends in STAGES.items()},
        cycle=spread(_span(merged, *CYCLE, hours), UNKNOWN),
    )


def pickup_times(found: pd.DataFrame, hours: WorkingHours | None = None) -> pd.Series:
    """How long each pull request waited for its first review; NaT where that is not known."""
    return _span(found, *STAGES["pickup"], hours)


def _span(found: pd.DataFrame, start: str, end: str, hours: WorkingHours | None) -> pd.Series:
    begin, finish = instants(found[start]), instants(found[end])
    spans = finish - begin if hours is None else worked(begin, finish, hours)
    return spans.where(begin <= finish)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    if start is None or end is None or end < start:
        return None
    return end - start
