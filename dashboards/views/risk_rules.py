"""The register's rules: how they stand, what others would do, and saving them."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from dashboards import typed
from dashboards.forms import risk as risk_forms
from dashboards.forms import risk_rule as forms
from dashboards.pages import risk_rules as page
from delivery import risk_rules as register
from delivery.access import can_manage_risk_rules
from people.models import Person

SAVE = "save"


def risk_rules(request: HttpRequest) -> HttpResponse:
    _demand_admin(request)
    return render(request, "risks/rules.html", {"rules": page.rules(timezone.localdate())})


def risk_rule(request: HttpRequest, slug: str) -> HttpResponse:
    """One rule; a form that is posted is looked at, or saved."""
    _demand_admin(request)
    setting = register.settings().get(slug)
    if setting is None:
        raise Http404
    data, day = typed.posted(request), timezone.localdate()
    if data is None:
        return render(request, "risks/rule.html", {"page": page.page(setting, day=day)})
    form, values = forms.RuleForm(setting, data), data.dict()
    if not form.is_valid():
        made = page.page(setting, day=day, values=values, errors=risk_forms.first_errors(form))
        return render(request, "risks/rule.html", {"page": made})
    if request.method == "POST" and values.get("do") == SAVE:
        try:
            register.change(
                slug,
                **form.cleaned_data,
                by=cast(Person, request.user),
                seen=risk_forms.seen_at(str(values["seen"])) if values.get("seen") else None,
            )
        except register.Changed as changed:
            typed_now = {**values, "seen": forms.seen(changed.setting)}
            made = page.page(changed.setting, day=day, values=typed_now, clash=True)
            return render(request, "risks/rule.html", {"page": made})
        messages.success(request, f"“{setting.rule.title}” is saved. It counts from the next run of the rules on.")
        return redirect("risk_rules")
    effect = page.effect(form, day=day, now=timezone.now())
    return render(request, "risks/rule.html", {"page": page.page(setting, day=day, values=values, effect=effect)})


def _demand_admin(request: HttpRequest) -> None:
    if not can_manage_risk_rules(request.user):
        raise PermissionDenied
