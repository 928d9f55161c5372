"""What a reader sees when a form came from nowhere, and in place of the account pages Headway does not offer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from dashboards.pages import unsaved


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nothing was saved. What was typed is shown so that it is not lost; it is never sent again by itself."""
    return render(request, "gate/csrf.html", {"page": unsaved.page(request)}, status=403)


@csrf_exempt
@login_not_required
def address_kept(request: HttpRequest, **_: str) -> HttpResponse:
    """Nobody changes or confirms an address by themselves: an administrator does."""
    return render(request, "gate/address_kept.html", status=200 if request.method in ("GET", "HEAD") else 403)
