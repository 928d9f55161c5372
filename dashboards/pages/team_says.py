"""A team's headline: how its pace changed and how many promises are in danger, as far as the data can tell. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Final

from dashboards import words
from dashboards.charts.spans import WORKING_DAY, length
from delivery.core.chance import Level
from delivery.core.measure import ENOUGH, Spread
from delivery.core.promise import Tally

SPAN: Final = 4  # weeks that are held against each other
CLEAR: Final = 1.5  # counts as far apart as this many times their own scatter differ; closer ones may be chance
SLOWER: Final = ((0.42, "less than half of"), (0.58, "half of"), (0.71, "two thirds of"), (1.0, "three quarters of"))
FASTER: Final = (
    (1.37, "a quarter faster than in"),
    (1.75, "half as fast again as in"),
    (99.0, "about twice as fast as in"),
)

Weeks = Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Headline:
    """``pace`` and then, in the colour of ``level``, ``danger``; or ``calm`` where nothing is in danger."""

    pace: str
    danger: str
    calm: str
    level: Level
    more: str  # what holds the work up, where that is known


def headline(weeks: Weeks, tally: Tally, waits: Spread) -> Headline:
    """``weeks``: the last twelve whole weeks, oldest first. ``waits``: working time until a first review."""
    danger, calm, level = _promises(tally)
    return Headline(pace(weeks), danger, calm, level, review_wait(waits))


def pace(weeks: Weeks) -> str:
    """The last four weeks against the earliest four, which are three months ago, or what there is."""
    now, then = weeks[-SPAN:], weeks[:SPAN]
    finished, before = _total(now), _total(then)
    if not _total(weeks):
        return f"Nothing finished in the last {words.plural(len(weeks), 'week')}" if weeks else "No week is known yet"
    if len(weeks) < 2 * SPAN or before < ENOUGH or finished + before < 2 * ENOUGH:
        return f"{words.plural(finished, 'item')} finished in the last {words.plural(len(now), 'week')}"
    return f"Work finishes {_compared(finished, before, _month(then[0][0]))}"


def _compared(now: int, before: int, month: str) -> str:
    if abs(now - before) <= CLEAR * sqrt(now + before):
        return f"about as fast as in {month}"
    ratio = now / before
    if ratio < 1:
        return f"at {next(word for limit, word in SLOWER if ratio < limit)} {month}’s pace"
    return f"{next(word for limit, word in FASTER if ratio < limit or limit == FASTER[-1][0])} {month}"


def _promises(tally: Tally) -> tuple[str, str, Level]:
    total, likely, at_risk = sum(tally.now.values()), _at(tally, Level.LIKELY), _at(tally, Level.AT_RISK)
    if not total:
        return "", "nothing is promised.", Level.NONE
    if _at(tally, Level.NONE) == total:
        return (
            "",
            f"there is no forecast yet for {'its promise' if total == 1 else f'its {total} promises'}.",
            Level.NONE,
        )
    if likely:
        return f"{likely} of {_count(total)} {'is' if likely == 1 else 'are'} likely to miss.", "", Level.LIKELY
    if at_risk:
        return f"{at_risk} of {_count(total)} {'is' if at_risk == 1 else 'are'} at risk.", "", Level.AT_RISK
    unknown = _at(tally, Level.NONE)
    return (
        "",
        f"{total - unknown} of {_count(total)} {'is' if total - unknown == 1 else 'are'} on track.",
        Level.ON_TRACK,
    )


def review_wait(waits: Spread) -> str:
    """What half of the changes wait, once that is longer than a working day."""
    if waits.p50 is None:
        return ""
    if waits.p50 < WORKING_DAY:
        return f"Half of all changes get a first review within {length(waits.p50, WORKING_DAY)} of working time."
    return f"Half of all changes wait more than {_working(waits.p50)} for a first review."


def _working(span: timedelta) -> str:
    return length(span, WORKING_DAY).replace(" day", " working day")


def _at(tally: Tally, level: Level) -> int:
    return tally.now.get(level, 0)


def _count(promises: int) -> str:
    return words.plural(promises, "promise")


def _total(weeks: Weeks) -> int:
    return sum(count for _, count in weeks)


def _month(monday: date) -> str:
    """The month in which the middle of four weeks falls."""
    return f"{monday + timedelta(days=14):%B}"
