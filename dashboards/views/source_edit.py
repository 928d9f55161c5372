"""Changing a source: what it reads, its token, and parting from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dashboards import typed
from dashboards.forms.connect import SECRETS, SignIn
from dashboards.forms.edit import Disconnect, Edit, edited, seen, told
from dashboards.pages import source_connecting, source_leaving
from dashboards.pages import source_token as token_pages
from dashboards.pages.sources import asked
from dashboards.views.managed import managed
from dashboards.views.queued import later_if_away
from delivery import sources, tasks
from delivery.access import visible_sources
from delivery.connectors.contract import ConnectorError
from delivery.models import Source

MINUTE = 60
Errors = Mapping[str, Any]  # the texts of each field


@managed
def source_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, scopes, patterns, window, share, points field, worklogs: checked with the source before they are kept."""
    found = _found(request, pk)
    if found.disconnected is not None:
        return redirect("source", found.pk)
    data = typed.posted(request)
    if data is None:
        return _edit(request, found, edited(found))
    form = Edit(found, data)
    if request.method != "POST" or not form.is_valid():
        return _edit(request, found, data.dict(), form.errors)
    if data.get("seen", seen(found)) != seen(found):
        return _edit(request, found, {**data.dict(), "seen": seen(found)}, theirs=told(found))
    try:
        source_connecting.demand_fitting(found, form.choices.scopes, form.choices.patterns)
        sources.edit_source(found, name=form.cleaned_data["name"], choices=form.choices)
    except ConnectorError as error:
        return _edit(request, found, data.dict(), {"scopes": [str(error)]})
    messages.success(request, f"{found.name} is changed, and {_read(found, 'what is new is being read')}.")
    return redirect("source", found.pk)


@managed
def source_token(request: HttpRequest, pk: int) -> HttpResponse:
    """A new token for the same server; everything else stays as it is."""
    found = _found(request, pk)
    data = typed.posted(request)
    way = token_pages.way_of(found, (data or request.GET).get("way", ""))
    if data is None:
        return _token(request, found, way.id, token_pages.shown(found))
    kept = token_pages.keep(found.pk, request.user, data)
    form = SignIn(way, {**data.dict(), **kept, "name": found.name}, another=found.pk)
    if request.method != "POST" or not form.is_valid():
        return _token(request, found, way.id, data.dict(), form.errors, tuple(kept))
    try:
        found = sources.renew_token(found, token_pages.signed(way, form.cleaned_data, found))
    except ConnectorError as error:
        return _token(
            request, found, way.id, data.dict(), {source_connecting.field_of(error, way): [str(error)]}, tuple(kept)
        )
    token_pages.forget(found.pk, request.user)
    goes_on = _read(found, "reading goes on where it stopped")
    messages.success(request, f"The new token of {found.name} is good, and {goes_on}.")
    return redirect("source", found.pk)


@managed
def source_disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what was read, or delete it too. The token is forgotten either way."""
    found = get_object_or_404(visible_sources(request.user), pk=pk)
    if found.removing:
        messages.info(request, f"{found.name} is being deleted already.")
        return redirect("sources")
    data = typed.posted(request)
    form = Disconnect(found, data) if data is not None else None
    if request.method == "POST" and form is not None and form.is_valid():
        keep = form.cleaned_data["stays"] == "keep"
        sources.disconnect(found, keep=keep, now=timezone.now())
        if not keep:
            with later_if_away():
                tasks.remove_source.delay(source_id=found.pk)
        stays = "What it brought stays." if keep else "What it brought is being deleted."
        messages.success(request, f"{found.name} is disconnected and its token forgotten. {stays}")
        return redirect("sources")
    page = source_leaving.page(found)
    values = data.dict() if data is not None else {}
    return render(
        request, "sources/disconnect.html", {"page": page, "values": values, "errors": form.errors if form else {}}
    )


def _edit(
    request: HttpRequest,
    found: Source,
    values: Mapping[str, Any],
    errors: Errors | None = None,
    theirs: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    """``theirs``: the source as somebody else has changed it since the form was made."""
    shown = {"source": found, "values": values, "errors": errors or {}, "theirs": theirs}
    return render(request, "sources/edit.html", shown)


def _token(
    request: HttpRequest,
    found: Source,
    way: str,
    values: Mapping[str, Any],
    errors: Errors | None = None,
    kept: tuple[str, ...] = (),
) -> HttpResponse:
    page = token_pages.page(found, way, values={**values, **dict.fromkeys(SECRETS, "")}, errors=errors or {}, kept=kept)
    return render(request, "sources/token.html", {"page": page})


def _read(found: Source, says: str) -> str:
    """Have it read; ``says`` that, unless it is paused."""
    if found.paused:
        return "it stays paused until you resume it"
    with later_if_away():
        cache.set(asked(found.pk), True, MINUTE)
        tasks.read_now.delay(source_id=found.pk)
    return says


def _found(request: HttpRequest, pk: int) -> Source:
    return get_object_or_404(visible_sources(request.user), pk=pk, removing=False)
