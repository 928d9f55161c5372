"""The register's rules: their thresholds in words, and what others would open and close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from dashboards import words
from dashboards.forms import risk_rule as forms
from dashboards.pages.risk import amount
from delivery import risk_rules
from delivery.models.risk import RiskKind
from delivery.risk_evidence import load_risk_evidence
from delivery.risk_rules import Setting

SHOWN: Final = 20  # risks that are told one by one


@dataclass(frozen=True, slots=True)
class RuleRow:
    """``opens`` and ``closes`` are sentences; ``changed`` is empty where nobody changed the rule."""

    slug: str
    title: str
    kind: str
    measures: str
    unit: str
    opens: str
    closes: str
    enabled: bool
    changed: str


@dataclass(frozen=True, slots=True)
class Named:
    title: str
    threatens: str
    deliverable: int | None = None
    risk: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    says: str
    opens: tuple[Named, ...]
    closes: tuple[Named, ...]
    more: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """``theirs``: the rule as somebody else set it meanwhile."""

    row: RuleRow
    values: Mapping[str, Any]
    errors: Mapping[str, Any]
    effect: Effect | None
    theirs: str
    is_typing: bool
    enter_help: str
    by_default: str


def rules(day: date) -> tuple[RuleRow, ...]:
    return tuple(row_of(setting, day) for setting in risk_rules.settings().values())


def row_of(setting: Setting, day: date) -> RuleRow:
    rule = setting.rule
    return RuleRow(
        slug=rule.slug,
        title=rule.title,
        kind=RiskKind(rule.kind).label,
        measures=rule.measures,
        unit=rule.unit,
        opens=_opens(setting),
        closes=_closes(setting),
        enabled=setting.enabled,
        changed=_changed(setting, day),
    )


def page(
    setting: Setting,
    *,
    day: date,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    effect: Effect | None = None,
    clash: bool = False,
) -> RulePage:
    """``values``: what was typed, where the form comes back."""
    row, rule = row_of(setting, day), setting.rule
    state = "on" if setting.enabled else "off"
    usual = Setting(rule, True, rule.enter, rule.leave, rule.days)
    return RulePage(
        row=row,
        values=forms.values_of(setting) if values is None else values,
        errors=errors or {},
        effect=effect,
        theirs=f"It is {state}. {row.opens} {row.closes} {row.changed}" if clash else "",
        is_typing=values is not None,
        enter_help=f"This value or {rule.worse}.",
        by_default=f"{_opens(usual)} {_closes(usual)}",
    )


def effect(form: forms.RuleForm, *, day: date, now: datetime) -> Effect:
    """What these thresholds would do at once, held against what is open now."""
    slug, told = form.setting.rule.slug, form.cleaned_data
    found = risk_rules.preview(slug, enabled=told["enabled"], limits=form.limits, evidence=load_risk_evidence(day, now))
    opens = tuple(Named(one.title, one.threatens, one.deliverable) for one in found.opens)
    closes = tuple(Named(one.title, "", one.deliverable_id, one.pk) for one in found.closes)
    says = f"{words.plural(len(opens), 'risk')} would open, {len(closes)} would close, {found.stays} would stay."
    left = max(len(opens) - SHOWN, 0) + max(len(closes) - SHOWN, 0)
    return Effect(says, opens[:SHOWN], closes[:SHOWN], f"And {left} more." if left else "")


def _opens(setting: Setting) -> str:
    rule = setting.rule
    if rule.unit == "yes/no":
        return f"Opens when it is so{_for_days(setting.days)}."
    return f"Opens at {amount(setting.enter, rule.unit)} or {rule.worse}{_for_days(setting.days)}."


def _closes(setting: Setting) -> str:
    rule = setting.rule
    if rule.unit == "yes/no":
        return f"Closes when it is no longer so{_for_days(setting.days)}."
    less = "below" if rule.worse == "more" else "above"
    return f"Closes {less} {amount(setting.leave, rule.unit)}{_for_days(setting.days)}."


def _for_days(count: int) -> str:
    return f" for {words.plural(count, 'day')}" if count else ", at once"


def _changed(setting: Setting, day: date) -> str:
    if setting.changed is None:
        return ""
    who = setting.changed_by.name if setting.changed_by else "somebody who left"
    return f"Changed by {who}, {words.near_day(timezone.localtime(setting.changed).date(), day)}."
