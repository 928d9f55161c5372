"""What is typed about a risk: its state, owner and review, why it is closed, and a risk that a person sees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from delivery.access import possible_risk_owners
from delivery.models import Deliverable, Goal, Risk
from delivery.models.risk import RiskKind
from people.models import Person
from teams.models import Team

STATES: Final = [(state.value, state.label) for state in (Risk.State.NEW, Risk.State.ACCEPTED, Risk.State.MITIGATING)]
ROAMS: Final = [("", "Not said"), *Risk.Roam.choices]
PER_CENT: Final = "Enter a whole number from 0 to 100, such as 40, or leave it empty where it is not known."
DAY: Final = "Enter a day, such as 2026-12-31."
LATEST: Final = date(2199, 12, 31)
WRITTEN: Final = ("title", "detail", "probability", "impact")
"""Fields that only a risk written by hand lets people change: the rules write those of the others."""

TYPED: Final = ("note", "reason")
"""Fields that hold a person's own words."""


class _PerCent(forms.IntegerField):
    """A part of one, typed in per cent; empty is not known."""

    def __init__(self) -> None:
        told = dict.fromkeys(("invalid", "min_value", "max_value"), PER_CENT)
        super().__init__(required=False, min_value=0, max_value=100, error_messages=told)

    def clean(self, value: Any) -> float | None:  # type: ignore[override]
        found = super().clean(value)
        return None if found is None else found / 100


class Held(forms.Form):
    """Who owns it and when it is looked at again. ``before``: the review day it has, which may be past."""

    owner = forms.ModelChoiceField(
        Person.objects.none(),
        required=False,
        error_messages={"invalid_choice": "Choose somebody of the list, or nobody."},
    )
    review_on = forms.DateField(required=False, error_messages={"invalid": DAY})
    before: date | None = None

    def __init__(self, owners: QuerySet[Person], *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]

    def clean_review_on(self) -> date | None:
        day: date | None = self.cleaned_data["review_on"]
        if day is not None and day != self.before and not timezone.localdate() <= day <= LATEST:
            raise forms.ValidationError("A review is today or later: enter such a day, or leave it empty.")
        return day


class Change(Held):
    """State, ROAM, owner, review day and a note; a risk written by hand also in what it says."""

    state = forms.ChoiceField(choices=STATES, error_messages={"invalid_choice": "Choose a state of the list."})
    roam = forms.ChoiceField(
        choices=ROAMS, required=False, error_messages={"invalid_choice": "Choose one of the four, or not said."}
    )
    note = forms.CharField(required=False, max_length=4000)
    title = forms.CharField(max_length=300, error_messages={"required": "Say in a line what may happen."})
    detail = forms.CharField(required=False, max_length=10_000)
    probability, impact = _PerCent(), _PerCent()

    def __init__(self, risk: Risk, *args: Any, **more: Any):
        super().__init__(owners_for(risk.owner_id, *team_ids(risk)), *args, **more)
        self.before = risk.review_on
        if risk.rule:
            for name in WRITTEN:
                del self.fields[name]

    @property
    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "note"}


class Close(forms.Form):
    reason = forms.CharField(
        max_length=4000, error_messages={"required": "Say why it is closed: who reads its history will ask."}
    )


class New(Held):
    """A risk that a person sees and no rule does."""

    kind = forms.ChoiceField(
        choices=RiskKind.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what it is about."),
    )
    title = forms.CharField(max_length=300, error_messages={"required": "Say in a line what may happen."})
    detail = forms.CharField(required=False, max_length=10_000)
    probability, impact = _PerCent(), _PerCent()

    def __init__(self, subject: Subject, *args: Any, **more: Any):
        super().__init__(owners_for(None, *subject_teams(subject)), *args, **more)


Subject = Deliverable | Goal | Team


def subject_teams(subject: Subject) -> list[int]:
    team = subject.pk if isinstance(subject, Team) else subject.team_id
    return [team] if team else []


def team_ids(risk: Risk) -> list[int]:
    subject = risk.deliverable or risk.goal or risk.team
    return subject_teams(subject) if subject else []


def owners_for(current: int | None, *teams: int) -> QuerySet[Person]:
    return possible_risk_owners(teams, day=timezone.localdate(), current=current)


def values_of(risk: Risk) -> dict[str, Any]:
    """What the form shows first: the risk as it is."""
    return {
        "seen": seen(risk),
        "state": risk.state,
        "roam": risk.roam,
        "owner": str(risk.owner_id or ""),
        "review_on": risk.review_on.isoformat() if risk.review_on else "",
        "title": risk.title,
        "detail": risk.detail,
        "probability": _per_cent(risk.probability),
        "impact": _per_cent(risk.impact),
    }


def seen(risk: Risk) -> str:
    """When it changed last: for noticing that two edit at once."""
    return risk.updated.isoformat()


def seen_at(text: str) -> datetime:
    """The instant ``seen`` wrote; long ago where it is none, which is a conflict with everything."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    return found if found and timezone.is_aware(found) else datetime(1970, 1, 1, tzinfo=timezone.get_default_timezone())


def told(risk: Risk) -> tuple[tuple[str, str], ...]:
    """The risk as it is, line by line, for who has typed something else meanwhile."""
    lines = [
        ("State", risk.get_state_display()),
        ("ROAM", risk.get_roam_display() if risk.roam else "not said"),
        ("Owner", risk.owner.name if risk.owner else "nobody"),
        ("Review", f"{risk.review_on:%-d %B %Y}" if risk.review_on else "no day"),
    ]
    if not risk.rule:
        lines += [("Title", risk.title), ("Detail", risk.detail or "none")]
        lines += [("Probability", _shown(risk.probability)), ("Impact", _shown(risk.impact))]
    return tuple(lines)


def _per_cent(value: float | None) -> int | str:
    return "" if value is None else round(100 * value)


def _shown(value: float | None) -> str:
    return "not known" if value is None else f"{round(100 * value)}%"


def first_errors(form: forms.Form) -> dict[str, Sequence[str]]:
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}
