"""The weekly word on a goal or a deliverable: checked, held against the forecast, kept for good; and its drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from delivery import key_results, plan_changes
from delivery.core.chance import Level, level_of
from delivery.goals import LONGEST_TEXT
from delivery.models import CheckIn, CheckInDraft, Deliverable, Goal, GoalForecast, KeyResult
from delivery.plan_changes import Subject, person
from delivery.promise_facts import FRESH_DAYS
from delivery.promises import NO_FORECAST, promises
from delivery.refused import Conflict, Wrong
from people.access import User
from people.models import Person

Status = CheckIn.Status
LEVELS: Final = {Status.ON_TRACK: Level.ON_TRACK, Status.AT_RISK: Level.AT_RISK, Status.OFF_TRACK: Level.LIKELY}
REASON: Final = "Say why you differ from the forecast. For example: “the second reviewer starts tomorrow”."
ENDS: Final = {Goal: ("dropped",), Deliverable: ("dropped", "delivered")}
LONGEST_DRAFT: Final = 60_000  # letters of all its fields


@dataclass(frozen=True, slots=True)
class CheckInTold:
    """What a person says: ``confidence`` in per cent; ``values`` of key results by their id, only those that moved."""

    status: str
    confidence: int | None = None
    note: str = ""
    reason: str = ""
    values: Mapping[int, float] = field(default_factory=dict)


def differs(status: str, chance: float | None) -> bool:
    """Whether a declared status is another level than the computed one; never without a forecast."""
    computed = level_of(chance)
    return computed != Level.NONE and status in LEVELS and LEVELS[Status(status)] != computed


def problems(told: CheckInTold, *, chance: float | None, typed: Sequence[KeyResult] = ()) -> dict[str, str]:
    """Why it cannot be given, by field; ``typed``: the key results whose values people type. No queries."""
    found = {}
    if told.status not in Status.values:
        found["status"] = "Choose how it stands: on track, at risk or likely to miss."
    if told.confidence is not None and not 0 <= told.confidence <= 100:
        found["confidence"] = "Enter a whole number from 0 to 100, such as 70."
    for name, text in (("note", told.note), ("reason", told.reason)):
        if len(text) > LONGEST_TEXT:
            found[name] = f"Keep it to {LONGEST_TEXT:,} letters; these are {len(text):,}."
    if differs(told.status, chance) and not told.reason.strip():
        found["reason"] = REASON
    return found | _value_problems(told.values, {one.pk for one in typed})


def _value_problems(values: Mapping[int, float], known: set[int]) -> dict[str, str]:
    found = {}
    for pk, value in values.items():
        if pk not in known:
            found["values"] = "One of the key results is typed in no longer: look at the goal, then enter the others."
        elif not abs(value) <= key_results.LARGEST:  # which NaN is not either
            found[f"kr-{pk}"] = "Enter a number, such as 30."
    return found


@dataclass(frozen=True, slots=True)
class Computed:
    """What the forecast says: the chance (0-1) to make it, None with ``reason``."""

    chance: float | None
    reason: str


def computed(user: User, subject: Subject, day: date) -> Computed:
    """The forecast of a goal or a deliverable as every page says it on ``day``."""
    if isinstance(subject, Deliverable):
        found = promises(user, day=day, ids=[subject.pk], include_delivered=True)
        missing = found[0].missing if found else None
        return Computed(None if missing is None else 1 - missing, found[0].reason if found else "It is dropped.")
    row = GoalForecast.objects.filter(goal=subject, day__lte=day, day__gt=day - timedelta(days=FRESH_DAYS))
    latest = row.order_by("-day").first()
    return Computed(latest.chance, latest.reason) if latest else Computed(None, NO_FORECAST)


def typed_key_results(subject: Subject) -> list[KeyResult]:
    """Those of a goal whose values people type; a deliverable has none."""
    if isinstance(subject, Deliverable):
        return []
    return list(subject.key_results.filter(fed_by=KeyResult.FedBy.TYPED))  # type: ignore[attr-defined]


def latest_of(subject: Subject) -> CheckIn | None:
    return subject.check_ins.select_related("by").order_by("-day", "-id").first()  # type: ignore[attr-defined,no-any-return]


def ended(subject: Subject) -> str:
    """Why there is nothing left to say of it; empty while it is open. No queries."""
    for name in ENDS[type(subject)]:
        day = getattr(subject, name)
        if day is not None:
            return f"It was {name} on {day:%-d %B %Y}, so there is nothing left to check in on. Take it up again first."
    return ""


@transaction.atomic
def check_in(
    subject: Subject, told: CheckInTold, *, chance: float | None, by: User, day: date, at: datetime, seen: int
) -> CheckIn:
    """Give the word, with what the forecast said (``chance`` to make it).

    ``seen``: id of the latest check-in that the person looked at, or 0. Raises Conflict (the latest one) where another
    came meanwhile, and Wrong. Who may is for the caller to ask.
    """
    subject = plan_changes.held(subject)
    if says := ended(subject):
        raise Wrong({"status": says})
    latest = latest_of(subject)
    if (latest.pk if latest else 0) != seen:
        raise Conflict(latest)
    typed = typed_key_results(subject)
    wrong = problems(told, chance=chance, typed=typed)
    if wrong:
        raise Wrong(wrong)
    made = CheckIn.objects.create(
        **_about(subject),
        day=day,
        by=person(by),
        status=told.status,
        confidence=told.confidence,
        note=told.note.strip(),
        reason=told.reason.strip() if differs(told.status, chance) else "",
        chance=chance,
        level=level_of(chance),
    )
    moved = {one: told.values[one.pk] for one in typed if told.values.get(one.pk, one.current) != one.current}
    if moved:
        plan_changes.keep(subject, key_results.keep_values(moved, by=by, day=day, at=at), by=by, at=at)
        Goal.objects.filter(pk=subject.pk).update(version=F("version") + 1)  # whoever edits the goal has not seen them
    return made


def _about(subject: Subject) -> dict[str, Any]:
    return {"goal": subject} if isinstance(subject, Goal) else {"deliverable": subject}


@transaction.atomic
def keep_draft(subject: Subject, values: Mapping[str, str], *, by: Person, at: datetime, seen: int) -> CheckInDraft:
    """What is typed so far, whatever it is: nothing is checked, and the last one to be saved stands.

    ``seen`` as for check_in. Raises Conflict (their own word) where ``by`` has given it meanwhile: a draft that comes
    late, by another road, is of what is published. Raises Wrong where it is longer than any check-in could be.
    """
    plan_changes.held(subject)
    latest = latest_of(subject)
    if latest is not None and latest.pk > seen and latest.by_id == by.pk:
        raise Conflict(latest)
    if sum(map(len, values.values())) > LONGEST_DRAFT:
        raise Wrong({"note": f"This is too long to keep: {LONGEST_TEXT:,} letters can be published."})
    return CheckInDraft.objects.update_or_create(
        by=by,
        goal=subject if isinstance(subject, Goal) else None,
        deliverable=subject if isinstance(subject, Deliverable) else None,
        defaults={"values": dict(values), "saved": at, "seen": seen},
    )[0]


def draft_of(subject: Subject, *, by: Person) -> CheckInDraft | None:
    return CheckInDraft.objects.filter(by=by, **_about(subject)).first()


def forget_draft(subject: Subject, *, by: Person) -> None:
    CheckInDraft.objects.filter(by=by, **_about(subject)).delete()
