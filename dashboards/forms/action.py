"""What is typed to add an action, or to change one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms

from delivery import actions
from delivery.access import possible_owners
from delivery.models import Action
from people.models import Person

A_DAY: Final = {"required": "Enter a day, such as 2026-12-11.", "invalid": "Enter a day, such as 2026-12-11."}
POINTS: Final = "Enter whole points from 0 to 100, such as 14, or leave it empty."
OWNER: Final = "Choose somebody of the list, or nobody yet."


class _Told(forms.Form):
    """Title, owner and due date, checked by the same word as everywhere."""

    title = forms.CharField(required=False)
    owner = forms.ModelChoiceField(
        possible_owners(), required=False, error_messages=dict.fromkeys(("invalid_choice",), OWNER)
    )
    due = forms.DateField(error_messages=A_DAY)

    def __init__(self, *args: Any, chosen: date, before: Action | None = None, **more: Any):
        super().__init__(*args, **more)
        self.chosen, self.before = chosen, before

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            told = {"due": self.chosen, **told}
        for name, text in actions.problems(self.told(told), chosen=self.chosen, before=self.before).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, text)
        return told

    def told(self, values: dict[str, Any] | None = None) -> actions.Told:
        found = self.cleaned_data if values is None else values
        state = found.get("state") or Action.State.PROPOSED
        return actions.Told(found.get("title") or "", found.get("owner"), found["due"], state)


class NewAction(_Told):
    """By hand: what, what kind, who, until when, and what it should bring."""

    kind = forms.ChoiceField(choices=Action.Kind.choices, error_messages={"required": "Choose what kind it is."})
    why = forms.CharField(required=False, max_length=300)
    brings = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), POINTS),
    )

    @property
    def expected(self) -> actions.Expected:
        points = self.cleaned_data.get("brings")
        return actions.Expected(None if points is None else points / 100)


class EditAction(_Told):
    """What may change later; a note goes into the history with it."""

    state = forms.ChoiceField(choices=Action.State.choices)
    note = forms.CharField(required=False, max_length=2000)

    def __init__(self, *args: Any, before: Action, **more: Any):
        super().__init__(*args, chosen=before.chosen, before=before, **more)
        if before.owner_id:  # somebody who left stays its owner until another takes it
            owners = possible_owners() | Person.objects.filter(pk=before.owner_id)
            self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class MoveAction(forms.Form):
    """State and note: all that the one may change whose action it is."""

    state = forms.ChoiceField(choices=Action.State.choices)
    note = forms.CharField(required=False, max_length=2000)


def edited(action: Action) -> dict[str, Any]:
    """What the form shows first: the action as it is."""
    return {
        "title": action.title,
        "owner": str(action.owner_id or ""),
        "due": action.due.isoformat(),
        "state": action.state,
        "note": "",
        "seen": str(action.version),
    }
