"""What would help most: the levers searched for the few smallest changes that bring a deliverable back."""

from __future__ import annotations

from datetime import date

from delivery.core.comparing import compare
from delivery.core.search import search
from delivery.core.suggestion import Suggestion
from delivery.models import Deliverable
from delivery.what_if import as_shown, start

ON_TRACK = 0.149
"""The chance of missing below which a promise is on track."""


def suggest(deliverable: Deliverable, *, day: date, wanted: float = ON_TRACK) -> tuple[Suggestion, ...]:
    """Changes that bring the chance of missing down to ``wanted`` or nearest to it, the best for what it disturbs first.

    Empty where there is no forecast, no promise, or where it is down there already. May take a second.
    """
    found = start(day)
    work = found.ahead.works.get(deliverable.pk) if found else None
    if found is None or work is None:
        return ()
    now = compare(found.ahead, found.futures, work.id, (), seed=found.seed).subject.now.missing
    if now is None or now <= wanted:
        return ()
    suggestions = search(
        found.ahead,
        found.futures,
        work,
        lambda levers: compare(found.ahead, found.futures, work.id, levers, seed=found.seed),
        wanted=wanted,
    )
    return tuple(Suggestion(one.levers, as_shown(one.outcome, day), one.reaches) for one in suggestions)
