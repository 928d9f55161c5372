"""What a reader sees when a request or a form makes no sense, and in place of the account pages Headway does not offer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.csrf import csrf_exempt

from dashboards.pages import unsaved


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Made without the request: one that names a wrong host has come no further than that, and has no user yet."""
    return HttpResponseBadRequest(get_template("400.html").render())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nothing was saved. What was typed is shown so that it is not lost; it is never sent again by itself."""
    return render(request, "gate/csrf.html", {"page": unsaved.page(request)}, status=403)


@csrf_exempt
@login_not_required
def address_kept(request: HttpRequest, **_: str) -> HttpResponse:
    """Nobody changes or confirms an address by themselves: an administrator does."""
    return render(request, "gate/address_kept.html", status=200 if request.method in ("GET", "HEAD") else 403)
