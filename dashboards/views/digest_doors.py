"""What works without a login, because who holds the link got it by e-mail: confirm, stop, read, was it useful.

Looking changes nothing: mail scanners follow every link. Each change is one press of a button. The token is the permission,
whoever holds it and whatever else their browser keeps: no cookie is asked for, and because the address is told to nobody
(no-referrer) a browser could not say where it comes from either.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from dashboards.digest import links, standing, subscriptions
from dashboards.digest.addresses import Addresses
from dashboards.digest.records import from_json
from dashboards.models.subscription import BY_LETTER


@csrf_exempt
@never_cache
@login_not_required
def digest_confirm(request: HttpRequest, token: str) -> HttpResponse:
    row = links.to_confirm(token)
    if row is None:
        return _door(request, "expired", status=410)
    done = request.method == "POST"
    if done:
        standing.confirm(row, now=timezone.now())
    return _door(request, "confirm", row=row, done=done)


@csrf_exempt  # mail services press the button without having looked at the page (RFC 8058)
@never_cache
@login_not_required
def digest_stop(request: HttpRequest, token: str) -> HttpResponse:
    row = links.to_stop(token)
    if row is None:
        return _door(request, "expired", status=410)
    if request.method == "POST":
        if request.POST.get("again") == "yes":
            standing.take_back(row, now=timezone.now())
        else:
            standing.stop(row, now=timezone.now(), why=BY_LETTER)
        row.refresh_from_db()
    own = row.stopped_why == BY_LETTER
    return _door(request, "stop", row=row, done=row.stopped is not None, own=own, posted=request.method == "POST")


@never_cache
@login_not_required
def digest_read(request: HttpRequest, token: str) -> HttpResponse:
    """The digest as a page: all that its links lead to."""
    issue = links.to_read(token)
    if issue is None:
        return _door(request, "expired", status=410)
    context = {"digest": from_json(issue.content or {}), "addresses": Addresses("", read=request.path)}
    return _sealed(render(request, "digest/read.html", context))


@csrf_exempt
@never_cache
@login_not_required
def digest_useful(request: HttpRequest, token: str) -> HttpResponse:
    """One click in the e-mail: the page sends the answer by itself, where scripts run."""
    issue = links.to_rate(token)
    if issue is None:
        return _door(request, "expired", status=410)
    said = request.POST.get("said") if request.method == "POST" else request.GET.get("said")
    if request.method == "POST" and said in ("yes", "no"):
        subscriptions.rate(issue.pk, said == "yes", now=timezone.now())
        return _door(request, "useful", said=said, done=True)
    return _door(request, "useful", said=said if said in ("yes", "no") else "", done=False)


def _door(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return _sealed(render(request, f"digest/doors/{name}.html", context, status=status))


def _sealed(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no search engine and no other site may learn it."""
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
