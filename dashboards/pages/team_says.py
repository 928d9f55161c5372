"""A team's headline: how its pace changed and how many promises are in danger, as far as the data can tell. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import inf
from typing import Final

from dashboards import words
from dashboards.charts.spans import WORKING_DAY, length
from dashboards.sentences import Phrase, Sentence, worst
from delivery.core.chance import Level
from delivery.core.flow import LOOK_BACK, SPAN, PaceChange, pace_change
from delivery.core.measure import Spread
from delivery.core.promise import Tally

SAME: Final = 0.1  # a difference of less than a tenth is told as none, where it may be chance
PACES: Final = (  # below which ratio of now to then what is said
    (0.42, "at less than half of {month}’s pace"),
    (0.58, "at half of {month}’s pace"),
    (0.71, "at two thirds of {month}’s pace"),
    (0.88, "at three quarters of {month}’s pace"),
    (1.00, "a little slower than in {month}"),
    (1.13, "a little faster than in {month}"),
    (1.37, "a quarter faster than in {month}"),
    (1.75, "half as fast again as in {month}"),
    (2.50, "about twice as fast as in {month}"),
    (inf, "more than twice as fast as in {month}"),
)

Weeks = Sequence[tuple[date, int]]


def headline(weeks: Weeks, tally: Tally, unread: str = "") -> Sentence:
    """``weeks``: whole weeks, oldest first; ``unread``: why there is nothing to say about them.

    What is in danger is stressed in the colour of its level.
    """
    return (Phrase(f"{unread or pace(weeks)}; "), _promises(tally))


def pace(weeks: Weeks) -> str:
    """The last four weeks against those three months ago, the same that the chart draws, or what there is."""
    recent = weeks[-LOOK_BACK:]
    if not _total(recent):
        return f"Nothing finished in the last {words.plural(len(recent), 'week')}" if weeks else "No week is known yet"
    change = pace_change(weeks)
    if change is None or not change.known:
        last = weeks[-SPAN:]
        return f"{words.plural(_total(last), 'item')} finished in the last {words.plural(len(last), 'week')}"
    return _compared(change, _month(change.since))


def _compared(change: PaceChange, month: str) -> str:
    ratio = change.now / change.then
    if change.clear:
        return f"Work finishes {next(said for limit, said in PACES if ratio < limit).format(month=month)}"
    now, then = (words.decimal(count / SPAN) for count in (change.now, change.then))
    if abs(ratio - 1) < SAME:
        return f"Work finishes about as fast as in {month}: {now} items a week, {then} then"
    return f"{now} items finish a week, {then} in {month}: too few to tell a change"


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
