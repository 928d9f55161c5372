"""What was said about a deliverable, newest first: dates given and moved, and check-ins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dashboards import words
from dashboards.pages.disputes import DECLARED
from delivery.core.commitments import as_first_written, standing
from delivery.models import CheckIn, Commitment, Deliverable
from people.models import Person


@dataclass(frozen=True, slots=True)
class Entry:
    """``is_decision``: a date was given or moved. ``note`` is a person's own words."""

    day: date
    is_decision: bool
    strong: str
    text: str
    note: str
    who_and_when: str


def log(row: Deliverable, check_ins: Iterable[CheckIn], day: date, also: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """``also``: what Headway itself has to tell (dashboards.pages.log_told)."""
    known = list(row.commitments.filter(given__lte=day).select_related("by").order_by("given", "id"))
    given = standing(known, day)
    entries = [_first(one, as_first_written(one, known), day) for one in given[:1]]
    entries += [
        _move(before, after, as_first_written(after, known), day)
        for before, after in pairwise(given)
        if before.target != after.target
    ]
    entries += [_correction(one, known, day) for one in known if one.corrected_on and one.corrected_on <= day]
    entries += [*(_said(one, day) for one in check_ins), *also]
    return tuple(sorted(entries, key=lambda one: one.day, reverse=True))


def _first(one: Commitment, written: Commitment, day: date) -> Entry:
    return _decision(written, f"Promised for {words.long_day(one.target, day)}.", _chance(one), day)


def _move(before: Commitment, after: Commitment, written: Commitment, day: date) -> Entry:
    """``written``: the entry that ``after`` corrects, or itself: whose sentence it is."""
    later = "later" if after.target > before.target else "earlier"
    span = words.days(abs((after.target - before.target).days))
    strong = f"Moved from {words.long_day(before.target, day)} to {words.long_day(after.target, day)}, {span} {later}."
    cause = f"Cause: {after.get_cause_display().lower()}." if after.cause else "No cause was given."
    return _decision(written, strong, " ".join(filter(None, [cause, _chance(after)])), day)


def _correction(one: Commitment, known: Iterable[Commitment], day: date) -> Entry:
    """No decision: the day was written down wrongly."""
    before = next(entry for entry in known if entry.pk == one.corrects_id)
    was, now = words.long_day(before.target, day), words.long_day(one.target, day)
    strong = f"Corrected: promised for {now}, not for {was}." if was != now else f"Corrected: the promise for {now}."
    cause = f"Cause: {one.get_cause_display().lower()}." if one.cause and one.cause != before.cause else ""
    on = one.corrected_on or one.given
    return Entry(on, False, strong, cause, one.note, signed(on, one.by, day, "corrected by "))


def _decision(one: Commitment, strong: str, text: str, day: date) -> Entry:
    return Entry(one.given, True, strong, text, one.note, signed(one.given, one.by, day, "decided by "))


def _chance(one: Commitment) -> str:
    if one.chance is None:
        return ""
    return f"The chance to make it was {words.to_make_it(1 - one.chance)} that day."


def _said(one: CheckIn, day: date) -> Entry:
    word = DECLARED[one.status][1]
    strong = f"{word}." if one.confidence is None else f"{word}, {one.confidence}% sure."
    said = "" if one.chance is None else f"The forecast said {words.to_make_it(1 - one.chance)} to make it that day."
    why = f" Why they differ: {one.reason}" if one.reason else ""
    return Entry(one.day, False, strong, f"{said}{why}".strip(), one.note, signed(one.day, one.by, day, ""))


def signed(on: date, who: Person | None, day: date, by: str) -> str:
    """When, and by whom: Today, decided by Mara Lindqvist."""
    when = "Today" if on == day else f"{on:%a} {words.long_day(on, day)}"
    return f"{when}, {by}{who.name}" if who else f"{when}, by somebody who left"
