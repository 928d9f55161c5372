"""How often forecasts come true."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboards.pages import accuracy as pages


def accuracy(request: HttpRequest) -> HttpResponse:
    made = pages.page(request.user, request.GET, day=timezone.localdate())
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="headway-accuracy-{timezone.localdate()}.csv"'}
        return HttpResponse(pages.as_csv(made), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, "accuracy/accuracy.html", {"page": made})
