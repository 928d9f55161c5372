"""To Atlassian and back: a person allows Headway to read their Jira, for a new source or one that lost its way."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from delivery import consent, sources
from delivery.access import can_manage_sources, visible_sources
from delivery.connectors.contract import ConnectorError
from delivery.consent import Consent

ASKED, ALLOWED = "source_oauth_asked", "source_oauth_allowed"  # in the session


@require_GET
def source_oauth_start(request: HttpRequest) -> HttpResponse:
    """Off to Atlassian. ``source``: the one to connect again; ``next``: where to come back to. A link and no form:
    the page's policy lets no form lead to another site.
    """
    _demand(request)
    after = request.GET.get("next", "")
    if not after.startswith("/") or not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = reverse("sources")
    try:
        url, state = consent.ask(_callback())
    except ConnectorError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(after)
    request.session[ASKED] = {"state": state, "source": request.GET.get("source", ""), "next": after}
    return redirect(url)


@require_GET
def source_oauth_callback(request: HttpRequest) -> HttpResponse:
    """Back from Atlassian: what was allowed waits, sealed, in the session; or the source goes on with it at once."""
    _demand(request)
    asked: dict[str, Any] = request.session.pop(ASKED, None) or {}
    after = asked.get("next") or reverse("sources")
    if not asked or not constant_time_compare(request.GET.get("state", ""), asked["state"]):
        messages.error(request, "This answer of Atlassian's belongs to no question of yours: begin again.")
        return HttpResponseRedirect(after)
    if not request.GET.get("code"):
        messages.info(request, "You did not allow it at Atlassian: nothing was changed.")
        return HttpResponseRedirect(after)
    try:
        allowed = consent.brought_back(request.GET["code"], _callback())
        if asked["source"].isdecimal():
            _connect_again(request, allowed, int(asked["source"]))
        else:
            request.session[ALLOWED] = consent.seal(allowed)
    except ConnectorError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(after)  # an address, be it of a page or not


def consent_of(request: HttpRequest) -> Consent | None:
    """What the person has allowed within the last hour and not used yet."""
    sealed = request.session.get(ALLOWED)
    allowed = consent.unseal(sealed, now=timezone.now()) if sealed else None
    if sealed and allowed is None:
        forget_consent(request)  # too old to become anything
    return allowed


def forget_consent(request: HttpRequest) -> None:
    """It became a source, whose refresh token works once; or it is to become none."""
    request.session.pop(ALLOWED, None)


def _connect_again(request: HttpRequest, allowed: Consent, pk: int) -> None:
    source = get_object_or_404(visible_sources(request.user), pk=pk)
    sources.renew_token(source, allowed.sign_in(consent.of_source(allowed, source)))
    messages.success(request, f"{source.name} is connected again and goes on where it stopped.")


def _callback() -> str:
    return f"{settings.PUBLIC_URL}{reverse('source_oauth_callback')}"


def _demand(request: HttpRequest) -> None:
    if not can_manage_sources(request.user):
        raise PermissionDenied
