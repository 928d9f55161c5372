"""The register of risks, one of them, and a new one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards import typed
from dashboards.forms import risk as forms
from dashboards.pages import risk as one
from dashboards.pages import risk_new as new
from dashboards.pages import risk_rows
from dashboards.pages import risks as page
from delivery import risks as register
from delivery.access import can_add_risk, can_edit_risk
from delivery.models import Risk
from people.models import Person

CLOSE = "close"


def risks(request: HttpRequest) -> HttpResponse:
    made = page.risks(request.user, request.GET, day=timezone.localdate())
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-risks-{timezone.localdate()}.csv"'}
        text = page.as_csv(made.shown, timezone.localdate())
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "risks/risks.html", {"page": made})


def risk(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a risk; a form that is posted changes it or closes it."""
    found = get_object_or_404(risk_rows.rows_of(request.user), pk=pk)
    data = typed.posted(request)
    if request.method == "POST" and not can_edit_risk(request.user, found):
        raise PermissionDenied
    if data is None:
        return _shown(request, found)
    return _close(request, found, data) if data.get("do") == CLOSE else _change(request, found, data)


def _change(request: HttpRequest, found: Risk, data: QueryDict) -> HttpResponse:
    form = forms.Change(found, data)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, found, data, forms.first_errors(form))
    told: Any = {"by": request.user, "at": timezone.now(), "seen": forms.seen_at(data.get("seen", ""))}
    try:
        _demand_open(found)
        register.change_risk(found, note=form.cleaned_data["note"], **told, **form.changes)
    except register.Conflict:
        return _clash(request, found, data)
    messages.success(request, "Saved. It is in the history below.")
    return redirect("risk", found.pk)


def _close(request: HttpRequest, found: Risk, data: QueryDict) -> HttpResponse:
    form = forms.Close(data)
    if request.method != "POST" or not form.is_valid():
        return _shown(request, found, {**forms.values_of(found), **data.dict()}, forms.first_errors(form))
    try:
        _demand_open(found)
        register.close_risk(
            found,
            by=cast(Person, request.user),
            at=timezone.now(),
            seen=forms.seen_at(data.get("seen", "")),
            reason=form.cleaned_data["reason"],
        )
    except register.Conflict:
        return _clash(request, found, {**forms.values_of(found), **data.dict()})
    messages.success(request, "Closed. Where a rule still finds its cause, it opens another one.")
    return redirect("risk", found.pk)


def _demand_open(found: Risk) -> None:
    if found.closed is not None:
        raise register.Conflict(found)


def _clash(request: HttpRequest, found: Risk, data: Any) -> HttpResponse:
    """What was typed beside what counts now; sent again, it stands."""
    now = get_object_or_404(risk_rows.rows_of(request.user), pk=found.pk)
    return _shown(request, now, {**_flat(data), "seen": forms.seen(now)}, clash=True)


def _shown(
    request: HttpRequest, found: Risk, data: Any = None, errors: Any = None, *, clash: bool = False
) -> HttpResponse:
    values = None if data is None else _flat(data)
    made = one.risk(request.user, found, day=timezone.localdate(), values=values, errors=errors, clash=clash)
    return render(request, "risks/risk.html", {"page": made})


def _flat(data: Any) -> dict[str, Any]:
    return data.dict() if isinstance(data, QueryDict) else dict(data)


def risk_new(request: HttpRequest) -> HttpResponse:
    """A risk that a person sees, about what the URL names."""
    name, about = new.subject(request.user, request.GET)
    threatened: Any = {name: about}
    if not can_add_risk(request.user, **threatened):
        raise PermissionDenied
    data = typed.posted(request)
    if data is None:
        return render(request, "risks/new.html", {"page": new.page(name, about)})
    form = forms.New(about, data)
    if request.method != "POST" or not form.is_valid():
        return render(request, "risks/new.html", {"page": new.page(name, about, data.dict(), forms.first_errors(form))})
    made = register.add_risk(by=cast(Person, request.user), at=timezone.now(), **threatened, **form.cleaned_data)
    messages.success(request, "Written down. It stays open until somebody closes it.")
    return redirect("risk", made.pk)
