"""Made-up teams and deliverables to simulate."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from delivery.core.ahead import Found, TeamAhead, WorkAhead, open_items
from delivery.core.pace import Pace

TODAY = date(2026, 11, 23)
LEADS = np.sort(np.ceil(np.random.default_rng(3).lognormal(2.2, 0.9, 120)))


def team(number: int = 1, **fields: Any) -> TeamAhead:
    return TeamAhead(id=number, leads=fields.pop("leads", LEADS), size=fields.pop("size", 6.0), **fields)


def found(ages: Any) -> Found:
    return Found(len(ages), float(np.exp(-np.asarray(ages, dtype=float) / 35).sum()))


def work(number: int = 1, ages: Any = (3, 8, 20, 33, 50), *, days: int | None = 40, **fields: Any) -> WorkAhead:
    """A deliverable with open items of these ages, promised in so many days."""
    known = {name: fields.pop(name) for name in ("begun", "stuck", "blocked", "added", "ids") if name in fields}
    return WorkAhead(
        id=number,
        team=fields.pop("team", 1),
        target=None if days is None else TODAY + timedelta(days=days),
        items=open_items(ages, **known),
        found=fields.pop("found", found(ages)),
        found_before=fields.pop("found_before", found(ages)),
        usual_items=fields.pop("usual_items", len(ages)),
        **fields,
    )


FAST = Pace(2.0, 0.05, 2.0)
