"""A team's headline: how its pace changed and how many promises are in danger, as far as the data can tell. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt
from typing import Final

from dashboards import words
from dashboards.charts.spans import WORKING_DAY, length
from dashboards.sentences import Phrase, Sentence, worst
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


def headline(weeks: Weeks, tally: Tally, unread: str = "") -> Sentence:
    """``weeks``: the last twelve whole weeks, oldest first; ``unread``: why there is nothing to say about them.

    What is in danger is stressed in the colour of its level.
    """
    return (Phrase(f"{unread or pace(weeks)}; "), _promises(tally))


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


def _promises(tally: Tally) -> Phrase:
    total, level = sum(tally.now.values()), worst(tally)
    count = tally.now.get(level, 0)
    if not total:
        return Phrase("nothing is promised.", "quiet")
    if level == Level.NONE:
        return Phrase(f"no forecast yet for {words.plural(total, 'promise')}.", "quiet")
    told = f"{count} of {words.plural(total, 'promise')} {'is' if count == 1 else 'are'}"
    if level == Level.ON_TRACK:
        return Phrase(f"{told} on track.", "quiet")
    return Phrase(f"{told} {'likely to miss' if level == Level.LIKELY else 'at risk'}.", "em")


def review_wait(waits: Spread) -> str:
    """What half of the changes wait, once that is longer than a working day."""
    if waits.p50 is None:
        return ""
    if waits.p50 < WORKING_DAY:
        return f"Half of all changes get a first review within {length(waits.p50, WORKING_DAY)} of working time."
    return f"Half of all changes wait more than {_working(waits.p50)} for a first review."


def _working(span: timedelta) -> str:
    return length(span, WORKING_DAY).replace(" day", " working day")


def _total(weeks: Weeks) -> int:
    return sum(count for _, count in weeks)


def _month(monday: date) -> str:
    """The month in which the middle of four weeks falls."""
    return f"{monday + timedelta(days=14):%B}"
