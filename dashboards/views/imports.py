"""Import of a file: looked at first, then imported as it was looked at; and the files to begin with."""

from __future__ import annotations

import json
import secrets as random_secrets
from typing import Final

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from dashboards.pages import imports as page
from delivery import csv_plans, secrets
from delivery.core import csv_text
from delivery.csv_kinds import Plan

KEPT: Final = 3600  # seconds
APPLY: Final = "apply"
TEMPLATE: Final = "imports/imports.html"
GONE: Final = "The file was looked at too long ago, or is imported already: choose it again."


def import_csv(request: HttpRequest) -> HttpResponse:
    """Choose a file, see what it would do, and do it."""
    may = _demand_writer(request)
    if request.method != "POST":
        return render(request, TEMPLATE, {"page": page.empty(may, request.GET.get("kind", ""))})
    return _apply(request, may) if request.POST.get("do") == APPLY else _look(request, may)


def export_csv(request: HttpRequest, kind: str) -> HttpResponse:
    """All of a kind that the person may see."""
    _demand_writer(request)
    if kind not in csv_plans.KINDS:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="headway-{kind}-{timezone.localdate()}.csv"'}
    text = csv_plans.export(kind, user=request.user)
    return HttpResponse(f"\ufeff{text}", content_type="text/csv; charset=utf-8", headers=headers)


def _demand_writer(request: HttpRequest) -> tuple[str, ...]:
    may = csv_plans.importable(request.user)
    if not may:
        raise PermissionDenied
    return may


def _look(request: HttpRequest, may: tuple[str, ...]) -> HttpResponse:
    kind, sent = request.POST.get("kind", ""), request.FILES.get("file")
    errors = {} if kind in may else {"kind": "Choose what the lines of the file are."}
    text = ""
    if sent is None:
        errors["file"] = "Choose a CSV file, such as one that was exported here."
    elif (sent.size or 0) > csv_text.MOST_BYTES:
        errors["file"] = "The file is larger than 5 MB: split it, and import the parts one after the other."
    else:
        try:
            text = csv_text.decoded(sent.read())
        except ValueError as error:
            errors["file"] = str(error)
    if errors:
        return render(request, TEMPLATE, {"page": page.empty(may, kind, errors)})
    plan = csv_plans.plan(kind, text, user=request.user)
    return _shown(request, may, plan)


def _shown(request: HttpRequest, may: tuple[str, ...], plan: Plan) -> HttpResponse:
    key = _keep(request, plan) if plan.changes_something else ""
    return render(request, TEMPLATE, {"page": page.planned(may, plan, key)})


def _keep(request: HttpRequest, plan: Plan) -> str:
    """The text stays here, sealed and for an hour: what is imported is what was looked at."""
    key = random_secrets.token_urlsafe(24)
    cache.set(_named(request, key), secrets.seal(json.dumps([plan.kind, plan.text])), KEPT)
    return key


def _kept(request: HttpRequest, key: str) -> tuple[str, str] | None:
    try:
        kind, text = json.loads(secrets.unseal(cache.get(_named(request, key), "")))
    except (secrets.SecretError, ValueError):
        return None
    return kind, text


def _named(request: HttpRequest, key: str) -> str:
    """A key is good for the one who was given it, and for nobody else."""
    return f"import:{request.user.pk}:{key}"


def _apply(request: HttpRequest, may: tuple[str, ...]) -> HttpResponse:
    key = request.POST.get("key", "")[:64]
    kept = _kept(request, key)
    if kept is None or kept[0] not in may:
        return render(request, TEMPLATE, {"page": page.empty(may, "", {"file": GONE})})
    plan = csv_plans.plan(*kept, user=request.user)
    try:
        if plan.digest != request.POST.get("digest", ""):
            raise csv_plans.Changed(plan)
        done = csv_plans.apply(plan)
    except csv_plans.Changed as changed:
        messages.warning(request, "Something has changed since you looked: this is what the file would do now.")
        return _shown(request, may, changed.plan)
    cache.delete(_named(request, key))
    messages.success(
        request, f"Imported {page.counted(done)}: {done.count('new'):,} new, {done.count('changed'):,} changed."
    )
    return redirect("import_csv")
