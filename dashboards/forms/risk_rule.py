"""What is typed to change a rule's thresholds."""

from __future__ import annotations

import math
from typing import Any, Final

from django import forms

from delivery.core.risk import Thresholds
from delivery.risk_rules import Setting

NUMBER: Final = "Enter a number, such as 25."
MOST: Final = 1_000_000
LONGEST: Final = 365


class _Number(forms.FloatField):
    def __init__(self) -> None:
        told = dict.fromkeys(("required", "invalid", "min_value", "max_value"), NUMBER)
        super().__init__(min_value=-MOST, max_value=MOST, error_messages=told)

    def clean(self, value: Any) -> float | None:
        found: float | None = super().clean(value)
        if found is not None and not math.isfinite(found):
            raise forms.ValidationError(NUMBER)
        return found


class RuleForm(forms.Form):
    """Whether the rule is on, where its risks open and close, and for how many days it must hold."""

    enabled = forms.BooleanField(required=False)
    enter, leave = _Number(), _Number()
    days = forms.IntegerField(
        min_value=0,
        max_value=LONGEST,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Enter whole days from 0 to {LONGEST}."
        ),
    )

    def __init__(self, setting: Setting, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self.setting = setting

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            problem = self.limits.problem()
            if problem:
                self.add_error("leave", problem)
        return told

    @property
    def limits(self) -> Thresholds:
        told = self.cleaned_data
        return Thresholds(told["enter"], told["leave"], told["days"], self.setting.rule.worse)


def values_of(setting: Setting) -> dict[str, Any]:
    """What the form shows first: the rule as it is applied."""
    return {
        "seen": seen(setting),
        "enabled": setting.enabled,
        "enter": f"{setting.enter:g}",
        "leave": f"{setting.leave:g}",
        "days": setting.days,
    }


def seen(setting: Setting) -> str:
    return setting.changed.isoformat() if setting.changed else ""
