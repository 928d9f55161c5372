"""When a deliverable may be called delivered or dropped, and what must be said about it."""

from __future__ import annotations

from datetime import date

from delivery.goals import FIRST_DAY, LONGEST_TEXT
from delivery.models import Deliverable


def problems(
    row: Deliverable, delivered: date | None, dropped: date | None, *, why: str, today: date
) -> dict[str, str]:
    """Why ``row`` cannot end so on ``today``, by field. Neither day is open again. No queries."""
    found = {}
    if not why.strip():
        found["why"] = "Say why in a sentence: readers of its history will ask."
    elif len(why) > LONGEST_TEXT:
        found["why"] = f"Keep it to {LONGEST_TEXT:,} letters; these are {len(why):,}."
    for name, day in (("delivered", delivered), ("dropped", dropped)):
        if day is not None and not FIRST_DAY <= day <= today:
            found[name] = f"It says what has happened: enter {today:%-d %B %Y} or an earlier day."
    if delivered and "delivered" not in found and delivered < row.start:
        found["delivered"] = (
            f"The work starts on {row.start:%-d %B %Y}: enter that day or a later one, or mend the start first."
        )
    if delivered and dropped:
        found["dropped"] = "It was delivered or dropped, not both: empty one of the days."
    return found
