"""Declared against computed status, all of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboards.pages import disagreement as page
from dashboards.shell import remember


def disagreement(request: HttpRequest) -> HttpResponse:
    day = timezone.localdate()
    made = page.disagreement(request.user, request.GET, day=day)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-disagreement-{day}.csv"'}
        return HttpResponse(page.as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)
    remember(request, made.promises)
    return render(request, "goals/disagreement.html", {"page": made})
