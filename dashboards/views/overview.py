"""The first page: what is at risk, what threatens it, what to do first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboards import shell
from dashboards.pages import overview as page


def overview(request: HttpRequest) -> HttpResponse:
    made = page.overview(request.user, request.GET, now=timezone.now(), day=timezone.localdate())
    shell.remember(request, made.promises, made.ages)
    shell.remember_needs(request, made.needs.count)
    return render(request, "overview/overview.html", {"page": made})
