"""The levers as they are typed: a form that a link holds, and the way from levers back to such a link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from delivery.core.levers import Lever, LeverKind
from delivery.models import Deliverable, SlipCause
from delivery.open_levers import MOST_ADDED, MOST_PEOPLE, Choices, problems

MOST_WEEKS: Final = 26
DAY: Final = "Enter a day, such as 2027-01-31."
WHOLE: Final = "Enter a whole number, such as 10."


class WhatIf(forms.Form):
    """``levers`` once it is valid; every error is a sentence, and what was typed stays."""

    later = forms.IntegerField(required=False, min_value=0)
    more = forms.IntegerField(required=False, min_value=0, max_value=MOST_ADDED)
    weeks = forms.IntegerField(required=False, min_value=0, max_value=MOST_WEEKS)
    to = forms.DateField(required=False)
    people = forms.FloatField(required=False, min_value=0, max_value=MOST_PEOPLE)
    until = forms.DateField(required=False)
    lender = forms.IntegerField(required=False)
    first = forms.BooleanField(required=False)
    unblock = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict, row: Deliverable, choices: Choices, *, day: date):
        super().__init__(data)
        self.row, self.choices, self.day, self.typed = row, choices, day, data
        self.fields["from"] = forms.DateField(required=False)  # a word of the language, but what people say
        self.fields["without"] = forms.TypedMultipleChoiceField(
            required=False, coerce=int, choices=[(one.id, one.name) for one in choices.waits_for]
        )
        for role in choices.roles:
            self.fields[f"hire-{role.id}"] = forms.DateField(required=False)
        self.levers: tuple[Lever, ...] = ()
        for name, field in self.fields.items():
            field.error_messages |= _messages(name, field, choices)

    @property
    def query(self) -> str:
        """What is typed, as the link to it; levers that are not moved are left out."""
        still = {f"hire-{role.id}": f"{role.start}" for role in self.choices.roles}
        typed = ((name, text) for name in self.fields for text in self.typed.getlist(name))
        return urlencode([(name, text) for name, text in typed if text not in ("", "0", still.get(name))])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        try:
            self.levers = tuple(lever for make in _MAKERS for lever in make(self, told))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        for said in problems(self.levers, self.choices, deliverable=self.row, day=self.day):
            self.add_error(None, said)
        return told


def _messages(name: str, field: forms.Field, choices: Choices) -> dict[str, str]:
    if isinstance(field, forms.DateField):
        return {"invalid": DAY}
    if name == "without":
        return {"invalid_choice": "It does not wait for that deliverable (any more): choose among those shown."}
    most = {"later": choices.items, "more": MOST_ADDED, "weeks": MOST_WEEKS, "people": MOST_PEOPLE}.get(name)
    said = WHOLE if most is None else f"Enter a number from 0 to {most}."
    return dict.fromkeys(("invalid", "min_value", "max_value"), said)


def _scope(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    both = ((LeverKind.REMOVE_SCOPE, told.get("later")), (LeverKind.ADD_SCOPE, told.get("more")))
    return [Lever(kind, deliverable=form.row.pk, items=count) for kind, count in both if count]


def _date(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    """The day that was typed, or so many weeks after the promised one."""
    to = told.get("to")
    if to is None and told.get("weeks"):
        to = (form.choices.target or form.day) + timedelta(weeks=told["weeks"])
    return [Lever(LeverKind.MOVE_DATE, deliverable=form.row.pk, day=to)] if to and to != form.choices.target else []


def _people(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    if not told.get("people"):
        return []
    start = told.get("from") or form.day
    until, lender = told.get("until"), told.get("lender") or None
    return [
        Lever(
            LeverKind.ADD_PEOPLE,
            team=form.row.team_id,
            people=told["people"],
            day=start,
            until=until,
            lender=lender,
        )
    ]


def _order(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    both = ((LeverKind.PUT_FIRST, "first"), (LeverKind.UNBLOCK, "unblock"))
    return [Lever(kind, deliverable=form.row.pk) for kind, name in both if told.get(name)]


def _needs(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    return [
        Lever(LeverKind.DROP_DEPENDENCY, deliverable=form.row.pk, needs=needed) for needed in told.get("without") or ()
    ]


def _hires(form: WhatIf, told: dict[str, Any]) -> list[Lever]:
    typed = ((role, told.get(f"hire-{role.id}")) for role in form.choices.roles)
    return [Lever(LeverKind.HIRE, role=role.id, day=day) for role, day in typed if day and day != role.start]


_MAKERS: Final[tuple[Callable[[WhatIf, dict[str, Any]], list[Lever]], ...]] = (
    *(_scope, _date, _people, _order, _needs, _hires),
)


def as_query(levers: Sequence[Lever]) -> str:
    """The link that pulls ``levers`` of one deliverable in the form."""
    query = QueryDict(mutable=True)
    for lever in levers:
        for name, value in _typed(lever):
            query.appendlist(name, value)
    return query.urlencode()


def _typed(lever: Lever) -> list[tuple[str, str]]:
    day = f"{lever.day or ''}"
    if lever.kind == LeverKind.ADD_PEOPLE:
        more = (("until", lever.until), ("lender", lever.lender))
        return [("people", f"{lever.people:g}"), ("from", day), *((name, f"{one}") for name, one in more if one)]
    return [
        {
            LeverKind.REMOVE_SCOPE: ("later", f"{lever.items}"),
            LeverKind.ADD_SCOPE: ("more", f"{lever.items}"),
            LeverKind.MOVE_DATE: ("to", day),
            LeverKind.PUT_FIRST: ("first", "on"),
            LeverKind.UNBLOCK: ("unblock", "on"),
            LeverKind.DROP_DEPENDENCY: ("without", f"{lever.needs}"),
            LeverKind.HIRE: (f"hire-{lever.role}", day),
        }[lever.kind]
    ]


class Keep(forms.Form):
    """A name for the what-if, and to whom it is proposed."""

    query = forms.CharField(max_length=4000, required=False)
    name = forms.CharField(max_length=200, required=False)
    to_whom = forms.IntegerField(required=False)
    note = forms.CharField(max_length=4000, required=False)


class Decide(forms.Form):
    """A decision's words, and why a date moves."""

    note = forms.CharField(max_length=4000, required=False)
    cause = forms.ChoiceField(choices=[("", ""), *SlipCause.choices], required=False)
