"""The form of a check-in, with last week's values in it and what the data says beside it."""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from dashboards import words
from dashboards.forms.numbers import shown
from dashboards.pages.check_in_data import Data, data_of
from dashboards.pages.check_in_week import Line
from dashboards.pages.disputes import DECLARED
from dashboards.pages.goal_measures import amount
from dashboards.pages.goals import said_says
from dashboards.pages.history import Told, words_on
from delivery import access
from delivery.check_ins import LEVELS, draft_of, latest_of, typed_key_results
from delivery.core.chance import Level
from delivery.core.key_results import progress
from delivery.due_check_ins import due
from delivery.models import CheckIn, CheckInDraft, Goal, KeyResult
from delivery.plan_changes import Subject
from people.models import Person

STATUS_OF: Final = {level: status.value for status, level in LEVELS.items()}
CARDS: Final = (
    ("on_track", Level.ON_TRACK, "I would bet on the date"),
    ("at_risk", Level.AT_RISK, "It could go either way"),
    ("off_track", Level.LIKELY, "Something has to change"),
)


@dataclass(frozen=True, slots=True)
class Card:
    value: str
    level: Level
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A key result. ``name`` empty: it is fed, and only told."""

    name: str
    label: str
    help: str
    value: str
    unit: str
    errors: list[str] | None
    is_yes_no: bool = False


@dataclass(frozen=True, slots=True)
class CheckInPage:
    subject: Subject
    kind: str
    question: str
    kicker: str
    cards: tuple[Card, ...]
    computed: str  # the status that the forecast would declare, empty without one
    values: Mapping[str, str]
    errors: Mapping[str, list[str]]
    sure_was: str
    key_results: tuple[Field, ...]
    fed: tuple[Field, ...]
    seen: int
    draft: str
    saved: str
    window: str
    theirs: Line | None
    their_note: str
    their_name: str
    data: Data
    last: Told | None
    earlier: tuple[Told, ...]
    start_from: str


def check_in_page(
    user: Person,
    subject: Subject,
    *,
    day: date,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    theirs: CheckIn | None = None,
    first: Mapping[str, str] | None = None,
) -> CheckInPage:
    """``values`` were sent; without them the draft's are shown, else ``first``. ``theirs``: another's word meanwhile."""
    draft = draft_of(subject, by=user)
    latest = latest_of(subject)
    shown_first = values if values is not None else draft.values if draft else (first or {})
    found = due(user, day=day)
    data = data_of(user, subject, latest, day)
    said = words_on(access.visible_check_ins(user).filter(**_about(subject)), day)
    typed = {one.pk for one in typed_key_results(subject)}
    fields = [_field(one, one.pk in typed, shown_first, errors or {}) for one in _key_results(subject)]
    return CheckInPage(
        subject=subject,
        kind="goal" if isinstance(subject, Goal) else "deliverable",
        question=question(subject, day),
        kicker=_place(found, subject),
        cards=tuple(Card(value, level, text, shown_first.get("status") == value) for value, level, text in CARDS),
        computed=STATUS_OF.get(data.level, ""),
        values=shown_first,
        errors=errors or {},
        sure_was=_was(latest),
        key_results=tuple(one for one in fields if one.name),
        fed=tuple(one for one in fields if not one.name),
        seen=latest.pk if theirs is not None and latest else _seen(draft, latest, values),
        draft=_begun(draft, day) if draft and values is None else "",
        saved=f"{draft.saved.timestamp():.6f}" if draft else "",
        window=(values or {}).get("window") or random_secrets.token_urlsafe(8),
        theirs=_their_line(theirs, day) if theirs else None,
        their_note=theirs.note if theirs else "",
        their_name=theirs.by.name if theirs and theirs.by else "Somebody",
        data=data,
        last=said[0] if said else None,
        earlier=said[1:],
        start_from=latest.note if latest else "",
    )


def _seen(draft: CheckInDraft | None, latest: CheckIn | None, values: Mapping[str, str] | None) -> int:
    """What the person has looked at: what was sent says, else their draft, else what is shown now."""
    if values is not None:
        sent = values.get("seen", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else 0
    return draft.seen if draft else latest.pk if latest else 0


def _about(subject: Subject) -> dict[str, Any]:
    return {"goal": subject} if isinstance(subject, Goal) else {"deliverable": subject}


def question(subject: Subject, day: date) -> str:
    if isinstance(subject, Goal):
        last = date.fromordinal(subject.end.toordinal() - 1)
        return f"Will it be reached by {words.long_day(last, day)}?"
    return "Will it be done as promised?"


def _place(found: Sequence[Any], subject: Subject) -> str:
    """Goal 2 of 7."""
    waiting = [one.key for one in found if one.waiting]
    mine = (isinstance(subject, Goal), subject.pk)
    if mine not in waiting:
        return ""
    return f"{waiting.index(mine) + 1} of {len(waiting)} · about a minute each"


def _was(latest: CheckIn | None) -> str:
    known = latest.confidence if latest else None
    return "" if known is None else f", was {known}%"


def _begun(draft: CheckInDraft, day: date) -> str:
    at: datetime = timezone.localtime(draft.saved)
    return f"{'today' if at.date() == day else words.near_day(at.date(), day)} at {at:%H:%M}"


def _their_line(theirs: CheckIn, day: date) -> Line:
    level, word = DECLARED[theirs.status]
    return Line("", "", "", level, word, said_says(theirs.confidence, theirs.day, day), "", draft=False)


def _key_results(subject: Subject) -> list[KeyResult]:
    return list(subject.key_results.all()) if isinstance(subject, Goal) else []  # type: ignore[attr-defined]


def _field(one: KeyResult, typed: bool, values: Mapping[str, str], errors: Mapping[str, list[str]]) -> Field:
    """A typed one with last week's value in it; a fed one is told."""
    if not typed:
        share = progress(one.start, one.target, one.current)
        told = "not known" if one.current is None else amount(one.current, one)
        way = "no value yet" if share is None else f"{round(100 * share)}% of the way"
        return Field("", one.title, one.unknown or way, told, "", None)
    name = f"kr-{one.pk}"
    was = f", was {amount(one.current, one)}" if one.current is not None else ""
    unit = "%" if one.unit == KeyResult.Unit.PERCENT else one.unit_word
    says = f"from {amount(one.start, one)} to {amount(one.target, one)}{was}"
    is_yes_no = one.unit == KeyResult.Unit.YES_NO
    return Field(name, one.title, says, values.get(name, shown(one.current)), unit, errors.get(name), is_yes_no)
