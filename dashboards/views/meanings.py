"""What a source's words mean: its statuses, which items are of which kind, what is a deployment."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dashboards import typed, words
from dashboards.pages import meaning_deployments, meaning_kinds, meaning_statuses
from dashboards.views.managed import managed
from dashboards.views.queued import later_if_away
from delivery import tasks
from delivery.access import visible_sources
from delivery.models import Source

SAVE = "save"


@managed
def source_statuses(request: HttpRequest, pk: int) -> HttpResponse:
    """The statuses of a source, or of one project of it; a form that is posted is looked at, or saved."""
    source, data = _found(request, pk), typed.posted(request)
    project = (data or request.GET).get("project", "").replace("\0", "")
    clash = False
    if request.method == "POST" and data is not None and data.get("do") == SAVE:
        changed = meaning_statuses.save(source, data)
        if changed is not None:
            _saved(request, source, f"{words.plural(changed, 'item')} came out different.")
            here = reverse("source_statuses", args=[pk])
            return redirect(f"{here}?{urlencode({'project': project})}" if project else here)
        clash = True
    page = meaning_statuses.page(source, project, data, at=timezone.now(), clash=clash)
    return render(request, "meanings/statuses.html", {"page": page})


@managed
def source_kinds(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules for kinds of items; a form that is posted is changed by its button and looked at, or saved."""
    source, data = _found(request, pk), typed.posted(request)
    clash = False
    if request.method == "POST" and data is not None and data.get("do") == SAVE:
        changed = meaning_kinds.save(source, data)
        clash = changed is None and meaning_kinds.clashes(source, data)
        if changed is not None:
            _saved(request, source, f"{words.plural(changed, 'item')} changed kind.")
            return redirect("source_kinds", pk)
    page = meaning_kinds.page(source, data, at=timezone.now(), clash=clash)
    return render(request, "meanings/kinds.html", {"page": page})


@managed
def source_deployments(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules for deployments; a form that is posted is changed by its button and looked at, or saved."""
    source, data = _found(request, pk), typed.posted(request)
    clash = False
    if request.method == "POST" and data is not None and data.get("do") == SAVE:
        written = meaning_deployments.save(source, data)
        clash = written is None and meaning_deployments.clashes(source, data)
        if written is not None:
            told = f"{words.plural(written.inserted, 'deployment')} came, {written.updated} changed, {written.deleted} went."
            _saved(request, source, told)
            return redirect("source_deployments", pk)
    page = meaning_deployments.page(source, data, at=timezone.now(), clash=clash)
    return render(request, "meanings/deployments.html", {"page": page})


def _saved(request: HttpRequest, source: Source, told: str) -> None:
    with later_if_away():
        tasks.after_sync.delay(source_id=source.pk)
    messages.success(request, f"Saved. {told} Charts follow at once, forecasts with their next run.")


def _found(request: HttpRequest, pk: int) -> Source:
    return get_object_or_404(visible_sources(request.user), pk=pk, removing=False)
