"""Promised days: given, moved with a cause, and corrected by a further entry. None is ever edited."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction

from delivery import locks
from delivery.core.commitments import standing
from delivery.forecast_rows import chance_of
from delivery.goals import LAST_DAY, LONGEST_TEXT
from delivery.models import Commitment, Deliverable, Forecast, SlipCause
from delivery.plan_changes import person
from delivery.promise_facts import FRESH_DAYS
from delivery.refused import Conflict, Wrong
from people.access import User

CAUSE: Final = "Choose what moved it: causes are counted, to learn from them."
SENTENCE: Final = "Say in a sentence what happened, such as “The vendor’s contract came three weeks late”."


def standing_of(deliverable: Deliverable, day: date) -> list[Commitment]:
    """The promised days that count on ``day``, oldest first; one query."""
    rows = Commitment.objects.filter(deliverable=deliverable).select_related("by").order_by("given", "id")
    return standing(rows, day)


def latest_of(deliverable: Deliverable, day: date) -> Commitment | None:
    return next(reversed(standing_of(deliverable, day)), None)


def problems(
    deliverable: Deliverable, target: date, *, before: Commitment | None, cause: str, note: str, day: date
) -> dict[str, str]:
    """Why ``target`` cannot be promised on ``day`` after ``before``, by field. No queries."""
    found = _text_problems(cause, note)
    if target < day:
        found["target"] = f"A promise lies ahead: enter {day:%-d %B %Y} or a later day."
    elif target < deliverable.start:
        found["target"] = f"The work starts on {deliverable.start:%-d %B %Y}: enter that day or a later one."
    elif target > LAST_DAY:
        found["target"] = "Enter a day before 2200, such as 2027-03-31."
    elif before is not None and before.target == target:
        found["target"] = "That is the day that is promised already: enter another one."
    if before is not None and not cause:
        found["cause"] = CAUSE
    if before is not None and not note.strip():
        found["note"] = SENTENCE
    return found


def _text_problems(cause: str, note: str) -> dict[str, str]:
    found = {}
    if cause and cause not in SlipCause:
        found["cause"] = f"Choose one of: {', '.join(SlipCause.values)}."
    if len(note) > LONGEST_TEXT:
        found["note"] = f"Keep it to {LONGEST_TEXT:,} letters; these are {len(note):,}."
    return found


@transaction.atomic
def commit(
    deliverable: Deliverable, target: date, *, by: User, day: date, seen: int, cause: str = "", note: str = ""
) -> Commitment:
    """Promise ``target``, or move the promise there. ``seen``: id of the latest one that the person looked at, or 0.

    The chance to make it is stored with it where today’s forecast says one. Raises Conflict (the latest one) and Wrong.
    """
    locks.wait_for(locks.PROMISING, deliverable.pk)
    before = latest_of(deliverable, day)
    if (before.pk if before else 0) != seen:
        raise Conflict(before)
    if deliverable.delivered or deliverable.dropped:
        raise Wrong({"target": "It is delivered or dropped, so there is nothing left to promise."})
    wrong = problems(deliverable, target, before=before, cause=cause, note=note, day=day)
    if wrong:
        raise Wrong(wrong)
    return Commitment.objects.create(
        deliverable=deliverable,
        given=day,
        target=target,
        by=person(by),
        cause=cause,
        note=note.strip(),
        chance=_chance(deliverable, day, target),
    )


@transaction.atomic
def correct(entry: Commitment, target: date, *, by: User, day: date, cause: str, note: str) -> Commitment:
    """A further entry that stands for ``entry`` from ``day`` on, because it was written down wrongly.

    Raises Conflict (the entry) where it is corrected already, and Wrong. The chance stays where the day is the same.
    """
    locks.wait_for(locks.PROMISING, entry.deliverable_id)
    rows = standing_of(entry.deliverable, day)
    if entry.pk not in {one.pk for one in rows}:
        raise Conflict(entry)
    wrong = _correction_problems(entry, rows, target, cause, note)
    if wrong:
        raise Wrong(wrong)
    same = target == entry.target
    return Commitment.objects.create(
        deliverable=entry.deliverable,
        given=entry.given,
        target=target,
        by=person(by),
        cause=cause,
        note=note.strip(),
        chance=entry.chance if same else _chance(entry.deliverable, entry.given, target),
        corrects=entry,
        corrected_on=day,
    )


def _correction_problems(
    entry: Commitment, rows: list[Commitment], target: date, cause: str, note: str
) -> dict[str, str]:
    found = _text_problems(cause, note)
    if target < entry.given:
        found["target"] = f"It was given on {entry.given:%-d %B %Y}: enter that day or a later one."
    elif target > LAST_DAY:
        found["target"] = "Enter a day before 2200, such as 2027-03-31."
    elif any(one.given == entry.given and one.pk > entry.pk for one in rows):
        found["target"] = "It was moved again on the same day: correct that entry instead."
    if rows[0].pk != entry.pk and not cause:
        found["cause"] = CAUSE
    if not note.strip():
        found["note"] = "Say what was wrong, such as “The year was mistyped”."
    return found


def _chance(deliverable: Deliverable, day: date, target: date) -> float | None:
    """By the forecast that stood for ``day``."""
    rows = Forecast.objects.filter(deliverable=deliverable, day__lte=day).exclude(quantiles=[]).order_by("-day")
    row = rows.first()
    if row is None or (day - row.day).days >= FRESH_DAYS:
        return None
    return chance_of(row, target)
