"""The sources: how fresh they are, and a word to read one now."""

from __future__ import annotations

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django_htmx.http import HttpResponseStopPolling

from dashboards.pages import sources as pages
from dashboards.pages.freshness import source_ages
from delivery import tasks
from delivery.access import can_manage_sources, visible_sources

QUIET = 60  # seconds between two wishes to read the same source


def sources(request: HttpRequest) -> HttpResponse:
    """The whole page; asked by its own list, only what changes, until nothing is being read."""
    now = timezone.now()
    ages = source_ages(request.user, now)
    request.source_ages = ages  # type: ignore[attr-defined]  # the shell tells them too
    page = pages.page(request.user, now=now, unread={one.name: one.standing.unread for one in ages})
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "sources/sources.html", {"page": page})
    live = render(request, "sources/_live.html", {"page": page})
    return live if page.reading else HttpResponseStopPolling(live.content)


def source_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever comes back here after a login, by GET, is led to the page with the button."""
    if not can_manage_sources(request.user):
        raise PermissionDenied
    source = get_object_or_404(visible_sources(request.user), pk=pk, disconnected__isnull=True)
    if request.method != "POST":
        return redirect("sources")
    if source.paused:
        messages.info(request, pages.PAUSED.format(name=source.name))
    elif cache.add(pages.asked(source.pk), True, QUIET):
        tasks.read_now.delay(source_id=source.pk)
        messages.success(request, f"{source.name} is read now. This page follows it once the reading begins.")
    else:
        messages.info(request, f"{source.name} was asked less than a minute ago and is on its way.")
    return redirect("source", source.pk) if request.POST.get("on") == "source" else redirect("sources")
