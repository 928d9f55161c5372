"""What would change the answer, asked anew with every lever that moves; and what Headway would propose."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import replace_url

from dashboards.forms.what_if import WhatIf
from dashboards.pages import suggestions as suggested
from dashboards.pages import what_if as pages
from delivery.access import visible_deliverables
from delivery.models import Deliverable
from delivery.open_levers import open_levers


def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Only the outcome, for who moves a lever; everybody else is led to the page that has both."""
    row, day = _open(request, pk), timezone.localdate()
    page = reverse("deliverable", args=[row.pk])
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{page}?{request.GET.urlencode()}#what-if")
    form = WhatIf(request.GET, row, open_levers(row, day=day), day=day)
    answer = pages.answer(row, form, query=form.query, day=day)
    shown = render(request, "deliverables/_what_if_answer.html", {"answer": answer, "swapped": True})
    return replace_url(shown, f"{page}?{form.query}" if form.query else page)


def suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    """The list alone for the page that waits for it, a page of its own without script."""
    row = _open(request, pk)
    page = suggested.suggestions(request.user, row, day=timezone.localdate())
    part = "_suggestions_list" if request.htmx else "suggestions"  # type: ignore[attr-defined]
    return render(request, f"deliverables/{part}.html", {"suggestions": page, "title": row.title})


def _open(request: HttpRequest, pk: int) -> Deliverable:
    rows = visible_deliverables(request.user).filter(dropped=None, delivered=None).select_related("team", "owner")
    return get_object_or_404(rows, pk=pk)
