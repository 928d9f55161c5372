"""One source, and the buttons on its page."""

from __future__ import annotations

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_htmx.http import HttpResponseStopPolling

from dashboards import words
from dashboards.pages import source as pages
from dashboards.pages import source_first as first_pages
from dashboards.pages import source_resync as resync_pages
from dashboards.pages.source_runs import KINDS
from dashboards.pages.sources import PAUSED, asked
from dashboards.views.managed import managed
from dashboards.views.queued import later_if_away
from delivery import census, secrets, sources, tasks
from delivery.access import visible_sources
from delivery.models import Source, SourceSlice

QUIET = 60  # seconds between two wishes of the same kind
HOOK = "hook_secret"  # in the session, sealed, until it was shown


@managed
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page; asked by its own table, only what changes, until nothing is being read."""
    found = get_object_or_404(visible_sources(request.user), pk=pk)
    polls = request.htmx  # type: ignore[attr-defined]
    secret = "" if polls else _hook_secret(request, found)
    page = pages.page(request.user, found, now=timezone.now(), asked=bool(cache.get(asked(found.pk))), secret=secret)
    if not polls:
        answer = render(request, "sources/source.html", {"page": page})
        if secret:
            patch_cache_control(answer, no_store=True)  # nor does going back show it again
        return answer
    live = render(request, "sources/_parts.html", {"page": page})
    return live if page.reading else HttpResponseStopPolling(live.content)


@managed
def source_first(request: HttpRequest, pk: int) -> HttpResponse:
    """What has come of a new source, drawn; it asks again by itself until everything is there."""
    found = get_object_or_404(visible_sources(request.user), pk=pk)
    if found.disconnected is not None:
        return redirect("source", found.pk)
    page = first_pages.page(request.user, found, now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "sources/first.html", {"page": page})
    live = render(request, "sources/_first.html", {"page": page})
    return live if page.reading else HttpResponseStopPolling(live.content)


@managed
def source_pause(request: HttpRequest, pk: int) -> HttpResponse:
    found = _active(request, pk)
    if request.method == "POST":
        sources.pause(found)
        messages.success(
            request, f"{found.name} is paused: it is read no more until you resume it. What is there stays."
        )
    return _back(request, found)


@managed
def source_resume(request: HttpRequest, pk: int) -> HttpResponse:
    found = _active(request, pk)
    if request.method == "POST":
        sources.resume(found)
        with later_if_away():
            cache.set(asked(found.pk), True, QUIET)
            tasks.read_now.delay(source_id=found.pk)
        messages.success(request, f"{found.name} is read again, from where it stopped.")
    return _back(request, found)


@managed
def source_resync(request: HttpRequest, pk: int) -> HttpResponse:
    """What reading everything again would cost; then it is done."""
    found = _active(request, pk)
    if found.paused:
        return _paused(request, found)
    if request.method != "POST":
        return render(request, "sources/resync.html", {"page": resync_pages.page(found)})
    if cache.add(f"resync-{found.pk}", True, QUIET):
        cache.set(asked(found.pk), True, QUIET)
        tasks.read_now.delay(source_id=found.pk, full=True)
        messages.success(request, f"Everything of {found.name} is read again. What is there stays until then.")
    else:
        messages.info(request, f"{found.name} was asked less than a minute ago and is on its way.")
    return redirect("source", found.pk)


@managed
def source_retry(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    """Read one part again."""
    found, one = _active(request, pk), get_object_or_404(SourceSlice, pk=part, source=pk)
    if found.paused:
        return _paused(request, found)
    if request.method == "POST":
        if cache.add(f"retry-{one.pk}", True, QUIET // 6):
            cache.set(asked(found.pk), True, QUIET)
            tasks.retry_slice.delay(slice_id=one.pk)
        messages.success(request, f"{words.capital(_named(one))} are read again now.")
    return redirect("source", found.pk)


@managed
def source_accept(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    """What a part no longer shows is really gone, says a person."""
    found, one = _active(request, pk), get_object_or_404(SourceSlice, pk=part, source=pk)
    if request.method == "POST":
        census.accept(one)
        with later_if_away():
            tasks.count_slice.delay(slice_id=one.pk)
        messages.success(
            request, f"What is no longer among the {_named(one)} counts as deleted once that is confirmed."
        )
    return redirect("source", found.pk)


@managed
def source_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret for webhooks, shown on the next page and never again."""
    found = _active(request, pk)
    if request.method == "POST":
        request.session[HOOK] = {str(found.pk): secrets.seal(sources.make_hook_secret(found))}
    return redirect(f"{request.path.removesuffix('hook/')}#hooks")


def _named(part: SourceSlice) -> str:
    return f"{KINDS.get(part.kind, part.kind)} of {part.scope}"


def _paused(request: HttpRequest, found: Source) -> HttpResponse:
    """Somebody has paused it meanwhile: nothing is read before it is resumed."""
    messages.info(request, PAUSED.format(name=found.name))
    return _back(request, found)


def _hook_secret(request: HttpRequest, found: Source) -> str:
    sealed = request.session.get(HOOK, {}).get(str(found.pk), "")
    if not sealed:
        return ""
    del request.session[HOOK]
    try:
        return secrets.unseal(sealed)
    except secrets.SecretError:
        return ""


def _active(request: HttpRequest, pk: int) -> Source:
    """A source that can still be told something; what is disconnected has only its page."""
    return get_object_or_404(visible_sources(request.user), pk=pk, disconnected__isnull=True, removing=False)


def _back(request: HttpRequest, found: Source) -> HttpResponse:
    """To the page the button was on."""
    return redirect("sources") if request.POST.get("on") == "list" else redirect("source", found.pk)
